"""What is declared: by one resource, and by every resource of the running operation. No I/O.

WeChat has one list for each appid; a program may spread it over several resources. A removal therefore
needs to know what the others declare, and the engine tells no resource about another one. `Declarations`
collects it from everything that the engine does tell one process: checks, diffs, operations, what the
program itself says about its resources (`Siblings`), and what other processes of the run declare (`Said`).
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import hosts_of, is_used
from pulumi_wechat_miniprogram.lifecycle.state import Channel, ListName, Mode
from pulumi_wechat_miniprogram.safety.errors import UserError

Shared = Mapping[Listed, tuple[str, ...]]
"""Domains that other resources of the program declare too, each with the sorted names of these resources."""

_NOBODY: Final[Shared] = MappingProxyType({})
_MORE: Final = "more"
"""The digest of domains that are not known yet."""
_ONLY_MORE: Final = frozenset({_MORE})


@dataclass(frozen=True, slots=True)
class Declaration:
    """The checked inputs of one resource; `domains` in the user's order.

    `name` is the one by which `Declarations` knows it. `managed` are the kinds of server domains that it
    declares, be it as empty; the others are left alone.
    """

    appid: str
    domains: tuple[Listed, ...]
    mode: Mode = "authoritative"
    overwrite_existing: bool = False
    allow_mass_removal: bool = False
    confirm_file_timeout: float = 0.0
    name: str = ""
    managed: tuple[str, ...] = ()
    channel: Channel = "direct"
    claims: tuple[Listed, ...] = ()

    @property
    def claimed(self) -> tuple[Listed, ...]:
        """What no other resource may remove: what it declares, or what `claims` says."""
        return self.claims or self.domains


@dataclass(frozen=True, slots=True)
class Siblings:
    """What a program says of the other resources for the appid of `name`.

    `others` maps a resource's name to the domains that it declares in plain. `computed` names those of the
    appid, perhaps `name` too, that declare more, which other resources compute; `anywhere` those whose appid
    is computed. `failed` means that the program ended with an error, perhaps before it came to the others.
    One that is not `stated` is empty because the program, in YAML, TypeScript or Go, is silent. `beside` is
    the same of the other channel's list.
    """

    name: str = ""
    others: Mapping[str, frozenset[Listed]] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    anywhere: frozenset[str] = frozenset()
    failed: bool = False
    stated: bool = True
    beside: Siblings | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a process of the run says of one of its resources and of these domains, of which it gives digests.

    It `declares` them, `reads` them by an import or a `get`, or `removes` them from the live list. These are
    lists `of` one kind.
    """

    appid: str
    name: str
    what: Literal["declares", "reads", "removes"]
    domains: frozenset[str]
    of: ListName = "webview"


