"""The public surface."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pulumi_wechat_miniprogram as package


def test_every_public_name_is_there():
    """`__all__` is sorted and each of its names loads."""
    assert package.__all__ == sorted(package.__all__)
    assert [getattr(package, name) for name in package.__all__]


def test_an_unknown_name_is_an_attribute_error():
    """A misspelt name says so."""
    with pytest.raises(AttributeError, match="has no attribute 'MiniProgramDomains'"):
        _ = package.MiniProgramDomains


def test_the_package_and_its_core_load_without_pulumi():
    """The command line and the emulator start without the SDK."""
    program = (
        "import sys, pulumi_wechat_miniprogram.lifecycle.reconcile, pulumi_wechat_miniprogram.lifecycle.rendering;"
        "print('pulumi' in sys.modules)"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "False"
