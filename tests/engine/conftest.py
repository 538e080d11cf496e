"""Pulumi projects in temporary folders, run by the real CLI against an emulator over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

APPID = "wx0123456789abcdef"


class Project:
    """One Pulumi project with its own home, backend and stack."""

    def __init__(self, folder, control):
        """Make the project; its stack config holds no secret."""
        self.folder = folder
        self.control = control
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text("name: engine-test\nruntime: python\n", encoding="utf-8")
        bin_ = Path(sys.executable).parent
        self.environment = {
            **os.environ,
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_NO_LEGACY_WARNING": "true",
            "NO_COLOR": "1",
            "WECHAT_MINIPROGRAM_ENDPOINT": control.url,
            "WECHAT_MINIPROGRAM_PROBE": "false",  # no host of a test exists; those that probe map them
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({APPID: f"emulator-{APPID}"}),
        }
        self.run("stack", "init", "test")

    def program(self, text):
        """Write the program, below the imports."""
        head = "import pulumi\nfrom pulumi_wechat_miniprogram import *\n"
        (self.folder / "__main__.py").write_text(head + text, encoding="utf-8")

    def domains(self, *domains, name="shop"):
        """Write a program with one resource and its outputs."""
        self.program(
            f"r = MiniProgramWebviewDomains({name!r}, appid={APPID!r}, domains={list(domains)!r})\n"
            "for key in ('domains', 'effective_domains', 'pending_domains', 'release_required', 'added_domains'):\n"
            "    pulumi.export(key, getattr(r, key))\n"
        )

    def run(self, *arguments, fails=False, **environment):
        """Run the CLI and return what it printed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def up(self, *more, **options):
        """Update without the preview."""
        return self.run("up", "--yes", "--skip-preview", "--suppress-progress", *more, **options)

    def outputs(self):
        """Return the stack's outputs."""
        return json.loads(self.run("stack", "output", "--json"))

    def export(self):
        """Return the stack export."""
        return json.loads(self.run("stack", "export"))


@pytest.fixture
def project(tmp_path, wechat_emulator):
    """A project for one seeded app, and its emulator as `control`."""
    assert shutil.which("pulumi"), "no pulumi on PATH; run the tests by `make test`"
    wechat_emulator.seed(APPID)
    return Project(tmp_path, wechat_emulator)
