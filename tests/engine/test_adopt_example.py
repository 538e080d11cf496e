"""The walk of examples/adopt, step by step as its page has it."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/adopt"


@pytest.fixture
def port():
    """A port that is free now, and that no other test is given by the system meanwhile."""
    for port in random.sample(range(20000, 30000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return str(port)
    pytest.fail("no port is free")


def console_lines():
    """The lines of the page's consoles: commands, and what they print."""
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    return [
        line for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL) for line in block.splitlines()
    ]


def test_the_page_shows_what_happens(tmp_path, port):
    """Every command runs, and every line that the page shows is printed, in this order."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "adopt")
    lines = [line.replace("8450", port) for line in console_lines()]
    script = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "NO_COLOR": "1",
    }

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "trap 'kill $! 2>/dev/null || :' EXIT\n" + script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    printed = iter(done.stdout.splitlines())
    assert [line for line in lines if not line.startswith("$ ") and line not in printed] == []
