"""A fleet on a scheduler and two workers over TLS, on loopback, and what is killed in the middle of an `up`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import pytest
import trustme

from tests.engine.conftest import environment_of

COMMAND = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "fleet"]
APPS = 6
STACKS = 3
APPIDS = [f"wx{number:016x}" for number in range(APPS)]
DECLARED = {appid: [f"https://shop.{appid}.example.com"] for appid in APPIDS}
RATE = 120


class Cluster:
    """A scheduler and two workers with certificates, a backend and a manifest."""

    def __init__(self, folder, url):
        """Start nothing yet."""
        self.folder = folder
        (folder / "state").mkdir(parents=True)
        authority = trustme.CA()
        node = authority.issue_cert("127.0.0.1", "localhost")
        authority.cert_pem.write_to_path(folder / "ca.pem")
        node.private_key_pem.write_to_path(folder / "key.pem")
        for blob in node.cert_chain_pems:
            blob.write_to_path(folder / "cert.pem", append=True)
        apps = [{"appid": appid, "domains": domains} for appid, domains in DECLARED.items()]
        (folder / "fleet.yaml").write_text(json.dumps({"shards": STACKS, "apps": apps}), encoding="utf-8")
        self.environment = {
            **environment_of(folder),
            "WECHAT_MINIPROGRAM_ENDPOINT": url,
            "WECHAT_MINIPROGRAM_PROBE": "false",
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({each: f"emulator-{each}" for each in APPIDS}),
        }
        self.processes: list[subprocess.Popen[str]] = []
        self.logs: list[threading.Thread] = []
        self.start()

    def start(self):
        """Start scheduler and workers."""
        tls = ["--tls-ca-file", "ca.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem"]
        where = self.folder / "scheduler.json"
        where.unlink(missing_ok=True)
        quiet = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = self._dask(
            "scheduler",
            "--protocol",
            "tls",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--scheduler-file",
            where,
            *quiet,
            *tls,
        )
        self.url = self._reported(self.scheduler, "Scheduler at:").split()[-1]
        self.workers = [self._worker(*tls, *quiet) for _ in range(2)]
        for worker in self.workers:
            self._reported(worker, "Registered to:")

    def _worker(self, *options):
        limits = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--host", "127.0.0.1"]
        return self._dask("worker", self.url, *limits, *options)

    def _dask(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def _reported(self, process, what):
        """Wait for a line of a process, and let it go on logging to nobody."""
        for line in process.stderr:
            if what in line:
                self.logs.append(threading.Thread(target=process.stderr.read))
                self.logs[-1].start()
                return line.rstrip()
        raise AssertionError(what)

    def command(self, *arguments):
        """The command, which has no credentials of its own."""
        tls = ["--tls-ca-file", "ca.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem"]
        secret = {name for name in self.environment if name.startswith("WECHAT_")} | {
            "PULUMI_CONFIG_PASSPHRASE"
        }
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--scheduler", self.url, *tls],
            cwd=self.folder,
            env={name: value for name, value in self.environment.items() if name not in secret},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def up(self, *more):
        """Update to the end, and return the exit code and what was printed."""
        process = self.command("up", "--yes", "--format", "json", *more)
        printed, _ = process.communicate(timeout=300)
        return process.returncode, printed

    def close(self):
        """End everything that was started."""
        family = [
            child
            for process in self.processes
            if process.poll() is None
            for child in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        ]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        for process in self.processes:
            process.wait()
        for log in self.logs:
            log.join()
        for process in self.processes:
            for stream in filter(None, (process.stdout, process.stderr)):
                stream.close()


@pytest.fixture
def cluster(tmp_path, wechat_emulator):
    """A running cluster, and the apps."""
    for appid in APPIDS:
        wechat_emulator.seed(appid)
    cluster = Cluster(tmp_path, wechat_emulator.url)
    yield cluster
    cluster.close()


def wait_for_writes(control, count):
    """Wait until so many writes have reached WeChat."""
    until = time.monotonic() + 120
    while len(control.writes()) < count:
        assert time.monotonic() < until
        threading.Event().wait(0.05)


def unit_of(worker):
    """The unit that a worker runs."""
    children = psutil.Process(worker.pid).children()
    return next(
        each for each in children if "pulumi_wechat_miniprogram.fleet.unit" in " ".join(each.cmdline())
    )


def test_an_up_with_a_limited_rate(cluster, wechat_emulator):
    """All apps are written once, by both workers, and no faster than the run may call."""
    code, printed = cluster.up("--rate", str(RATE))

    assert code == 0, printed
    assert {appid: wechat_emulator.live(appid) for appid in APPIDS} == DECLARED
    assert len(wechat_emulator.writes()) == APPS
    times = [call.time for call in wechat_emulator.calls()]
    assert len(times) == 3 * APPS
    # Each of the two slots has an even pace of its own.
    assert max(sum(start <= each < start + 3 for each in times) for start in times) <= RATE * 3 / 60 + 2


@pytest.mark.parametrize("what", ["worker", "unit", "driver", "scheduler"])
def test_a_process_is_killed_in_the_middle(cluster, wechat_emulator, what):
    """No domain is written twice and none is lost; the next run does what is left."""
    run = cluster.command("up", "--yes", "--format", "json")
    wait_for_writes(wechat_emulator, 1)
    victim = {
        "worker": cluster.workers[0].pid,
        "scheduler": cluster.scheduler.pid,
        "driver": run.pid,
        "unit": None,
    }[what] or unit_of(cluster.workers[0]).pid
    os.kill(victim, signal.SIGKILL)
    printed, _ = run.communicate(timeout=300)

    if what == "scheduler":
        assert run.returncode == 1, printed
        assert '"status": "lost"' in printed
        assert "distributed." not in printed
        for worker in cluster.workers:
            worker.wait(120)
        cluster.start()
    elif what != "driver":
        assert run.returncode == 0, printed
    code, printed = cluster.up()

    assert code == 0, printed
    assert {appid: wechat_emulator.live(appid) for appid in APPIDS} == DECLARED
    assert sorted(write.appid for write in wechat_emulator.writes()) == APPIDS


def test_a_client_without_a_certificate_is_refused(cluster):
    """Whoever reaches a scheduler runs code with the credentials."""
    done = subprocess.run(
        [*COMMAND, "refresh", "--scheduler", cluster.url, "--tls-ca-file", "ca.pem"],
        cwd=cluster.folder,
        env=cluster.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 3
    assert "Nothing was run." in done.stderr
