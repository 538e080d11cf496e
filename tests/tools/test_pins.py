from __future__ import annotations

import re
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tools.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PINS = [line for line in (ROOT / "tools/pins.txt").read_text().splitlines() if not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_a_pin_is_a_name_and_a_version():
    """No address, no hash, no range: the file works with any package index."""
    pin = re.compile(r'[a-z0-9-]+==[0-9a-z.]+( ; python_version (<|>=) "3\.\d+")?')

    assert [line for line in PINS if not pin.fullmatch(line)] == []


def test_everything_the_project_asks_for_is_pinned_within_its_range():
    """Development and CI use versions that pyproject.toml allows."""
    requirements = [
        Requirement(text)
        for group in (
            PROJECT["build-system"]["requires"],
            PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"].values(),
            *PROJECT["dependency-groups"].values(),
        )
        for text in group
        if isinstance(text, str)
    ]
    pins = [Requirement(line) for line in PINS]

    assert [
        str(requirement)
        for requirement in requirements
        if not any(
            pin.name == canonicalize_name(requirement.name)
            and requirement.specifier.contains(str(pin.specifier).removeprefix("=="))
            for pin in pins
        )
    ] == []
