"""The command `wechat-miniprogram policy-pack`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.cli.app import run
from pulumi_wechat_miniprogram.cli.policy_pack import find_executable


def test_both_paths_are_printed_and_lead_somewhere(capsys):
    """Absolute, one a line: an executable file, and a directory with its yaml and program."""
    code = run(["policy-pack"])

    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    executable, directory = Path(lines["executable"]), Path(lines["directory"])
    assert code == 0
    assert (executable.is_absolute(), directory.is_absolute()) == (True, True)
    assert os.access(executable, os.X_OK)
    assert {path.name for path in directory.iterdir()} >= {"PulumiPolicy.yaml", "__main__.py"}


def test_a_missing_executable_is_an_error(tmp_path):
    """An installation without scripts explains how to get them."""
    with pytest.raises(FileNotFoundError) as missing:
        find_executable(tmp_path)

    assert str(missing.value) == (
        f"{tmp_path}/pulumi-analyzer-wechat-miniprogram is missing: install the package again, with pip install "
        "--force-reinstall"
    )
