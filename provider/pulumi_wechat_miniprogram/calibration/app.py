"""One app under calibration. What is added is of the given hosts alone, and is removed whatever happens.

- A host that is on any list of the app is not touched.
- `set` goes out only while every list of the app holds nothing but what this run added.
- Nothing is deleted but values of the given hosts, in WeChat's own spelling.
- When a domain of others changes during the run, it stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from pulumi_wechat_miniprogram.calibration.journal import Entry, Journal
from pulumi_wechat_miniprogram.calibration.recorder import Recorder
from pulumi_wechat_miniprogram.calibration.seen import (
    Exchange,
    Family,
    configured,
    entries,
    holds_unknown_lists,
    host_of,
    ways,
)
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.wechat.client import (
    SERVER_EFFECTIVE,
    WEBVIEW_EFFECTIVE,
    Channel,
    Client,
)
from pulumi_wechat_miniprogram.wechat.errors import CallFailed, WeChatError
from pulumi_wechat_miniprogram.wechat.models import SERVER_FIELDS, EffectiveLists, EffectiveServerLists, Reply
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable

_NO_ACCESS: Final = frozenset({"token", "permission", "offboarded"})
_NO_MORE: Final = frozenset({45009, 45011, 89030, 45104, 86102})
"""Codes of a day's, a minute's and a month's changes."""
_NOT_ALL: Final = (
    "WeChat's answer does not contain exactly the known lists of {} domains, so nothing is written to them: "
    "a host may be on a list that the answer leaves out"
)
_WEBVIEW_WAYS: Final = frozenset(EffectiveLists.own_fields())
_SERVER_WAYS: Final = frozenset(EffectiveServerLists.own_fields())


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
        """Yield what is on any list of webview domains, or in force."""
        yield from (*sorted(configured(self.webview)), *self.webview.effective_webviewdomain)

    def server_values(self) -> Iterator[str]:
        """Yield what is on any list of server domains, or in force."""
        if self.server is not None:
            yield from (*sorted(ways(self.server)), *entries(self.server.effective_domain))


@dataclass
class Outcome:
    """What a run brought: its calls, what went wrong, and what it did not do."""

    exchanges: Sequence[Exchange]
    notes: list[str] = field(default_factory=list)
    writes: int = 0
    failed: bool = False


