"""The calls of a calibration. What it adds is of the given hosts alone, and is removed whatever happens.

- A host that stands on any list of the app is left alone.
- `set` goes out only while every list of the app holds nothing but what this run added.
- Nothing is deleted but values of the given hosts, in WeChat's own spelling.
- When a domain of others changes during the run, it stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from pulumi_wechat_miniprogram.calibration.journal import Entry, Journal
from pulumi_wechat_miniprogram.calibration.seen import Exchange, Family, configured, entries, host_of, ways
from pulumi_wechat_miniprogram.lifecycle.reconcile import open_client
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import (
    APP_INFO,
    GET_PREFETCH,
    PLATFORM_LISTS,
    SERVER_DOMAINS,
    SERVER_EFFECTIVE,
    SET_PREFETCH,
    WEBVIEW_DOMAINS,
    WEBVIEW_EFFECTIVE,
    Channel,
    Client,
)
from pulumi_wechat_miniprogram.wechat.errors import CallFailed, WeChatError
from pulumi_wechat_miniprogram.wechat.models import SERVER_FIELDS, EffectiveLists, EffectiveServerLists
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable
from pulumi_wechat_miniprogram.wechat.wire import Post

MAX_WRITES: Final = 20
FEWEST_WRITES: Final = 3
"""One write, and one to restore each of the two lists."""

_NO_ACCESS: Final = frozenset({"token", "permission", "offboarded"})
_NO_MORE: Final = frozenset({45009, 45011, 89030, 45104, 86102})
"""Codes of a day's, a minute's and a month's changes."""
_WEBVIEW_WAYS: Final = frozenset(EffectiveLists.own_fields())
_SERVER_WAYS: Final = frozenset(EffectiveServerLists.own_fields())
_RECORDED: Final = frozenset(
    {
        *WEBVIEW_DOMAINS.values(),
        WEBVIEW_EFFECTIVE,
        *SERVER_DOMAINS.values(),
        SERVER_EFFECTIVE,
        APP_INFO,
        SET_PREFETCH,
        GET_PREFETCH,
        *(path for path, _, _ in PLATFORM_LISTS.values()),
    }
)
"""Endpoints of domains alone: no token, ticket or secret is in their bodies or answers."""


class Recorder:
    """Keeps the calls of a run in their order."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def __call__(self, post: Post, answer: bytes) -> None:
        if post.path in _RECORDED:
            self.exchanges.append(Exchange(post.path, post.content, answer.decode("utf-8", "replace")))


class NotRestored(UserError):
    """What a run added is still there. The journal stays, so that the next run removes it."""


class Stopped(Exception):
    """The run ends early, in order; the text says why."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of an app, read one right after the other."""

    webview: EffectiveLists
    server: EffectiveServerLists | None
    shown: tuple[str, ...] = ()

    def values(self) -> Iterator[str]:
        """Yield what stands on any list of webview domains, or is in force."""
        yield from (*sorted(configured(self.webview)), *self.webview.effective_webviewdomain)

    def server_values(self) -> Iterator[str]:
        """Yield what stands on any list of server domains, or is in force."""
        if self.server is not None:
            yield from (*sorted(ways(self.server)), *entries(self.server.effective_domain))


@dataclass
class Outcome:
    """What a run brought: its calls, what went wrong, and what it did not do."""

    exchanges: Sequence[Exchange]
    notes: list[str] = field(default_factory=list)
    writes: int = 0
    failed: bool = False


