"""How the provider's command line, an embedded endpoint and pytest start the emulator and read its data.

The emulator's packages are an extra: none of them is imported before it is needed.
"""

from __future__ import annotations

import contextlib
import errno
import signal
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wechat_miniprogram_emulator import AppState, CallRecord, Emulator, Store
    from wechat_miniprogram_emulator.edits import Editor

EXTRA = frozenset({"jinja2", "starlette", "uvicorn", "yaml"})
ENDS = (signal.SIGINT, signal.SIGTERM)
_MAX_SEED_BYTES = 16 << 20


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

    def platform_token(self, appid: str) -> str:
        """Return the token of a third-party platform."""
        return f"emulator-component-{appid}"

    def close(self) -> None:
        """Stop the server; its data file stays."""
        self._emulator.close()


def open_embedded(path: str, *, create: bool = True) -> EmbeddedEmulator:
    """Start an emulator with its data at `path`; with `create` file and folder are made where there are none.

    Raises:
        EmulatorMissing: the extra is not installed.
        FileNotFoundError: `path` does not exist, and `create` is false.
        OSError: the data file cannot be opened.
        ValueError: the file holds something else, or data of another version.
    """
    emulator = _emulator()
    if not create:
        _demand(Path(path))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return EmbeddedEmulator(emulator.Emulator(path, auto_apps=True))


def serve(
    *,
    port: int,
    data: Path | None,
    host_map: Mapping[str, str],
    ca_file: Path | None,
    trusted_hosts: Sequence[str],
    profile: str | None,
    switches: Mapping[str, str],
    auto_apps: bool,
    seed: Path | None,
    announce: Callable[[str], None],
) -> None:
    """Run an emulator in the foreground until SIGTERM or SIGINT; `announce` gets its address first.

    Apps of the seed that the data file has already stay as they are there, so that a restart loses nothing.
    Hosts, profile and switches given here go before the seed's and the data file's.

    Raises:
        EmulatorMissing: the extra is not installed.
        OSError: the port is taken, or a file cannot be opened.
        ValueError: the host map, a switch or the seed is wrong.
    """
    document = read_seed(seed) if seed else {}
    if ca_file:
        _check_file(ca_file)
    # Threads inherit the mask. A handler would not run while the main thread waits for a lock, if the signal
    # comes just before it does, or to another thread. Until here the signals end the process as usual.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    apps: list[dict[str, Any]] = document.pop("apps", [])
    with _emulator().Emulator(
        data,
        port=port,
        trusted_hosts=trusted_hosts,
        host_map=host_map,
        ca_file=ca_file,
        auto_apps=auto_apps,
        profile=profile,
        switches=switches,
    ) as emulator:
        known = set(emulator.control.appids()) if apps else set()
        fresh = [app for app in apps if app["appid"] not in known]
        emulator.control.sow({**document, "apps": fresh})
        if trusted_hosts:
            emulator.control.trust(*trusted_hosts)
        if profile:
            emulator.control.profile(profile)
        emulator.control.switch(**switches)
        lines = [f"emulator ready at {emulator.url}", f"its page is {emulator.url}/_emulator/"]
        if kept := len(apps) - len(fresh):
            lines.append(
                f"{kept} of {len(apps)} apps in {seed} already exist in {data} and are left unchanged"
            )
        announce("\n".join(lines))  # together: whoever reads one line may close the pipe
        signal.sigwait(ENDS)


def start(options: Mapping[str, Any]) -> Emulator:
    """Start an emulator with these arguments of `Emulator`; its `close` stops it.

    Raises:
        EmulatorMissing: the extra is not installed.
        OSError, ValueError: see `Emulator`.
        TypeError: it has no such argument.
    """
    emulator: Emulator = _emulator().Emulator(**options)
    return emulator


def read_seed(path: Path) -> dict[str, Any]:
    """Read a seed file and give what the control plane takes as a seed.

    Raises:
        EmulatorMissing: the extra is not installed.
        OSError: the file cannot be read, is not a regular file, or is too large.
        ValueError: it is not a seed; the text has a line for each fault.
    """
    with _extra_needed():
        from wechat_miniprogram_emulator import seed_file  # noqa: PLC0415 - see the module's docstring
    content = _read(path)
    return seed_file.parse_seed(content, path).model_dump(mode="json", exclude_unset=True)


def seed_schema() -> dict[str, object]:
    """Give the JSON Schema of a seed file.

    Raises:
        EmulatorMissing: the extra is not installed.
    """
    with _extra_needed():
        from wechat_miniprogram_emulator import seed  # noqa: PLC0415 - see the module's docstring
    return seed.seed_schema()


def read_releases(path: Path) -> list[tuple[AppState, AppState]]:
    """Read each app of a data file, and what it would be after a release."""
    with _store(path) as store:
        return [(app, _emulator().after_release_stored(store, app)) for app in store.apps()]


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


def edit_in(
    path: Path, appid: str, by: Editor, *, add: Sequence[str], remove: Sequence[str]
) -> tuple[AppState, AppState]:
    """Edit an app in a data file as somebody else; give it as it is then, and as a release would leave it.

    Raises:
        LookupError: the file has no such app.
        ValueError: the edit is wrong, or WeChat refuses it.
    """
    with _store(path) as store:
        try:
            app = _emulator().edit_stored(store, appid, by, add=add, remove=remove)
        except LookupError:
            raise LookupError(f"{path} has no app {appid}") from None
        return app, _emulator().after_release_stored(store, app)


def _read(path: Path) -> bytes:
    _check_file(path)
    with path.open("rb") as file:
        content = file.read(_MAX_SEED_BYTES + 1)
    if len(content) > _MAX_SEED_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {_MAX_SEED_BYTES >> 20} MiB", str(path))
    return content


def _check_file(path: Path) -> None:
    """Refuse what is not a regular file before it is opened: to open a pipe waits for its writer."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def _demand(path: Path) -> None:
    """Refuse to create a file for somebody who only reads: an empty emulator would mislead."""
    if not path.is_file():
        raise FileNotFoundError(f"{path.absolute()} has no emulator data")


@contextlib.contextmanager
def _store(path: Path) -> Iterator[Store]:
    _demand(path)
    store: Store = _emulator().Store(path)
    try:
        yield store
    finally:
        store.close()


def _emulator() -> ModuleType:
    import wechat_miniprogram_emulator as emulator  # noqa: PLC0415 - loads its names on first use

    with _extra_needed():
        emulator.Emulator  # noqa: B018 - to load it shows which package is missing
    return emulator


@contextlib.contextmanager
def _extra_needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        message = f"the emulator needs {error.name}: pip install 'pulumi-wechat-miniprogram[emulator]'"
        raise EmulatorMissing(message) from None
