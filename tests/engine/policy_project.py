"""Runs of the real CLI with the pack, as a person reads them."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from pathlib import Path

EXECUTABLE = Path(sysconfig.get_path("scripts"), "pulumi-analyzer-wechat-miniprogram")


def with_pack(project, *command, config=None, pack=EXECUTABLE, without=(), **environment):
    """Run a command with a pack and return its exit code and all that it printed."""
    options = ["--policy-pack", str(pack)]
    if config is not None:
        path = project.folder / "policy.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        options += ["--policy-pack-config", str(path)]
    kept = {name: value for name, value in project.environment.items() if name not in without}
    done = subprocess.run(
        ["pulumi", *command, *options, "--non-interactive"],
        cwd=project.folder,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def preview(project, config=None, **options):
    """Preview with a pack."""
    return with_pack(project, "preview", "--suppress-progress", config=config, **options)


def up(project, config=None, **options):
    """Update with a pack, without the preview."""
    return with_pack(
        project, "up", "--yes", "--skip-preview", "--suppress-progress", config=config, **options
    )


def reported(result):
    """The exit code and what the policies said, without what differs from machine to machine."""
    code, text = result
    found = re.search(r"^Policies:\n(.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    section = found[1] if found else "  nothing"
    section = re.sub(r"(wechat-miniprogram@v)[^\s]+", r"\1VERSION", section)
    return f"exit code {code}\n" + re.sub(r" \(local: [^)]*\)", " (local: PACK)", section) + "\n"


def errors(result):
    """The exit code and the lines of the error, without the project's own paths."""
    code, text = result
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("error: "))
    error = "\n".join(lines[first:]).rstrip()
    return f"exit code {code}\n" + re.sub(r'"/[^"]*"', '"PACK"', error) + "\n"
