"""A stand-in for the Pulumi CLI, for what is decided around it; what Pulumi itself does is tested in tests/engine."""

from __future__ import annotations

import os
import shlex
import sys

import pytest


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    """Put a `pulumi` on PATH that runs a piece of Python, with the arguments in `args`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def pulumi(program):
        (folder / "program.py").write_text(
            f"import os, sys\nargs = sys.argv[1:]\n{program}", encoding="utf-8"
        )
        script = f'exec {shlex.quote(sys.executable)} {shlex.quote(str(folder / "program.py"))} "$@"\n'
        (folder / "pulumi").write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
        (folder / "pulumi").chmod(0o755)

    return pulumi
