"""What the engine's checkpoints cost, by backend and stack size, and a fleet of 1,000 apps in shards.

Run: .venv/bin/python -m benchmarks.scale checkpoints [--repeats 3]
     .venv/bin/python -m benchmarks.scale fleet [--apps 1000] [--shards 16] [--latency 0]

Needs the Pulumi CLI on PATH; the PostgreSQL part also initdb and postgres (Debian: postgresql), else it is
left out with a notice. Each emulator, database and CLI is a process of its own on this machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fleet import sow, tokens
from benchmarks.wechat import WeChat, wechat_running

ROOT = Path(__file__).parents[1]
SIZES = (50, 100, 200, 400)
POSTGRES = ("postgres", "initdb")
UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root."""
UP = ("up", "--yes", "--skip-preview", "--suppress-progress")
MODES = {
    "full": {},
    "no backups": {"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true"},
    "skipped": {"PULUMI_SKIP_CHECKPOINTS": "true"},
}
PROGRAM = """
import os
import pulumi_wechat_miniprogram as wechat
for n in range(int(os.environ["APPS"])):
    hosts = [f"https://{kind}.app{n}.example.com" for kind in ("shop", "pay", "help")]
    wechat.MiniProgramWebviewDomains(f"app{n}", appid=f"wx{n:016x}", domains=hosts)
"""


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str | None]:
    """Run a database on loopback with its data in `folder`, and give the URL of the backend."""
    if not all(shutil.which(name) for name in POSTGRES):
        print("PostgreSQL is left out: no initdb and postgres on PATH")
        yield None
        return
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    folder.mkdir()
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    subprocess.run(
        ["initdb", "--pgdata", data, "--username", "bench", "--auth", "trust", "--encoding", "UTF8"],
        check=True,
        stdout=subprocess.DEVNULL,
        user=user,
        cwd="/",
    )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["postgres", "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, user=user, cwd="/") as process:
        for line in process.stderr or ():
            if "ready to accept connections" in line:
                break
        drain = threading.Thread(target=lambda: [None for _ in process.stderr or ()], daemon=True)
        drain.start()
        yield f"postgres://bench@127.0.0.1:{port}/postgres?sslmode=disable"
        process.terminate()
        drain.join()


class Stack:
    """A project in a folder, with one stack on one backend."""

    def __init__(self, folder: Path, backend: str, url: str) -> None:
        """Write the program."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: scale\nruntime: python\n", encoding="utf-8")
        (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        self.environment = {**environment(folder, backend), "WECHAT_MINIPROGRAM_ENDPOINT": url}

    def run(self, *arguments: str, **more: str) -> float:
        """Run the CLI and return how long it took."""
        began = time.perf_counter()
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--stack", "bench"],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return took


def environment(folder: Path, backend: str) -> dict[str, str]:
    """Give a CLI its own home, and the provider a token for every app."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": backend,
        "PULUMI_CONFIG_PASSPHRASE": "bench",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DIY_BACKEND_NO_LEGACY_WARNING": "true",
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": tokens(sow(2000)),
    }


def checkpoints(repeats: int) -> None:
    """Print how long the creation of N apps takes on each backend, with checkpoints and without."""
    taken: dict[tuple[str, str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as name, wechat_running() as wechat:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "state").mkdir()
        with postgres(folder / "postgres") as database:
            backends = {"file": f"file://{folder}/state", **({"postgres": database} if database else {})}
            for turn in range(repeats + 1):  # the first one warms up
                for backend, url in backends.items():
                    stack = Stack(folder / backend, url, wechat.url)
                    for size in SIZES if turn else SIZES[:1]:
                        for mode, more in MODES.items():
                            took = create(stack, wechat, size, more)
                            if turn:
                                taken.setdefault((backend, mode, size), []).append(took)
    print("| backend | checkpoints | apps | up, median s | spread s | ms an app | checkpoints' share |")
    print("|---|---|---|---|---|---|---|")
    for (backend, mode, size), times in sorted(taken.items()):
        middle = statistics.median(times)
        share = 1 - statistics.median(taken[backend, "skipped", size]) / middle
        print(
            f"| {backend} | {mode} | {size} | {middle:.2f} | {min(times):.2f} to {max(times):.2f} "
            f"| {middle / size * 1000:.1f} | {share:.0%} |"
        )


def create(stack: Stack, wechat: WeChat, size: int, more: dict[str, str]) -> float:
    """Create so many apps in a new stack, and forget both."""
    wechat.prepare(sow(size), 0.0)
    stack.run("stack", "init")
    took = stack.run(*UP, APPS=str(size), **more)
    stack.run("stack", "rm", "--yes", "--force")
    return took


def fleet(apps: int, shards: int, latency: float, at_a_time: int) -> None:
    """Print how long `examples/fleet` takes to create, to see no change, and to refresh."""
    with tempfile.TemporaryDirectory() as name, wechat_running() as wechat:
        folder = Path(shutil.copytree(ROOT / "examples/fleet", Path(name, "fleet")))
        (folder / "state").mkdir()
        project = folder / "Pulumi.yaml"  # without the example's own emulator
        project.write_text(project.read_text(encoding="utf-8").partition("config:")[0], encoding="utf-8")
        manifest = subprocess.run(
            [sys.executable, "generate.py", str(apps), "--shards", str(shards)],
            cwd=folder,
            check=True,
            capture_output=True,
        ).stdout
        (folder / "fleet.yaml").write_bytes(manifest)
        wechat.prepare(sow(apps), latency)
        known = {**environment(folder, f"file://{folder}/state"), "WECHAT_MINIPROGRAM_ENDPOINT": wechat.url}
        print(f"{apps} apps in {shards} stacks, {at_a_time} at a time, {latency * 1000:.0f} ms a call")
        for label, command in (("create", "up"), ("no change", "up"), ("refresh", "refresh")):
            wechat.control.clear_calls()
            began = time.perf_counter()
            driver = [sys.executable, "fleet.py", command, "--yes", "--at-a-time", str(at_a_time)]
            with subprocess.Popen(driver, cwd=folder, env=known) as process:
                peak = watch(process)
            took = time.perf_counter() - began
            calls = len(wechat.control.calls())
            print(f"{label}: {took:.1f} s, {calls} calls, peak {peak:.0f} MiB, exit {process.returncode}")


def watch(process: subprocess.Popen[bytes]) -> float:
    """Return the most memory that a process and its descendants had together, looked at each half second."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_mib(process.pid))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
    return peak


def memory_mib(root: int) -> float:
    """Add up the proportional memory of a process and all that it started."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = path.read_text(encoding="utf-8").rpartition(")")[2]
            parents[int(path.parent.name)] = int(after_name.split()[1])
    family = {root}
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
    total = 0
    for pid in family:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            total += int(rollup.partition("Pss:")[2].split()[0])
    return total / 1024


def main() -> None:
    """Measure one of the two."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("subject", choices=["checkpoints", "fleet"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--apps", type=int, default=1000)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--at-a-time", type=int, default=2)
    options = parser.parse_args()
    if options.subject == "checkpoints":
        checkpoints(options.repeats)
    else:
        fleet(options.apps, options.shards, options.latency, options.at_a_time)


if __name__ == "__main__":
    main()
