"""The engine on Dask, with work that is not Pulumi's."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque

import dask
import psutil
import pytest
from distributed import Client, LocalCluster

from pulumi_wechat_miniprogram.fleet.cluster import Cluster, Untrusted, connected, in_process
from pulumi_wechat_miniprogram.fleet.engine import EngineLost

TOGETHER = threading.Semaphore(2)
STAYING = threading.Event()


def double(number, say):
    """Say the number and return twice as much; more than two at a time fail."""
    assert TOGETHER.acquire(blocking=False)
    try:
        say({"number": number})
        return 2 * number
    finally:
        TOGETHER.release()


def fail(number, _say):
    """Fail."""
    raise ValueError(number)


@pytest.fixture(scope="module")
def engine():
    """Two slots in this process."""
    with in_process(2) as engine:
        yield engine


def test_results_and_what_is_said(engine):
    """Each task gives one result, and never more run than there are slots."""
    heard = []
    every = threading.Event()

    def hear(message):
        heard.append(message["number"])
        if len(heard) == 10:
            every.set()

    found = dict(engine.play(double, deque(range(10)), hear))

    assert found == {number: 2 * number for number in range(10)}
    assert every.wait(10)
    assert sorted(heard) == [*range(10)]


def test_tasks_may_be_appended_while_others_run(engine):
    """A stack that is tried again goes to the end of the queue."""
    tasks = deque([1])
    found = []
    for task, _ in engine.play(double, tasks, lambda _: None):
        found.append(task)
        if task < 3:
            tasks.append(task + 1)

    assert found == [1, 2, 3]


def test_an_error_of_the_work_is_raised(engine):
    """It is a mistake of ours, not of a machine."""
    with pytest.raises(ValueError, match="7"):
        list(engine.play(fail, deque([7]), lambda _: None))


def test_every_machine_is_asked(engine):
    """In process there is one."""
    assert [*engine.ask(os.getpid).values()] == [os.getpid()]
    assert engine.slots == 2


def test_nobody_else_can_reach_it(engine):
    """It listens on loopback at most: whoever reaches an engine runs code with the credentials."""
    listening = [each.laddr.ip for each in psutil.Process().net_connections() if each.status == "LISTEN"]

    assert {*listening} <= {"127.0.0.1"}


def test_a_scheduler_without_workers_and_one_that_is_gone():
    """Nothing waits for slots that may never come."""
    with (
        LocalCluster(
            n_workers=0, processes=False, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
        ) as local,
        Client(local) as client,
    ):
        cluster = Cluster(client)
        with pytest.raises(EngineLost, match="no workers"):
            list(cluster.play(double, deque([1]), lambda _: None))
        local.close()
        with pytest.raises(EngineLost, match="the scheduler is gone"):
            _ = cluster.slots


def test_a_scheduler_on_loopback_needs_no_tls():
    """Only accounts of this machine reach it. The profiler of its workers is stopped."""
    with (
        dask.config.set({"distributed.worker.profile.enabled": True}),
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as local,
        connected(local.scheduler_address) as cluster,
    ):
        (worker,) = local.workers.values()
        assert not worker.periodic_callbacks["profile"].is_running()
        assert dict(cluster.play(double, deque([2]), lambda _: None)) == {2: 4}


@pytest.mark.parametrize("url", ["tcp://fleet.internal:8786", "fleet.internal:8786", "tcp://10.0.0.1:1"])
def test_a_scheduler_without_tls_is_refused_beyond_loopback(url):
    """Nothing is sent there."""
    with pytest.raises(Untrusted), connected(url):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "tls://me:Sw0rdf1sh9@127.0.0.1:1",
        "tcp://[::1",
        "tcp://127.0.0.1:99999",
        "tcp://127.0.0.1",
        "tls://127.0.0.1:1/Sw0rdf1sh9",
        "tls://127.0.0.1:1?key=Sw0rdf1sh9",
    ],
)
def test_a_scheduler_whose_url_is_more_or_less_than_host_and_port(url):
    """It is refused, and not repeated: it may hold a password."""
    with pytest.raises(Untrusted, match="must be scheme, host and port") as refused, connected(url):
        pass

    assert "Sw0rdf1sh9" not in str(refused.value)


def test_dask_itself_says_nothing(engine):
    """The command reports what happens; also Dask's client, which has a level of its own, is silent."""
    for name in ("distributed", "distributed.client"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)


def test_a_scheduler_that_does_not_answer(monkeypatch):
    """The error names it."""
    monkeypatch.setattr("pulumi_wechat_miniprogram.fleet.cluster._CONNECT_SECONDS", 1)

    with pytest.raises(EngineLost, match="tcp://127.0.0.1:1 does not answer"), connected("tcp://127.0.0.1:1"):
        pass


def stay(number, say):
    """Say that it has begun, and wait for the end of the test."""
    say({"number": number})
    STAYING.wait(20)


def test_a_run_whose_last_worker_dies_ends(monkeypatch):
    """Dask keeps the task for a worker that may come; after a while nobody waits for one."""
    monkeypatch.setattr("pulumi_wechat_miniprogram.fleet.cluster._LOOK_SECONDS", 0.01)
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as local,
        Client(local) as client,
    ):
        (worker,) = local.workers.values()

        def die(_message):
            local.loop.add_callback(worker.close, executor_wait=False)

        with pytest.raises(EngineLost, match="the scheduler has no workers"):
            list(Cluster(client).play(stay, deque([1]), die))
        STAYING.set()