class Calibration:
    """One run on one app."""

    def __init__(
        self, client: Client, appid: str, *, recorder: Recorder, journal: Journal, platform: str | None = None
    ) -> None:
        self._client = client
        self._appid = appid
        self._platform = platform
        self._journal = journal
        self._hosts: tuple[str, ...] = ()
        self._server_hosts: tuple[str, ...] = ()
        self._most = MAX_WRITES
        self._blind = False
        self._in_doubt = False
        self._last = Lists(EffectiveLists(), None)
        self._others: tuple[frozenset[str], frozenset[str]] | None = None
        self.outcome = Outcome(recorder.exchanges)

    def close(self) -> None:
        self._client.close()

    def restore(self, endpoint: str) -> list[str]:
        """Remove what a killed run left behind at this endpoint, and return it.

        Raises:
            JournalUnreadable: its journal is damaged.
            NotRestored: something is still there, or the run was at another endpoint.
        """
        entry = self._journal.read()
        if entry is None:
            return []
        if entry.endpoint != endpoint:
            raise self._not_restored(entry, f"it was added at {entry.endpoint}, and this is {endpoint}")
        is_anothers = not self._hosts
        self._in_doubt = is_anothers and not entry.checked  # it may have been killed during a write
        return self._restore(entry)

    def configured(self) -> set[str]:
        """Read what is configured in any way: webview domains, and server domains with their kind."""
        lists = self._look("webview", "server")
        return configured(lists.webview) | (set() if lists.server is None else ways(lists.server))

    def claim(self, hosts: Sequence[str], endpoint: str) -> list[str]:
        """Note that the given hosts are this run's from now on, until `restore`.

        Return the domains that forbid it, and note nothing then: all that are configured, and those of other
        hosts that are in force.
        """
        self._hosts = self._server_hosts = tuple(hosts)
        found = self.configured()
        found |= {*_foreign(self._last.values(), hosts), *_foreign(self._last.shown, hosts)}
        found |= _foreign(self._last.server_values(), hosts)
        if not found:
            self._journal.write(self._entry(endpoint))
        return sorted(found)

    def _entry(self, endpoint: str) -> Entry:
        return Entry(
            appid=self._appid,
            endpoint=endpoint,
            webview_hosts=self._hosts,
            server_hosts=self._server_hosts,
        )

    def read(self) -> None:
        """Send every read once. A refusal is an answer too; anything else ends the run."""
        with self._reported():
            self._read()

    def write(self, hosts: Sequence[str], endpoint: str, most: int) -> None:
        """Send the reads, then the writes on the given hosts, and restore whatever happens.

        Raises:
            NotRestored: something that was added is still there.
        """
        self._most = most
        with self._reported():
            self._read()
            lists = self._look("webview", "server")
            self._hosts = self._free(hosts, (*lists.values(), *lists.shown), "webview domains")
            if lists.server is not None:
                self._server_hosts = self._free(hosts, lists.server_values(), "server domains")
            if not self._hosts and not self._server_hosts:
                raise Stopped("every given host is on a list of the app already; give one that is not")
            entry = self._entry(endpoint)
            self._journal.write(entry)
            try:
                self._write()
            finally:
                self._restore(entry)

    def _write(self) -> None:
        if self._hosts:
            self._webview_domains()
        if self._server_hosts:
            self._server_domains(self._server_hosts[0])
        self._deletes_in_mode_one()
        self._empty_lists()

    def _webview_domains(self) -> None:
        waiting = list(self._hosts)
        host = ""
        while waiting and not host:
            if self._send("add", f"https://{waiting[0]}") == 0:
                host = waiting[0]
            waiting.pop(0)
        if not host:
            return
        domain = f"https://{host}"
        with suppress(WeChatError):
            self._client.app_info(self._appid)
        self._send("add", domain)
        if self._is_alone() and self._ours() == (domain,):
            self._send("set", domain)
        if self._is_alone() and self._ours() == (domain,):
            self._send("set")
        self._drop()
        self._send("delete", domain)
        self._send("add", domain, domain)
        self._drop()
        self._send("add", host)
        self._drop()
        self._send("add", domain, f"http://{host}")
        self._drop()
        for each in waiting:
            if self._send("add", f"https://{each}") not in {0, None}:
                self._send("add", domain, f"https://{each}")
            self._drop()

    def _server_domains(self, host: str) -> None:
        request, udp = f"request https://{host}", f"udp udp://{host}"
        if self._send_server("add", request, udp) != 0:
            return
        self._send_server("add", request, udp)
        if self._is_alone_on_server_lists():
            self._send_server("set", request, emptied=["udp"])
            if udp not in self._ours_of_server():
                self._send_server("add", udp)
        if self._is_alone_on_server_lists() and udp in self._ours_of_server():
            self._send_server("set", request)
        self._send_server("add", f"request https://{host}:8443", f"request http://{host}")
        self._send_server("add", f"socket {host}")
        self._drop_server()
        self._send_server("delete", request)

    def _deletes_in_mode_one(self) -> None:
        """Delete what mode one does not have: nothing changes, whatever the answer."""
        if self._hosts:
            self._send("delete", f"https://{self._hosts[0]}", channel="registered")
        if self._server_hosts:
            self._send_server("delete", f"request https://{self._server_hosts[0]}", channel="registered")

    def _empty_lists(self) -> None:
        """Empty what is proven empty: nothing changes, whatever the answer."""
        if self._hosts and self._is_alone() and not configured(self._last.webview):
            self._send("set", channel="registered")
        try:
            hosts = self._client.prefetch_hosts(self._appid).hosts
        except WeChatError:
            return
        if not hosts and self._may_write():
            self._errcode(lambda: self._client.write_prefetch_hosts(self._appid, ()))

    # What is on the lists.

    def _ours(self) -> tuple[str, ...]:
        """Return what this run has on the list of webview domains, in WeChat's spelling, each value once."""
        return _of_hosts((*self._last.webview.direct_webviewdomain, *self._last.shown), self._hosts)

    def _ours_of_server(self) -> tuple[str, ...]:
        lists = self._last.server
        return () if lists is None else _of_hosts(entries(lists.direct_domain), self._server_hosts)

    def _is_alone(self) -> bool:
        """Tell whether it is proven that every list of webview domains holds this run's alone."""
        lists = self._last.webview
        values = (*configured(lists), *lists.effective_webviewdomain, *self._last.shown)
        return lists.model_fields_set >= _WEBVIEW_WAYS and not _foreign(values, self._hosts)

    def _is_alone_on_server_lists(self) -> bool:
        lists = self._last.server
        if lists is None or not lists.model_fields_set >= _SERVER_WAYS:
            return False
        every_way = [getattr(lists, way) for way in _SERVER_WAYS]
        complete = all(way.model_fields_set >= {*SERVER_FIELDS.values()} for way in every_way)
        return complete and not _foreign(self._last.server_values(), self._server_hosts)

    # Reads.

    def _read(self) -> None:
        client, appid = self._client, self._appid
        reads: list[Callable[[], object]] = [
            lambda: client.live(appid),
            lambda: client.effective(appid),
            lambda: client.server_domains(appid),
            lambda: client.app_info(appid),
            lambda: client.prefetch_hosts(appid),
        ]
        if platform := self._platform:
            reads.append(lambda: client.platform_hosts(platform, "webview"))
        refusals: list[WeChatError] = []
        for read in reads:
            try:
                read()
            except WeChatError as error:
                refusals.append(error)
        self.outcome.notes += [error.headline for error in refusals]

    def _look(self, *families: Family) -> Lists:
        """Read the lists of these families.

        Raises:
            Stopped: others changed them since the run began.
        """
        webview, server, shown = self._last.webview, self._last.server, self._last.shown
        if "webview" in families:
            with suppress(WeChatError):
                shown = self._client.live(self._appid) or ()
            webview = self._client.effective(self._appid)
        if "server" in families:
            server = None
            with suppress(WeChatError):
                server = self._client.server_domains(self._appid)
        self._last = lists = Lists(webview, server, shown)
        foreign = (
            _foreign(lists.values(), self._hosts),
            _foreign(lists.server_values(), self._server_hosts),
        )
        if self._others not in {None, foreign}:
            raise Stopped("domains that this run did not add have changed meanwhile; nothing more is written")
        self._others = foreign
        return lists

    def _free(self, hosts: Sequence[str], values: Iterable[str], what: str) -> tuple[str, ...]:
        there = {host_of(value) for value in values}
        if taken := [host for host in hosts if host in there]:
            self.outcome.notes.append(
                f"left alone, since they are among the {what} already: {', '.join(taken)}"
            )
        return tuple(host for host in hosts if host not in there)

    # Writes, each with the reads that show what it did.

    def _send(self, action: str, *values: str, channel: Channel = "direct") -> int | None:
        """Write webview domains, look, and return the errcode; None without budget."""
        if not self._may_write(adds_webview=action == "add" or bool(values and action == "set")):
            return None
        code = self._errcode(lambda: self._client.write(self._appid, action, values, channel=channel))
        self._look("webview")
        if action == "add" and code == 0 and not self._ours():
            raise self._unseen(f"WeChat accepted {', '.join(values)}, and no list shows it")
        return code

    def _send_server(
        self, action: str, *sent: str, channel: Channel = "direct", emptied: Sequence[str] = ()
    ) -> int | None:
        """Write server domains, each with its kind before it, as `_send` does."""
        if not self._may_write(adds_server=action != "delete"):
            return None
        code = self._errcode(
            lambda: self._client.write_server_domains(
                self._appid, action, sent, channel=channel, emptied=emptied
            )
        )
        self._look("server")
        if action == "add" and code == 0 and not self._ours_of_server():
            raise self._unseen(f"WeChat accepted {', '.join(sent)}, and no list shows it")
        return code

    def _unseen(self, text: str) -> Stopped:
        self._blind = True
        return Stopped(f"{text}; nothing more is written")

    def _drop(self) -> None:
        if values := self._ours():
            self._send("delete", *values)

    def _drop_server(self) -> None:
        if values := self._ours_of_server():
            self._send_server("delete", *values)

    def _may_write(self, *, adds_webview: bool = False, adds_server: bool = False) -> bool:
        """Count a write if the budget still has one after it for each list that is then to be restored."""
        reserve = bool(adds_webview or self._ours()) + bool(adds_server or self._ours_of_server())
        if self.outcome.writes + 1 + reserve > self._most:
            note = f"not every probe fits into {self._most} writes; a larger --max-writes shows more"
            if note not in self.outcome.notes:
                self.outcome.notes.append(note)
            return False
        self.outcome.writes += 1
        return True

    def _errcode(self, write: Callable[[], object]) -> int:
        """Return the errcode of a write. Without an answer, the write may still take effect later.

        Raises:
            Stopped: no further write can succeed.
        """
        self._in_doubt = True
        try:
            write()
        except WeChatError as error:
            self._in_doubt = False
            if error.errcode in _NO_MORE or (error.row and error.row.kind in _NO_ACCESS):
                raise Stopped(error.headline) from None
            return error.errcode
        self._in_doubt = False
        return 0

    # Back to what was there.

    def _restore(self, entry: Entry) -> list[str]:
        try:
            removed = [*self._remove_webview(entry), *self._remove_server(entry)]
            left = [*self._remaining(entry)] if removed else []
        except CallFailed as error:
            raise self._not_restored(entry, str(error)) from error
        if left:
            raise self._not_restored(entry, f"still there: {', '.join(left)}")
        if self._in_doubt:
            self._journal.write(entry.model_copy(update={"checked": True}))
        else:
            self._journal.remove()
        return removed

    def _remove_webview(self, entry: Entry) -> list[str]:
        values = self._remaining_webview(entry)
        if not values and self._blind:
            values = tuple(f"https://{host}" for host in entry.webview_hosts)
        if values:
            self.outcome.writes += 1
            with suppress(WeChatError):  # what is still there then is reported
                self._client.write(self._appid, "delete", values)
        return [*values]

    def _remove_server(self, entry: Entry) -> list[str]:
        values = self._remaining_server(entry)
        if not values and self._blind:
            values = tuple(f"request https://{host}" for host in entry.server_hosts)
        if values:
            self.outcome.writes += 1
            with suppress(WeChatError):
                self._client.write_server_domains(self._appid, "delete", values)
        return [*values]

    def _remaining(self, entry: Entry) -> tuple[str, ...]:
        return (*self._remaining_webview(entry), *self._remaining_server(entry))

    def _remaining_webview(self, entry: Entry) -> tuple[str, ...]:
        shown: tuple[str, ...] = ()
        with suppress(WeChatError):
            shown = self._client.live(self._appid) or ()
        lists = self._client.effective(self._appid)
        return _of_hosts((*lists.direct_webviewdomain, *shown), entry.webview_hosts)

    def _remaining_server(self, entry: Entry) -> tuple[str, ...]:
        if not entry.server_hosts:
            return ()
        lists = self._client.server_domains(self._appid)
        return _of_hosts(entries(lists.direct_domain), entry.server_hosts)

    def _not_restored(self, entry: Entry, problem: str) -> NotRestored:
        hosts = dict.fromkeys((*entry.webview_hosts, *entry.server_hosts))
        return NotRestored(
            f"what calibrate added to {self._appid} could not be removed: {problem}",
            f"Run `wechat-miniprogram calibrate --app {self._appid}`: it removes them first, by the journal "
            f"{self._journal.path}. Or delete {', '.join(hosts)} from the app's domains yourself.",
        )

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except Stopped as stopped:
            self.outcome.notes.append(str(stopped))
        except (CallFailed, TokenUnavailable) as error:
            self.outcome.notes.append(str(error))
            self.outcome.failed = True


def open_calibration(
    settings: Settings, appid: str, *, warn: Callable[[str], None], journal: Journal
) -> Calibration:
    """Return a run on one app, at the endpoint of the settings."""
    recorder = Recorder()
    client = open_client(settings, warn=warn, attempts=Attempts(settings.max_attempts), heard=recorder)
    return Calibration(client, appid, recorder=recorder, journal=journal, platform=settings.component_appid)


def _of_hosts(values: Iterable[str], hosts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if host_of(value) in hosts))


def _foreign(values: Iterable[str], hosts: Sequence[str]) -> frozenset[str]:
    return frozenset(value for value in values if host_of(value) not in hosts)
