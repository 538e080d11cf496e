"""The engine on Dask: inside this process, or on the workers of a scheduler. Nothing else imports Dask."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Security, Worker, get_worker
from distributed.comm import inproc

from pulumi_wechat_miniprogram.fleet.engine import EngineLost, Say, Work
from pulumi_wechat_miniprogram.settings import is_loopback

_LOOPBACK: Final = "127.0.0.1:0"
_CONNECT_SECONDS: Final = 20
_LOOK_SECONDS: Final = 3.0
"""Between two looks at the workers while no task ends."""
_ALONE: Final = 10
"""Looks without a worker after which none is waited for: half a minute, enough for one to start again."""
NO_WORKERS: Final = "the scheduler has no workers"
_QUIET: Final = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.comm.timeouts.connect": f"{_CONNECT_SECONDS}s",
    "distributed.admin.tick.limit": "1h",
    "distributed.worker.profile.enabled": False,
}
"""No page is served, not even on loopback, and a busy machine is nothing to report.

The profiler looks at the frames of all threads a hundred times a second. While it does so, CPython may
deadlock with a thread that starts or ends (python/cpython issue 106883), as those of `drift` do.
"""

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Untrusted(ValueError):
    """A scheduler that others could reach, without TLS: whoever reaches it runs code with the credentials.

    Also one whose URL has more than scheme, host and port, such as a password, which is not repeated.
    """


@contextmanager
def in_process(slots: int) -> Iterator[Cluster]:
    """Open slots that are threads of this process; each waits for its own process."""
    _hush()
    inproc.global_manager._ip = "127.0.0.1"  # noqa: SLF001 - part of a name; Dask asks how 8.8.8.8 is reached
    with (
        dask.config.set(_QUIET),
        LocalCluster(
            n_workers=1,
            threads_per_worker=slots,
            processes=False,  # a terminal's Ctrl-C would kill worker processes
            protocol="inproc://",
            dashboard_address=_LOOPBACK,
            worker_dashboard_address=_LOOPBACK,
            memory_limit=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield Cluster(client)


@contextmanager
def connected(
    scheduler: str, ca_file: Path | None = None, cert: Path | None = None, key: Path | None = None
) -> Iterator[Cluster]:
    """Connect to a scheduler, such as `tls://fleet.internal:8786`.

    Without certificates here, those of Dask's own configuration are used.

    Raises:
        Untrusted: it is neither TLS nor on loopback.
        EngineLost: it does not answer.
    """
    parts = _parsed(scheduler)
    if parts.scheme != "tls" and not (parts.scheme == "tcp" and is_loopback(parts.hostname or "")):
        raise Untrusted(f"{scheduler} is neither tls:// nor tcp:// on loopback")
    given = {"tls_ca_file": ca_file, "tls_client_cert": cert, "tls_client_key": key}
    security = Security(
        require_encryption=parts.scheme == "tls",
        **{name: str(path) for name, path in given.items() if path},
    )
    _hush()
    with dask.config.set(_QUIET):
        try:
            client = Client(scheduler, security=security, timeout=_CONNECT_SECONDS)
        except (OSError, TypeError, ValueError) as error:
            raise EngineLost(f"{scheduler} does not answer as a Dask scheduler does: {error}") from None
        with client:
            client.run(_stop_profile)
            yield Cluster(client)


def _parsed(scheduler: str) -> SplitResult:
    with suppress(ValueError):
        parts = urlsplit(scheduler)
        if parts.hostname and parts.port and not parts.path and not {*scheduler} & {*"@?#"}:
            return parts
    raise Untrusted("the scheduler's URL must be scheme, host and port, such as tls://fleet.internal:8786")


def _hush() -> None:
    """Silence Dask, whose client has its own level: what happens is reported by the command."""
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _stop_profile(dask_worker: Worker) -> None:
    """Stop what `_QUIET` turns off, on a worker whose own configuration leaves it on."""
    for name, callback in dask_worker.periodic_callbacks.items():
        if name.startswith("profile"):
            callback.stop()


class Cluster:
    """The slots of a Dask client's workers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._topics = itertools.count()

    @property
    def slots(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (AttributeError, OSError, RuntimeError, ValueError):  # of a client without its scheduler
            raise EngineLost("the scheduler is gone") from None

    def play(
        self, work: Work[_Task, _Result], tasks: deque[_Task], say: Say
    ) -> Iterator[tuple[_Task, _Result | None]]:
        """Do the work for each task; see `Engine.play`."""
        topic = f"{self._client.id}-{next(self._topics)}"
        self._client.subscribe_topic(topic, lambda event: say(event[1]))
        asked: dict[Future[Any], _Task] = {}
        ended: SimpleQueue[Future[Any]] = SimpleQueue()
        try:
            self._fill(partial(_in_slot, work, topic), tasks, asked, ended)
            while asked:
                future = self._next(ended)
                task = asked.pop(future)
                done = future.status == "finished"
                if future.status == "error" and not isinstance(error := future.exception(), KilledWorker):
                    raise error
                yield task, future.result() if done else None
                future.release()
                self._fill(partial(_in_slot, work, topic), tasks, asked, ended)
        finally:
            self._client.unsubscribe_topic(topic)

    def _next(self, ended: SimpleQueue[Future[Any]]) -> Future[Any]:
        """Wait for a task to end. Without a worker it would never: Dask keeps it for one that may come."""
        alone = 0
        while True:
            try:
                return ended.get(timeout=_LOOK_SECONDS)
            except Empty:
                alone = 0 if self.slots else alone + 1
            if alone > _ALONE:
                raise EngineLost(NO_WORKERS)

    def _fill(
        self,
        work: Callable[[Any], Any],
        tasks: deque[_Task],
        asked: dict[Future[Any], _Task],
        ended: SimpleQueue[Future[Any]],
    ) -> None:
        if not tasks:
            return
        free = self.slots - len(asked)
        if free <= 0 and not asked:
            raise EngineLost(NO_WORKERS)
        for _ in range(min(free, len(tasks))):
            task = tasks.popleft()
            future = self._client.submit(work, task, pure=False)
            asked[future] = task
            future.add_done_callback(ended.put)

    def ask(self, question: Callable[[], _Result]) -> Mapping[str, _Result]:
        found: Mapping[str, _Result] = self._client.run(question)
        return found


def _in_slot(work: Work[_Task, _Result], topic: str, task: _Task) -> _Result:
    return work(task, partial(_say, topic))


def _say(topic: str, message: Mapping[str, Any]) -> None:
    get_worker().log_event(topic, dict(message))
