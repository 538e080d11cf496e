"""The one door to the emulator, which is an extra: nothing of it is imported before it is asked for."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.emulator import AppState, CallRecord, Emulator, Store

__all__ = [
    "EmbeddedEmulator",
    "EmulatorMissing",
    "open_embedded",
    "read_calls",
    "read_data",
    "release_in",
    "serve",
]


EXTRA = frozenset({"starlette", "uvicorn"})


class EmulatorMissing(RuntimeError):
    """The packages of the extra `emulator` are not installed."""


class EmbeddedEmulator:
    """An emulator inside this process; every appid exists, and its token is derived from it."""

    def __init__(self, emulator: Emulator) -> None:
        """Keep the running server."""
        self._emulator = emulator
        self.url = emulator.url

    def token(self, appid: str) -> str:
        """Return the token of an app."""
        return f"emulator-{appid}"

    def close(self) -> None:
        """Stop the server; its data file stays."""
        self._emulator.close()


def open_embedded(path: str) -> EmbeddedEmulator:
    """Start an emulator with its data at `path`, whose folder is made.

    Raises:
        EmulatorMissing: the extra is not installed.
        OSError: the data file cannot be opened.
        ValueError: the file holds something else, or data of another version.
    """
    emulator = _emulator()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return EmbeddedEmulator(emulator.Emulator(path, auto_apps=True))


def serve(
    *,
    port: int,
    data: Path | None,
    host_map: Mapping[str, str],
    ca_file: Path | None,
    trusted_hosts: Sequence[str],
    seed: Path | None,
    announce: Callable[[str], None],
) -> None:
    """Run an emulator in the foreground until SIGTERM or SIGINT; `announce` gets its address first.

    Raises:
        EmulatorMissing: the extra is not installed.
        OSError: the port is taken, or a file cannot be opened.
        ValueError: the host map or the seed is wrong.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with _emulator().Emulator(
        data,
        port=port,
        trusted_hosts=trusted_hosts,
        host_map=host_map,
        ca_file=ca_file,
    ) as emulator:
        if seed:
            emulator.control.sow(json.loads(seed.read_text(encoding="utf-8")))
        announce(f"emulator ready at {emulator.url}")
        ended.wait()


def read_data(path: Path) -> list[AppState]:
    """Read the apps of a data file."""
    with _store(path) as store:
        return store.apps()


def read_calls(path: Path) -> list[CallRecord]:
    """Read the request log of a data file."""
    with _store(path) as store:
        return store.calls()


def release_in(path: Path, appid: str) -> None:
    """Release an app in a data file.

    Raises:
        LookupError: the file has no such app.
    """
    with _store(path) as store:
        try:
            _emulator().release_stored(store, appid)
        except LookupError:
            raise LookupError(f"{path} has no app {appid}") from None


@contextlib.contextmanager
def _store(path: Path) -> Iterator[Store]:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file")
    store: Store = _emulator().Store(path)
    try:
        yield store
    finally:
        store.close()


def _emulator() -> ModuleType:
    try:
        from pulumi_wechat_miniprogram import emulator  # noqa: PLC0415 - see the module's docstring
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        message = f"the emulator needs {error.name}: pip install 'pulumi-wechat-miniprogram[emulator]'"
        raise EmulatorMissing(message) from None
    return emulator
