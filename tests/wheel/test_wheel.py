"""What a user installs: the files of the wheel, and their use without an extra."""

from __future__ import annotations

import json
from zipfile import ZipFile

import pytest

PACKAGE = "pulumi_wechat_miniprogram"
EMULATOR = "wechat_miniprogram_emulator"
EXTRAS = (
    "distributed",
    "homoglyphs_fork",
    "jinja2",
    "pulumi_policy",
    "rich",
    "starlette",
    "typer",
    "uvicorn",
)


@pytest.fixture(scope="module")
def names(wheel):
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_pulumi_looks_for_no_plugin(wheel):
    """The engine must not try to install a resource plugin of the package's name."""
    with ZipFile(wheel) as archive:
        assert json.loads(archive.read(f"{PACKAGE}/pulumi-plugin.json")) == {"resource": False}


@pytest.mark.parametrize("package", [PACKAGE, EMULATOR])
def test_the_packages_are_typed(names, package):
    """Type checkers look for the marker."""
    assert f"{package}/py.typed" in names


def test_the_directory_of_the_policy_pack_is_inside(names):
    """The yaml that a CLI looks for, and the program beside it."""
    folder = f"{PACKAGE}/policy/pack"

    assert {f"{folder}/PulumiPolicy.yaml", f"{folder}/__main__.py"} <= set(names)


def test_the_parts_of_the_report_are_inside(names):
    """Template, style and script, which are no modules."""
    folder = f"{PACKAGE}/cli/report"

    assert {f"{folder}/page.{part}" for part in ("css", "html.jinja", "js")} <= set(names)


def test_the_licence_is_inside(names):
    """The licence travels with the code."""
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")] != []


def test_pytest_finds_the_fixtures(wheel, names):
    """By the entry point, without a line in the user's project."""
    (entry_points,) = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
    with ZipFile(wheel) as archive:
        lines = archive.read(entry_points).decode().splitlines()

    assert f"wechat-miniprogram = {EMULATOR}.pytest_plugin" in lines[lines.index("[pytest11]") :]


def test_the_emulators_page_is_inside(names):
    """Templates, style and icon are package data."""
    folder = f"{EMULATOR}/page/"

    assert {"app.html", "apps.html", "base.html", "icon.svg", "page.css"} <= {
        name.removeprefix(folder) for name in names if name.startswith(folder)
    }


def test_nothing_but_the_packages_is_inside(names):
    """No test, tool or example gets into a user's environment."""
    tops = {name.partition("/")[0] for name in names}

    assert {PACKAGE, EMULATOR} <= tops
    assert [top for top in tops - {PACKAGE, EMULATOR} if not top.endswith(".dist-info")] == []
    assert [name for name in names if name.rpartition("/")[2].startswith(("test_", "conftest"))] == []


def test_every_name_of_the_package_is_there_without_an_extra(run, python, tmp_path):
    """`import pulumi_wechat_miniprogram` and all that it offers needs the requirements alone."""
    program = f"import {PACKAGE} as p; print([type(getattr(p, name)).__name__ for name in p.__all__])"

    kinds = [*["type"] * 10, "str", *["function"] * 8]
    assert run(python, "-c", program, folder=tmp_path) == f"{kinds}\n"


def test_the_pinned_providers_load_without_an_extra(run, python, tmp_path):
    """What is in users' state names classes that the wheel holds and the requirements can import."""
    program = (
        "import base64, pickle; from pulumi_wechat_miniprogram.exports import kinds as p;"
        "print(*(type(pickle.loads(base64.b64decode(pin))).__name__ for pin in p.PROVIDERS.values()))"
    )

    assert run(python, "-c", program, folder=tmp_path).split() == [
        "WebviewDomainsProvider",
        "ServerDomainsProvider",
        "ConfirmFileProvider",
        "PrefetchDomainsProvider",
        "PlatformWebviewDomainsProvider",
        "PlatformServerDomainsProvider",
        "PlatformConfirmFileProvider",
    ]


def test_no_extras_package_is_installed(run, python, tmp_path):
    """The requirements do not bring in what only an extra needs."""
    program = f"from importlib.util import find_spec; print([n for n in {EXTRAS} if find_spec(n)])"

    assert run(python, "-c", program, folder=tmp_path) == "[]\n"


def test_the_installed_package_is_the_wheels(run, python, wheel, tmp_path):
    """The environment was not served from the checkout."""
    program = f"from importlib.metadata import version; print(version({PACKAGE!r}))"

    assert wheel.name == f"{PACKAGE}-{run(python, '-c', program, folder=tmp_path).strip()}-py3-none-any.whl"