@dataclass(slots=True)
class _App:
    """One appid in one process: `declared` by the resources that were checked, and `announced`, by name.

    `heard` are the digests of what resources of other processes declare, `read` of what any process read by
    an import or a `get`, and `taken` of what others removed. `silent` are the resources whose program says
    nothing of others, `open` those that declare more than is known.
    """

    declared: dict[str, frozenset[Listed]] = field(default_factory=dict)
    announced: dict[str, frozenset[Listed]] = field(default_factory=dict)
    heard: dict[str, frozenset[str]] = field(default_factory=dict)
    read: dict[str, frozenset[str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    anywhere: set[str] = field(default_factory=set)
    failed: bool = False
    replaced: bool = False
    removed: set[Listed] = field(default_factory=set)
    put: set[Listed] = field(default_factory=set)
    spared: set[Listed] = field(default_factory=set)
    owners: dict[Listed, set[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    bequeathed: dict[Listed, set[str]] = field(default_factory=dict)


class Declarations:
    """What all resources of one process declare and own, by appid. Safe for concurrent use.

    A check says what a resource is about to declare. What its diff or its operation says afterwards counts
    instead: a policy may have changed the list in between.
    """

    def __init__(
        self,
        tell: Callable[[Said], None] = lambda _said: None,
        *,
        all_lists: dict[ListName, Declarations] | None = None,
    ) -> None:
        """`tell` passes on to other processes what is declared, read and removed here."""
        self._tell = tell
        self._all: dict[ListName, Declarations] = {"webview": self} if all_lists is None else all_lists
        self._guard = threading.Lock()
        self._apps: dict[str, _App] = {}

    def of(self, lists: ListName) -> Declarations:
        """Return the declarations of one kind of list."""
        if found := self._all.get(lists):
            return found
        tell = self._all["webview"]._tell  # noqa: SLF001 - of the same class
        made = Declarations(lambda said: tell(replace(said, of=lists)), all_lists=self._all)
        return self._all.setdefault(lists, made)  # one step: safe without a lock

    def check(self, appid: str, domains: Iterable[Listed], siblings: Siblings, *, more: bool = False) -> str:
        """Note what a check declares, perhaps beside `more`, and return the name of the resource here.

        One whose program says nothing gets a name that only this process knows: it begins with `#`.
        """
        more = more or siblings.name in siblings.computed  # what a failed resource computes is missing
        with self._guard:
            app = self._apps.setdefault(appid, _App())
            app.announced.update(siblings.others)
            app.computed.update(siblings.computed)
            app.anywhere.update(siblings.anywhere)
            app.failed = app.failed or siblings.failed
            now = frozenset(domains)
            name = siblings.name or _unnamed(app, now)
            app.declared[name] = now
            if siblings.name and not siblings.stated:
                app.silent.add(name)
            app.open = {other for other in app.open if _plain(other) != _plain(name)}
            if more:
                app.open.add(name)
        digests = _digests(appid, now) | (_ONLY_MORE if more else frozenset())
        self._tell(Said(appid, name, "declares", digests))
        return name

    def foretell(self, appid: str, siblings: Siblings) -> None:
        """Note what a program says of resources that were not checked yet."""
        with self._guard:
            app = self._apps.setdefault(appid, _App())
            app.announced.update(siblings.others)
            app.computed.update(siblings.computed)
            app.anywhere.update(siblings.anywhere)

    def may_declare(self, appid: str) -> bool:
        """Return whether a resource that was not checked yet may declare any domain of an app."""
        with self._guard:
            app = self._apps.get(appid, _App())
            checked = {name for each in self._apps.values() for name in each.declared}
            return bool((app.computed | app.anywhere).difference(checked) or app.open)

    def expect(self, appid: str, name: str) -> None:
        """Note that a resource without a state is about to be read, for an import or a `get`.

        If that fails, nobody learns what it declares, and the engine may go on (`--continue-on-error`).
        """
        with self._guard:
            self._apps.setdefault(appid, _App()).open.add(name)
        self._tell(Said(appid, name, "declares", _ONLY_MORE))

    def adopt(self, appid: str, name: str, domains: Iterable[Listed]) -> None:
        """Note what was read for it. An import declares what its check says, which comes next."""
        read = _digests(appid, domains)
        with self._guard:
            app = self._apps.setdefault(appid, _App())
            app.open.discard(name)
            app.read[name] = read
        self._tell(Said(appid, name, "reads", read))

    def has_read(self, name: str) -> bool:
        """Tell whether a resource was read in this run before its check, in any channel: it is an import."""
        return any(each._reads(name) for each in list(self._all.values()))  # noqa: SLF001 - of the same class

    def _reads(self, name: str) -> bool:
        with self._guard:
            return any(_plain(name) == _plain(reader) for app in self._apps.values() for reader in app.read)

    def read_as(self, appid: str, name: str, domains: Iterable[Listed]) -> frozenset[Listed]:
        """Return which of these domains are only read now by what has the name of a resource that goes.

        Each of them, if that has no name.
        """
        with self._guard:
            read = self._apps.get(appid, _App()).read
            digests = {
                digest
                for reader, held in read.items()
                if not name or _plain(reader) == _plain(name)
                for digest in held
            }
        return frozenset(domain for domain in domains if _digest(appid, domain) in digests)

    def hear(self, said: Said) -> None:
        """Note what another process says of these lists."""
        with self._guard:
            app = self._apps.setdefault(said.appid, _App())
            if said.what == "removes":
                app.taken |= said.domains
            elif said.what == "reads":
                app.read[said.name] = said.domains
                if app.heard.get(said.name) == _ONLY_MORE:
                    del app.heard[said.name]
            else:
                app.heard[said.name] = said.domains

    def heard(self, appid: str) -> tuple[str, ...]:
        """Return the resources that other processes declare for an appid."""
        with self._guard:
            heard = self._apps.get(appid, _App()).heard
            return tuple(sorted(name for name, digests in heard.items() if digests != _ONLY_MORE))

    def clashes(self, appid: str, domains: Iterable[Listed]) -> Shared:
        """Return which domains of a resource another process declares: no two processes share one."""
        with self._guard:
            heard = self._apps.get(appid, _App()).heard
            return _sorted(
                {
                    domain: {name for name, digests in heard.items() if _digest(appid, domain) in digests}
                    for domain in domains
                }
            )

    def silent_clashes(self, appid: str, name: str, domains: Iterable[Listed]) -> Shared:
        """Return which domains of a resource another one declares, where a program says nothing of either."""
        with self._guard:
            app = self._apps.get(appid, _App())
            known = _known(app, name)
            stated = {*app.declared, *app.announced} - app.silent
            may_share = {other for other in stated if other[:1] == "#"} if name in app.silent else stated
            return _sorted({domain: known.get(domain, set()) - may_share for domain in domains})

    def settle(self, appid: str, name: str, domains: Iterable[Listed]) -> None:
        """Note what a diff or an operation declares, if a check was seen of the resource."""
        now = frozenset(domains)
        with self._guard:
            app = self._apps.get(appid, _App())
            changed = name in app.declared and (name in app.open or app.declared[name] != now)
            if changed:
                app.declared[name] = now
                app.open.discard(name)
        if changed:
            self._tell(Said(appid, name, "declares", _digests(appid, now)))

    def elsewhere(
        self,
        appid: str,
        recorded: Shared = _NOBODY,
        *,
        but: str | None = None,
        owned: Iterable[Listed] = (),
        known: Iterable[Listed] = (),
    ) -> Shared:
        """Return what other resources declare for an appid, or may declare, with their names.

        `recorded` is what the asking resource's state says of its siblings: it counts until this process has
        checked or deleted them. `owned` are domains that the asking resource may remove: whatever is computed
        and was not checked yet may declare one. Of other processes this tells about those and about what is
        `known`.
        """
        with self._guard:
            app = self._apps.get(appid, _App())
            return _sorted(_elsewhere(app, appid, recorded, but=but, owned=tuple(owned), known=known))

    def shared(self, appid: str, domains: Iterable[Listed], recorded: Shared, *, but: str) -> Shared:
        """Return which of these domains other resources of the program declare, for the state.

        One whose list is computed declares what the state says of it, until its check. So does each one in
        a program that is silent.
        """
        domains = tuple(domains)
        with self._guard:
            app = self._apps.get(appid, _App())
            names = _known(app, but)
            for domain, stored in recorded.items():
                unseen = _unseen(app, stored, but)
                names.setdefault(domain, set()).update(
                    unseen if app.silent else unseen.intersection(app.computed)
                )
            for domain in domains:
                names.setdefault(domain, set()).update(_heard(app, appid, domain))
            found = _sorted(names)
            named = {
                domain: tuple(name for name in found.get(domain, ()) if name[:1] != "#") for domain in domains
            }
            return {domain: who for domain, who in named.items() if who}

    def may_remove(self, appid: str, domain: Listed, recorded: Shared, *, but: str) -> bool | None:
        """Return whether a domain that a resource put there and left to others may be removed now.

        None: those that had it are not in the program and were not deleted here, so it is theirs for good.
        """
        with self._guard:
            app = self._apps.get(appid, _App())
            unseen = _unseen(app, recorded.get(domain, ()), but)
            expected = unseen if app.silent else unseen.intersection(app.announced.keys() | app.computed)
            declared = domain in _known(app, but) or _heard(app, appid, domain) or app.open - {but}
            if declared or expected:
                return False
            return None if unseen or not recorded.get(domain) else True

    def platforms(self) -> tuple[str, ...]:
        """Return the platforms whose own list resources of this run declare."""
        with self._guard:
            return tuple(sorted(appid for appid, app in self._apps.items() if app.declared or app.announced))

    def hosts(self, component: str) -> frozenset[str]:
        """Return the hosts that resources of this run declare for a platform's own list."""
        with self._guard:
            return frozenset(hosts_of(_known(self._apps.get(component, _App()), None)))

    def users(self, hosts: Collection[str]) -> tuple[str, ...]:
        """Return the apps that declare a domain which needs one of these hosts of their platform's list."""
        with self._guard:
            return tuple(
                sorted(
                    appid
                    for appid, app in self._apps.items()
                    if any(is_used(domain, hosts) for domain in _known(app, None))
                )
            )

    def unknown(self, appid: str) -> tuple[str, ...]:
        """Return the resources of the program whose appid is computed, and which may be of this one."""
        with self._guard:
            app = self._apps.get(appid, _App())
            return tuple(sorted(app.anywhere.difference(app.declared)))

    def failed(self, appid: str) -> bool:
        """Return whether the program ended with an error, so that nobody knows all that it declares."""
        with self._guard:
            return self._apps.get(appid, _App()).failed

    def replace(self, appid: str) -> None:
        """Note a diff of unknown inputs: the engine may delete the resource before it creates it again."""
        with self._guard:
            self._apps.setdefault(appid, _App()).replaced = True

    def replaced(self, appid: str) -> bool:
        """Return whether a deletion that comes now is followed by a creation: no check was seen yet."""
        with self._guard:
            app = self._apps.get(appid, _App())
            return app.replaced and not app.declared

    def checked(self, appid: str, name: str) -> bool:
        """Tell whether a check of this process was about this resource: the diff after a refresh has none."""
        with self._guard:
            return name in self._apps.get(appid, _App()).declared

    def was_checked(self, appid: str) -> bool:
        """Return whether a check of this run was about this appid."""
        with self._guard:
            app = self._apps.get(appid, _App())
            return bool(app.declared or app.heard)

    def remove(self, appid: str, domains: Iterable[Listed]) -> None:
        """Note what this process takes off the live list."""
        gone = frozenset(domains)
        with self._guard:
            app = self._apps.setdefault(appid, _App())
            app.removed |= gone
            app.spared -= gone
        if gone:
            with contextlib.suppress(UserError):  # the removal is done, and nobody may be left to tell
                self._tell(Said(appid, "", "removes", _digests(appid, gone)))

    def removed(self, appid: str, domains: Iterable[Listed]) -> tuple[Listed, ...]:
        """Return which of these domains this run took off the live list."""
        with self._guard:
            app = self._apps.get(appid, _App())
            return tuple(domain for domain in domains if _is_gone(app, appid, domain))

    def restore(self, appid: str, domains: Iterable[Listed]) -> tuple[Listed, ...]:
        """Note what this process put on the live list, and return what of it was taken off before."""
        with self._guard:
            app = self._apps.setdefault(appid, _App())
            domains = tuple(domains)
            app.put.update(domains)
            back = tuple(domain for domain in domains if _is_gone(app, appid, domain))
            app.removed.difference_update(back)
            app.taken -= _digests(appid, back)
            return back

    def foresee(self, appid: str, domains: Iterable[Listed]) -> None:
        """Note what this preview would put on the live list."""
        with self._guard:
            self._apps.setdefault(appid, _App()).put.update(domains)

    def put(self, appid: str) -> frozenset[Listed]:
        """Return what this process put on the live list: none of it was there at the last release."""
        with self._guard:
            return frozenset(self._apps.get(appid, _App()).put)

    def own(self, appid: str, name: str, domains: Iterable[Listed]) -> None:
        """Note which domains a resource put on the live list; one without a name is not followed."""
        if not name:
            return
        with self._guard:
            owners = self._apps.setdefault(appid, _App()).owners
            for holders in owners.values():
                holders.discard(name)
            for domain in domains:
                owners.setdefault(domain, set()).add(name)

    def owned(self, appid: str, *, but: str) -> frozenset[Listed]:
        """Return the domains that other resources put on the live list, as far as this process knows."""
        with self._guard:
            app = self._apps.get(appid, _App())
            held = {domain for domain, holders in app.owners.items() if holders - {but}}
            return frozenset(held | app.bequeathed.keys())

    def spare(self, appid: str, domains: Iterable[Listed]) -> None:
        """Note what a resource owned and left on the live list, because another one was to declare it."""
        with self._guard:
            self._apps.setdefault(appid, _App()).spared.update(domains)

    def spare_for_others(
        self, appid: str, domains: Iterable[Listed], recorded: Shared, *, but: str
    ) -> frozenset[Listed]:
        """Note which of what a resource owned another one may declare, and return what was not noted before.

        That is one step: who is checked afterwards finds it noted.
        """
        domains = tuple(domains)
        with self._guard:
            app = self._apps.setdefault(appid, _App())
            names = _elsewhere(app, appid, recorded, but=but, owned=domains)
            noted = frozenset(domain for domain in domains if names.get(domain)).difference(app.spared)
            app.spared |= noted
            return noted

    def unspare(self, appid: str, domains: Iterable[Listed]) -> None:
        """Note that these were not spared after all."""
        with self._guard:
            self._apps.setdefault(appid, _App()).spared.difference_update(domains)

    def orphans(self, appid: str) -> frozenset[Listed]:
        """Return what was spared for a resource that turned out not to declare it: a policy took it away."""
        with self._guard:
            app = self._apps.get(appid, _App())
            if app.silent or app.open or app.computed.difference(app.declared):
                return frozenset()
            return frozenset(app.spared.difference(_known(app, None)))

    def leave(self, appid: str, name: str, bequeathed: Shared) -> None:
        """Note that a resource is gone, and what it owned and left to others, with the names of these."""
        with self._guard:
            self._apps.setdefault(appid, _App()).gone.update({name} - {""})
        self.bequeath(appid, bequeathed)

    def bequeath(self, appid: str, domains: Shared) -> None:
        """Note what a resource owned and leaves to others, by the names of these."""
        with self._guard:
            bequeathed = self._apps.setdefault(appid, _App()).bequeathed
            for domain, names in domains.items():
                bequeathed.setdefault(domain, set()).update(names)

    def inherited(self, appid: str, name: str) -> tuple[Listed, ...]:
        """Return what resources that are gone left to this one, the last of those that they named."""
        with self._guard:
            app = self._apps.get(appid, _App())
            return tuple(
                sorted(domain for domain, names in app.bequeathed.items() if names - app.gone <= {name})
            )


def _unnamed(app: _App, domains: frozenset[Listed]) -> str:
    """Return a name for a resource that has none; the engine checks one twice before a replacement."""
    same = (name for name, known in app.declared.items() if name.startswith("#") and known == domains)
    return next(same, f"#{len(app.declared)}")


def _known(app: _App, but: str | None) -> dict[Listed, set[str]]:
    """Return what is declared, by a check or by the word of the program, with the names of the resources."""
    names: dict[Listed, set[str]] = {}
    announced = {name: domains for name, domains in app.announced.items() if name not in app.heard}
    for name, domains in {**announced, **app.declared}.items():
        for domain in domains if name != but else ():
            names.setdefault(domain, set()).add(name)
    return names


def _elsewhere(
    app: _App,
    appid: str,
    recorded: Shared,
    *,
    but: str | None,
    owned: Sequence[Listed],
    known: Iterable[Listed] = (),
) -> dict[Listed, set[str]]:
    """See `Declarations.elsewhere`."""
    names = _known(app, but)
    for domain in (*owned, *known):
        names.setdefault(domain, set()).update(_heard(app, appid, domain), app.open - {but})
    for domain, stored in recorded.items():
        names.setdefault(domain, set()).update(_unseen(app, stored, but))
    for domain in owned:
        names.setdefault(domain, set()).update(app.computed.difference(app.declared, {but}))
    return names


def _heard(app: _App, appid: str, domain: Listed) -> set[str]:
    """Return the resources of other processes that declare a domain."""
    if not app.heard:
        return set()
    said = {_digest(appid, domain), _MORE}
    return {name for name, digests in app.heard.items() if said & digests}


def _is_gone(app: _App, appid: str, domain: Listed) -> bool:
    return domain in app.removed or (bool(app.taken) and _digest(appid, domain) in app.taken)


def _unseen(app: _App, names: Iterable[str], but: str | None) -> set[str]:
    """Return which resources that a state names were neither checked nor deleted in this run."""
    return set(names).difference(app.declared, app.heard, app.gone, {but})


def _sorted(names: Mapping[Listed, set[str]]) -> Shared:
    return {domain: tuple(sorted(found)) for domain, found in names.items() if found}


def _digest(appid: str, domain: Listed) -> str:
    """Return a digest of a domain for the files that processes share, since the domain may be secret."""
    return hashlib.blake2b(
        domain.encode("utf-8", "surrogatepass"), key=appid.encode(), digest_size=16
    ).hexdigest()


def _digests(appid: str, domains: Iterable[Listed]) -> frozenset[str]:
    return frozenset(_digest(appid, domain) for domain in domains)


def _plain(name: str) -> str:
    """Return a resource's name without its parents or its number."""
    return name.partition(" (")[0]
