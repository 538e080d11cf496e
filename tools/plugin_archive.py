"""Pack the plugin and its packages for `pulumi plugin install --file`; `make plugin-archive` runs it.

Where the archive is used it needs no installation step, network or writable folder, but the platform and the
Python version of this run: grpc, protobuf and pydantic are compiled for them.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from pulumi_wechat_miniprogram.__about__ import __version__, semantic

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = "pulumi-resource-wechat-miniprogram"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
ARCHIVE = ROOT / "dist" / f"{PLUGIN}-v{semantic(__version__)}-{sys.platform}-{MACHINE}-python{PYTHON}.tar.gz"

FITS = f"import sys; sys.exit(sys.implementation.cache_tag != '{sys.implementation.cache_tag}')"
LAUNCHER = f"""#!/bin/sh
# -IS: whatever this machine has installed, only the packages of this archive are imported.
lib=${{0%/*}}/lib
for python in python{PYTHON} python3 python; do
  "$python" -IS -c "{FITS}" 2>/dev/null && exec "$python" -IS "$lib" "$@"
done
echo "{PLUGIN} needs Python {PYTHON} on PATH, for which its archive was built." >&2
exit 1
"""
MAIN = """from pulumi_wechat_miniprogram.plugin.serve import main

main()
"""


def python(*arguments: str | Path) -> None:
    """Run Python as this script is run."""
    subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT)


def write_archive() -> None:
    """Install, compile and pack."""
    with tempfile.TemporaryDirectory() as folder:
        lib, launcher = Path(folder, "lib"), Path(folder, PLUGIN)
        pins = ["--constraint", "tools/pins.txt", "--build-constraint", "tools/pins.txt"]
        quiet = ["--quiet", "--disable-pip-version-check", "--no-compile"]
        python("-m", "pip", "install", *quiet, *pins, "--target", lib, ".[emulator]")
        (lib / "__main__.py").write_text(MAIN, encoding="utf-8")
        # Unpacking may change the times by which Python otherwise tells whether byte code is up to date.
        python("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", folder, lib)
        launcher.write_text(LAUNCHER, encoding="utf-8")
        launcher.chmod(0o755)
        ARCHIVE.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=ARCHIVE.parent) as whole:
            with tarfile.open(fileobj=whole, mode="w:gz") as archive:
                for part in (launcher, lib):
                    archive.add(part, part.name)
            whole.flush()
            Path(whole.name).chmod(0o644)
            ARCHIVE.unlink(missing_ok=True)
            ARCHIVE.hardlink_to(whole.name)


if __name__ == "__main__":
    write_archive()
    print(ARCHIVE.relative_to(ROOT))