class App:
    """The lists of one app, and the writes of one run on them.

    `hosts` and `server_hosts` are those that the run may write: no list had them when it began.
    """

    def __init__(
        self,
        client: Client,
        appid: str,
        *,
        recorder: Recorder,
        journal: Journal,
        platform: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.client = client
        self.appid = appid
        self.platform = platform
        self.hosts: tuple[str, ...] = ()
        self.server_hosts: tuple[str, ...] = ()
        self.outcome = Outcome(recorder.exchanges)
        self._journal = journal
        self._clock = clock
        self._most = 0
        self._unseen: tuple[str, ...] = ()
        self._unseen_of_server: tuple[str, ...] = ()
        self._in_doubt = False
        self._last = Lists(EffectiveLists(), None)
        self._others: tuple[frozenset[str], frozenset[str]] | None = None

    def close(self) -> None:
        self.client.close()

    def restore(self, endpoint: str) -> list[str]:
        """Remove what a killed run left behind at this endpoint, and return it.

        Raises:
            JournalUnreadable: its journal is damaged.
            NotRestored: something is still there, or the run was at another endpoint.
        """
        entry = self._journal.read()
        if entry is None:
            return []
        if entry.appid != self.appid:
            raise self._not_restored(entry, f"the journal belongs to {entry.appid}")
        if entry.endpoint != endpoint:
            raise self._not_restored(entry, f"it was added at {entry.endpoint}, and this is {endpoint}")
        is_anothers = not self.hosts
        # It may have been killed during a write.
        self._in_doubt = is_anothers and not entry.is_settled(self._clock())
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
        self.hosts = self.server_hosts = tuple(hosts)
        found = self.configured()
        found |= {*_foreign(self._last.values(), hosts), *_foreign(self._last.shown, hosts)}
        found |= _foreign(self._last.server_values(), hosts)
        if not (self._tells_all and self._tells_all_of_server):
            raise Stopped(_NOT_ALL.format("webview and server"))
        if not found:
            self._journal.write(self._entry(endpoint))
        return sorted(found)

    def _entry(self, endpoint: str) -> Entry:
        return Entry(
            appid=self.appid,
            endpoint=endpoint,
            webview_hosts=self.hosts,
            server_hosts=self.server_hosts,
        )

    @contextmanager
    def writable(self, hosts: Sequence[str], endpoint: str, most: int) -> Iterator[None]:
        """Allow `most` writes of those hosts that are on no list. However the block ends, restore the lists.

        Raises:
            Stopped: each host is on a list.
            NotRestored: something that was added is still there.
        """
        if self._journal.read():
            raise Stopped("a write of an interrupted run may still take effect: run this again in a minute")
        lists = self._look("webview", "server")
        if self._tells_all:
            self.hosts = self._free(hosts, (*lists.values(), *lists.shown), "webview domains")
        else:
            self.outcome.notes.append(_NOT_ALL.format("webview"))
        if self._tells_all_of_server:
            self.server_hosts = self._free(hosts, lists.server_values(), "server domains")
        elif lists.server is not None:
            self.outcome.notes.append(_NOT_ALL.format("server"))
        if not self.hosts and not self.server_hosts:
            raise Stopped(
                "none of the given hosts is known to be absent from all lists of the app; nothing is written"
            )
        self._most = most
        entry = self._entry(endpoint)
        self._journal.write(entry)
        try:
            yield
        finally:
            self._restore(entry)

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Note what ends the block early, instead of raising it."""
        try:
            yield
        except Stopped as stopped:
            self.outcome.notes.append(str(stopped))
        except (CallFailed, TokenUnavailable) as error:
            self.outcome.notes.append(str(error))
            self.outcome.failed = True

    # What is on the lists.

    @property
    def ours(self) -> tuple[str, ...]:
        """Return what this run has on the list of webview domains, in WeChat's spelling, each value once."""
        return _of_hosts((*self._last.webview.direct_webviewdomain, *self._last.shown), self.hosts)

    @property
    def ours_of_server(self) -> tuple[str, ...]:
        lists = self._last.server
        return () if lists is None else _of_hosts(entries(lists.direct_domain), self.server_hosts)

    @property
    def is_alone(self) -> bool:
        """Return whether it is proven that every list of webview domains holds this run's alone."""
        lists = self._last.webview
        values = (*configured(lists), *lists.effective_webviewdomain, *self._last.shown)
        return self._tells_all and not _foreign(values, self.hosts)

    @property
    def is_alone_on_server_lists(self) -> bool:
        return self._tells_all_of_server and not _foreign(self._last.server_values(), self.server_hosts)

    @property
    def _tells_all(self) -> bool:
        """Tell whether the last answer names every list of webview domains, and no list that is not known."""
        return self._last.webview.model_fields_set >= _WEBVIEW_WAYS and not self._answered_more(
            WEBVIEW_EFFECTIVE, EffectiveLists
        )

    @property
    def _tells_all_of_server(self) -> bool:
        lists = self._last.server
        if lists is None or not lists.model_fields_set >= _SERVER_WAYS:
            return False
        every_way = [getattr(lists, way) for way in _SERVER_WAYS]
        return all(
            way.model_fields_set >= {*SERVER_FIELDS.values()} for way in every_way
        ) and not self._answered_more(SERVER_EFFECTIVE, EffectiveServerLists)

    def _answered_more(self, endpoint: str, model: type[Reply]) -> bool:
        answers = [each for each in self.outcome.exchanges if each.endpoint == endpoint]
        return bool(answers) and holds_unknown_lists(answers[-1].document, model)

    # Reads.

    def _look(self, *families: Family) -> Lists:
        """Read the lists of these families.

        Raises:
            Stopped: others changed them since the run began.
        """
        webview, server, shown = self._last.webview, self._last.server, self._last.shown
        if "webview" in families:
            with suppress(WeChatError):
                shown = self.client.live(self.appid) or ()
            webview = self.client.effective(self.appid)
        if "server" in families:
            server = None
            with suppress(WeChatError):
                server = self.client.server_domains(self.appid)
        self._last = lists = Lists(webview, server, shown)
        foreign = (
            _foreign(lists.values(), self.hosts),
            _foreign(lists.server_values(), self.server_hosts),
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

    def send(self, action: str, *values: str, channel: Channel = "direct") -> int | None:
        """Write webview domains, look, and return the errcode; None if budget or rules forbid it."""
        is_free = self.is_alone and (channel == "direct" or not self.ours)
        if _forbidden(action, values, self.hosts, is_free=is_free) or not self._may_write(
            adds_webview=action == "add" or bool(values and action == "set")
        ):
            return None
        code = self._errcode(lambda: self.client.write(self.appid, action, values, channel=channel))
        self._look("webview")
        if action == "add" and code == 0 and not self.ours:
            self._unseen = values
            raise _not_shown(values)
        return code

    def send_server(
        self, action: str, *sent: str, channel: Channel = "direct", emptied: Sequence[str] = ()
    ) -> int | None:
        """Write server domains, each with its kind before it, as `send` does."""
        is_free = self.is_alone_on_server_lists
        if _forbidden(action, sent, self.server_hosts, is_free=is_free) or not self._may_write(
            adds_server=action != "delete"
        ):
            return None
        code = self._errcode(
            lambda: self.client.write_server_domains(
                self.appid, action, sent, channel=channel, emptied=emptied
            )
        )
        self._look("server")
        if action == "add" and code == 0 and not self.ours_of_server:
            self._unseen_of_server = sent
            raise _not_shown(sent)
        return code

    def send_no_prefetch_hosts(self) -> None:
        """Empty the list of prefetch hosts, if it is proven empty: nothing changes, whatever the answer."""
        try:
            answer = self.client.prefetch_hosts(self.appid)
        except WeChatError:
            return
        if "hosts" in answer.model_fields_set and not answer.hosts and self._may_write():
            self._errcode(lambda: self.client.write_prefetch_hosts(self.appid, ()))

    def drop(self) -> None:
        if values := self.ours:
            self.send("delete", *values)

    def drop_server(self) -> None:
        if values := self.ours_of_server:
            self.send_server("delete", *values)

    def _may_write(self, *, adds_webview: bool = False, adds_server: bool = False) -> bool:
        """Count a write if the budget still has one after it for each list that is then to be restored."""
        reserve = bool(adds_webview or self.ours) + bool(adds_server or self.ours_of_server)
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
        except (UserError, OSError) as error:
            raise self._not_restored(entry, str(error)) from error
        if left:
            raise self._not_restored(entry, f"still there: {', '.join(left)}")
        if self._in_doubt:
            checked_at = entry.checked_at or self._clock()
            self._journal.write(entry.model_copy(update={"checked_at": checked_at}))
        else:
            self._journal.remove()
        return removed

    def _remove_webview(self, entry: Entry) -> list[str]:
        values = self._remaining_webview(entry) or self._unseen
        if values:
            self.outcome.writes += 1
            with suppress(WeChatError):  # what is still there then is reported
                self.client.write(self.appid, "delete", values)
        return [*values]

    def _remove_server(self, entry: Entry) -> list[str]:
        values = self._remaining_server(entry) or self._unseen_of_server
        if values:
            self.outcome.writes += 1
            with suppress(WeChatError):
                self.client.write_server_domains(self.appid, "delete", values)
        return [*values]

    def _remaining(self, entry: Entry) -> tuple[str, ...]:
        return (*self._remaining_webview(entry), *self._remaining_server(entry))

    def _remaining_webview(self, entry: Entry) -> tuple[str, ...]:
        shown: tuple[str, ...] = ()
        with suppress(WeChatError):
            shown = self.client.live(self.appid) or ()
        lists = self.client.effective(self.appid)
        return _of_hosts((*lists.direct_webviewdomain, *shown), entry.webview_hosts)

    def _remaining_server(self, entry: Entry) -> tuple[str, ...]:
        if not entry.server_hosts:
            return ()
        lists = self.client.server_domains(self.appid)
        return _of_hosts(entries(lists.direct_domain), entry.server_hosts)

    def _not_restored(self, entry: Entry, problem: str) -> NotRestored:
        hosts = dict.fromkeys((*entry.webview_hosts, *entry.server_hosts))
        return NotRestored(
            f"what calibrate added to {self.appid} could not be removed: {problem}",
            f"Run `wechat-miniprogram calibrate --app {self.appid}`: it removes them first, using the "
            f"journal {self._journal.path}. Or delete {', '.join(hosts)} from the app's domains yourself.",
        )


def _forbidden(action: str, values: Sequence[str], hosts: Sequence[str], *, is_free: bool) -> bool:
    """Return whether the rules at the top forbid a write."""
    return bool(_foreign(values, hosts)) or (action == "set" and not is_free)


def _not_shown(values: Sequence[str]) -> Stopped:
    text = f"WeChat accepted {', '.join(values)}, and no list shows it"
    return Stopped(f"{text}; nothing more is written")


def _of_hosts(values: Iterable[str], hosts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if host_of(value) in hosts))


def _foreign(values: Iterable[str], hosts: Sequence[str]) -> frozenset[str]:
    return frozenset(value for value in values if host_of(value) not in hosts)
