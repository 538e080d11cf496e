"""What a user has installed: this package without extras and what it needs, and no tool of development.

It matters for time: httpx also loads its own command line, 50 ms, where it finds click and rich.
"""

from __future__ import annotations

import importlib.metadata
import venv
from pathlib import Path

from packaging.requirements import Requirement


def make_lean_environment(folder: Path) -> Path:
    """Make an environment of links to what is installed here, and return the folder of its programs.

    Pulumi asks its pip what is installed.
    """
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python3*/site-packages"))
    for name in _needed("pulumi-wechat-miniprogram", {"pip"}):
        distribution = importlib.metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
        for top in tops:
            link = packages / top
            if not link.exists():  # several distributions may share a folder
                link.symlink_to(str(distribution.locate_file(top)))
    programs = folder / "bin"
    plugin = programs / "pulumi-resource-wechat-miniprogram"
    main = "from pulumi_wechat_miniprogram.plugin.serve import main"
    plugin.write_text(f"#!{programs}/python\n{main}\n\nmain()\n", encoding="utf-8")
    plugin.chmod(0o755)
    return programs


def _needed(name: str, found: set[str]) -> set[str]:
    found.add(name)
    for line in importlib.metadata.requires(name) or ():
        requirement = Requirement(line)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in found:
            _needed(requirement.name, found)
    return found
