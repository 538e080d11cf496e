"""A resource that manages lists of domains, as the engine asks for it: webview domains or server domains.

Properties come and go as plain values in snake_case. What only an update will know is one of
`marks.UNKNOWNS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_wechat_miniprogram.exports.kinds import NAME_KEY
from pulumi_wechat_miniprogram.exports.marks import UNKNOWN, has_unknowns, is_unknown
from pulumi_wechat_miniprogram.exports.state import CHANNELS
from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration, Declarations, Siblings
from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused
from pulumi_wechat_miniprogram.lifecycle.state import (
    IMPORTED,
    OTHER_CHANNEL,
    Channel,
    ListName,
    Recorded,
    among,
    managed_by,
    resource_id,
)
from pulumi_wechat_miniprogram.resources.inputs import (
    check_appid,
    failed_program,
    stored_list,
    to_siblings,
    without,
)
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.settings import lacks_token

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler

_REGISTERED: Final = "/registered"

Difference = Literal["none", "inputs", "outputs", "appid"]
"""What makes an update necessary: other inputs, or only what the outputs say. Another appid replaces."""


class DomainLists(ABC):
    """Each method raises `UserError` with a text for the user. An instance serves one request.

    `account` is the input that names whose lists they are, `lists` are the inputs that hold domains,
    `inputs` all of them, and `computed` the other outputs.
    """

    account: str = "appid"
    lists: Sequence[str]
    inputs: Sequence[str]
    computed: Sequence[str]

    def __init__(self, session: Session) -> None:
        self._session = session
        self._channel: Channel = "direct"

    @classmethod
    def id_of(cls, props: Mapping[str, Any]) -> str:
        """Return the id of a resource: the appid, with `/registered` after it for a list of that channel."""
        return resource_id(props[cls.account], props.get("channel", "direct"))

    def check(
        self, olds: dict[str, Any], news: dict[str, Any], *, name: str = ""
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the canonical inputs, and every reason to refuse them before anything is applied.

        `name` is the resource's, if its program does not tell more of it and its siblings.
        """
        session = self._session
        inputs, problems = self._checked(olds, news)
        self._take_channel(inputs)
        siblings = to_siblings(news, self._parsed, account=self.account)
        siblings = siblings if siblings.name else replace(siblings, name=name)
        problems += self._lasting_channel(olds, inputs, imported=self._declarations.has_read(siblings.name))
        problems = problems or self._mass_removal(olds, inputs) or self._check_token_owner(inputs)
        if siblings.failed and not problems and inputs.get("mode") == "additive":
            problems = failed_program(inputs[self.account], self._dropped(olds, inputs))
        if not problems:
            for line in self._remarks(inputs):
                session.warn_once(line, line)
        if not problems and not is_unknown(inputs[self.account]):
            try:
                problems = self._declare(inputs, siblings)
            except UserError as error:
                problems = [str(error)]
        if problems and self._declarations.has_read(siblings.name):
            problems.append(messages.IMPORT_IS_STORED)
        return inputs, problems

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> Difference:
        """Compare meaning: the sets of domains, `mode` and `appid`.

        An unknown appid does not replace the resource. The engine asks for this diff for each resource that
        depends on one that is deleted before it is replaced. It would delete this one too, and so empty a
        live list, before it knows that the appid stays the same.
        """
        recorded = self._recorded(id_, olds)
        self._take_channel(news)
        declarations = self._declarations
        appid = news[self.account]
        if is_unknown(appid) or any(has_unknowns(news.get(each)) for each in self.lists):
            declarations.replace(recorded.appid)
            return "inputs"
        if recorded.appid != appid:
            return "appid"
        name = news.get(NAME_KEY, "")
        declared = self._declared(news)
        declarations.settle(recorded.appid, name, self._claimed(news))
        declarations.own(recorded.appid, name, recorded.added_domains)
        if declarations.checked(appid, name):
            self._refuse_update(recorded, news, name)
        if self._differs(recorded, news):
            return "inputs"
        drifted = self._drifted(recorded, overwrites=bool(news.get("overwrite_existing")))
        if set(recorded.domains) != set(declared) or managed_by(recorded) != self._managed(news):
            self._warn_of_moves(recorded, news, name)
            return "inputs"
        return "outputs" if drifted or self._record_sharing(recorded, name) else "none"

    def warn_of_replacement(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Name what goes off the live list with a resource whose account changes."""
        recorded = self._recorded(id_, olds)
        elsewhere = self._elsewhere(recorded, news, self._ours(recorded))
        gone = [each for each in self._ours(recorded) if each not in elsewhere]
        for line in messages.goes_with_replacement(
            recorded.appid, news[self.account], gone, recorded.effective_domains
        ):
            self._session.warn(line)

    def _elsewhere(
        self, recorded: Recorded, news: Mapping[str, Any], owned: Sequence[Listed]
    ) -> Collection[Listed]:
        """Return what other resources declare for the account of a state."""
        return self._declarations.elsewhere(
            recorded.appid, recorded.shared_domains, but=news.get(NAME_KEY, ""), owned=owned
        )

    def warn_of_update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Say what an update does to what is in force, as far as the state tells, or that it has no token."""
        recorded = self._recorded(id_, olds)
        self._warn_without_token(recorded.appid)
        if self._list not in OTHER_CHANNEL or any(has_unknowns(news.get(each)) for each in self.lists):
            return
        declared = self._declared(news)
        owned = self._ours(replace(recorded, mode=news.get("mode", recorded.mode)))
        managed = among(owned, self._managed(news))
        removed = without([each for each in owned if each in managed], declared)
        elsewhere = self._elsewhere(recorded, news, removed)
        for line in messages.exchange(
            recorded.appid,
            [each for each in removed if each not in elsewhere],
            without(declared, recorded.effective_domains),
            recorded.effective_domains,
        ):
            self._session.warn(line)

    def look_ahead(self, inputs: dict[str, Any]) -> list[str]:
        """Say what a creation removes, where the settings ask for a look, and return why it must not."""
        appid = inputs[self.account]
        if is_unknown(appid):
            return []
        self._warn_without_token(appid)
        if not self._session.settings.live_diff or any(has_unknowns(inputs.get(each)) for each in self.lists):
            return []
        try:
            self._informed().foretell(self._declaration(inputs))
        except UserError as error:
            return [str(error)]
        return []

    def _ours(self, recorded: Recorded) -> Sequence[Listed]:
        """Return what a state says that this resource may remove."""
        return recorded.domains if recorded.mode == "authoritative" else recorded.added_domains

    def _warn_without_token(self, account: str) -> None:
        if problem := lacks_token(self._session.settings, account):
            self._session.warn_once("no token", messages.no_token(account, problem))

    def create(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Adopt what is live and write what is missing; return the outputs."""
        self._take_channel(inputs)
        return self.outputs_of(self._informed().create(self._declaration(inputs)), inputs)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        """Send the difference; return the outputs."""
        self._take_channel(news)
        return self.outputs_of(
            self._informed().update(self._recorded(id_, olds), self._declaration(news)), news
        )

    def preview(
        self, inputs: dict[str, Any], *, id_: str = "", olds: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what `create` would, or `update` of `olds`, with what only it can tell marked as unknown.

        Nothing is asked while an input is unknown, or where the settings turn these reads off. Only a refusal
        fails: whatever else keeps the live list from being read is a warning.
        """
        self._take_channel(inputs)
        declared = {name: inputs[name] for name in self.inputs if name in inputs}
        blind = {**declared, **dict.fromkeys(self.computed, UNKNOWN)}
        state = None if olds is None else self._recorded(id_, olds)
        if unknown := [name for name in declared if has_unknowns(inputs[name])]:
            names = ", ".join(f"`{name}`" for name in unknown)
            self._session.tell(
                f"not compared with the live list: {names} will be known only during the update"
            )
            return blind
        if not self._session.settings.preview_reads:
            return blind
        try:
            foreseen = self._informed().preview(self._declaration(inputs), state)
        except (Interrupted, PlanRefused):
            raise
        except UserError as error:
            self._session.warn_once(
                error.alike,
                f"{error.summary}. The preview was not compared with the live list, so `pulumi up` may "
                "refuse what it shows, here and for other Mini Programs",
            )
            return blind
        both = {*foreseen.open, *(name.removesuffix("_domains") for name in foreseen.open)}
        open_ = both.intersection(self.computed)  # not every resource has each of them
        return {**self.outputs_of(foreseen.recorded, inputs), **dict.fromkeys(open_, UNKNOWN)}

    def move(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any] | None:
        """Return the outputs of an update that only writes a state anew, or None if it has more to do."""
        if self.diff(id_, olds, news) != "none":
            return None
        return self.outputs_of(self._recorded(id_, olds), news)

    def adopt(self, id_: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is live as outputs and inputs of a resource without a state: an import, or a `get`."""
        appid = id_.removesuffix(_REGISTERED) if "channel" in self.inputs else id_
        if problems := check_appid(appid, "the id"):
            raise UserError("\n".join(problems))
        self._channel = "direct" if appid == id_ else "registered"
        declarations = self._declarations
        declarations.expect(appid, name)
        seen = self._reconciler.look(appid)
        ours = [each for each in seen.live if each not in seen.only_other_modes]
        declarations.adopt(appid, name, ours)
        recorded = seen.record(ours, "authoritative", self._held(ours))
        return self._read(replace(recorded, declared_as=IMPORTED), {})

    def read(self, id_: str, olds: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is live, as outputs and as inputs."""
        recorded = self._recorded(id_, olds)
        self._channel = recorded.channel
        return self._read(self._reconciler.read(recorded), olds)

    def delete(self, id_: str, olds: dict[str, Any], *, name: str = "") -> None:
        """Remove what this resource owns; `name` is the resource's, if its state has none."""
        recorded = self._recorded(id_, olds)
        self._channel = recorded.channel
        if recorded.declared_as in {"", IMPORTED}:
            recorded = replace(recorded, declared_as=name)
        self._informed().delete(recorded)

    def _informed(self) -> Reconciler:
        """Return the use cases, which then know what other processes of this run declare."""
        self._session.hear()
        return self._reconciler

    @property
    def _declarations(self) -> Declarations:
        return self._session.declarations.of(self._list)

    @property
    def _reconciler(self) -> Reconciler:
        return self._session.reconciler.of(self._list)

    @property
    @abstractmethod
    def _list(self) -> ListName:
        """Name the list that this request is about."""

    def _take_channel(self, inputs: Mapping[str, Any]) -> None:
        """Serve the list that the inputs are about; a wrong channel was, or is being, refused."""
        self._channel = "registered" if inputs.get("channel") == "registered" else "direct"

    def _lasting_channel(
        self, olds: Mapping[str, Any], inputs: Mapping[str, Any], *, imported: bool
    ) -> list[str]:
        """Return why the channel may not change, if the old inputs of the same app have another one."""
        before, now = olds.get("channel", "direct"), inputs.get("channel", "direct")
        if olds.get(self.account) != inputs.get(self.account) or before == now or now not in CHANNELS:
            return []
        change = messages.import_of_channel if imported else messages.channel_changes
        return [change(inputs[self.account], before, now)]

    @abstractmethod
    def outputs_of(self, recorded: Recorded, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs of a resource; those that guide an operation are as its inputs have them."""

    @abstractmethod
    def _parsed(self, text: str) -> Listed:
        """Return what another resource declares, as it is compared."""

    @abstractmethod
    def _declared(self, inputs: Mapping[str, Any]) -> list[Listed]:
        """Return the canonical form of what is known of the lists."""

    def _claimed(self, inputs: Mapping[str, Any]) -> list[Listed]:
        """Return what no other resource may remove."""
        return self._declared(inputs)

    @abstractmethod
    def _recorded(self, id_: str, outputs: Mapping[str, Any]) -> Recorded:
        """Parse stored outputs; see `inputs.to_recorded`."""

    @abstractmethod
    def _declaration(self, inputs: Mapping[str, Any]) -> Declaration:
        """Parse checked inputs, none of them unknown."""

    @abstractmethod
    def _checked(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Return the inputs in canonical form and every reason to refuse them."""

    def _mass_removal(self, _olds: Mapping[str, Any], _inputs: Mapping[str, Any]) -> list[str]:
        """Return the safety valve's text if new lists drop too much of the old ones of the same appid."""
        return []

    def _differs(self, recorded: Recorded, news: Mapping[str, Any]) -> bool:
        """Return whether inputs other than the lists ask for an update."""
        return bool(news.get("mode", recorded.mode) != recorded.mode)

    def _refuse_update(self, recorded: Recorded, news: Mapping[str, Any], _name: str) -> None:
        """Raise where the state tells that an update must not be done."""
        declared = self._declared(news)
        dropped = without(recorded.domains, declared)
        if dropped and (refusals := self._informed().refuse_drop(recorded, declared)):
            raise PlanRefused(refusals)

    def _dropped(self, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Listed]:
        """Return what of the old lists of the same app the inputs do not declare."""
        declared = (name for name in self.lists if inputs.get(name) is not None)
        stored = {name: stored_list(olds, inputs, name, account=self.account) for name in declared}
        return without(self._declared(stored), self._declared(inputs))

    def _remarks(self, _inputs: Mapping[str, Any]) -> list[str]:
        """Return what a user should know of inputs that are accepted."""
        return []

    def _managed(self, _inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the kinds of server domains that are declared, be it as empty."""
        return ()

    def _held(self, _live: Sequence[Listed]) -> tuple[str, ...]:
        """Return the kinds of server domains that a live list has."""
        return ()

    def _read(self, recorded: Recorded, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        outputs = self.outputs_of(recorded, inputs)
        name = {NAME_KEY: recorded.declared_as} if recorded.declared_as not in {"", IMPORTED} else {}
        return outputs, {**{each: outputs[each] for each in self.inputs if each in outputs}, **name}

    def _declare(self, inputs: dict[str, Any], siblings: Siblings) -> list[str]:
        """Note what a resource declares, add its name, and return why it may not."""
        declarations, appid = self._declarations, inputs[self.account]
        self._session.hear()
        declared = self._declared(inputs)
        more = any(has_unknowns(inputs.get(each)) for each in self.lists)
        claimed = self._claimed(inputs)
        name = inputs[NAME_KEY] = declarations.check(appid, claimed, siblings, more=more)
        if siblings.beside and self._list in OTHER_CHANNEL:
            declarations.of(OTHER_CHANNEL[self._list]).foretell(appid, siblings.beside)
        if others := declarations.heard(appid):
            self._session.warn_once(
                f"processes {self._list} {appid}", messages.several_processes(appid, others)
            )
        problems = messages.not_shared(appid, declarations.clashes(appid, declared))
        return problems or messages.not_shared_silently(
            appid, declarations.silent_clashes(appid, name, declared)
        )

    def _check_token_owner(self, inputs: dict[str, Any]) -> list[str]:
        settings, appid = self._session.settings, inputs[self.account]
        owner = settings.access_token_appid
        if not settings.access_token or is_unknown(appid) or owner == appid:
            return []
        problem = (
            f"the configured access token belongs to {owner} ({settings.name_of('access_token_appid')}), not "
            f"to {appid}. Replace it with {settings.name_of('access_tokens')}, a JSON object from appid to "
            "token"
        )
        return [problem]

    def _drifted(self, recorded: Recorded, *, overwrites: bool) -> bool:
        session = self._session
        return session.settings.live_diff and bool(self._reconciler.drift(recorded, overwrites=overwrites))

    def _record_sharing(self, recorded: Recorded, name: str) -> bool:
        """Return whether a resource with the same domains needs an update because of other resources.

        It also warns, and notes what is spared: ask only if nothing else is a change. Only a program that
        came to its end has named the other resources, since no check comes before the diff of a refresh.
        """
        appid, declarations = recorded.appid, self._declarations
        if not declarations.checked(appid, name) or declarations.failed(appid):
            return False
        stored = recorded.shared_domains
        before = {key: stored[key] for key in recorded.domains if key in stored}
        shared = declarations.shared(appid, recorded.domains, stored, but=name)
        if shared != before:
            for line in messages.now_shared(appid, before, shared):
                self._session.warn(line)
        left = [key for key in recorded.added_domains if key not in recorded.domains]
        waits = [key for key in left if declarations.may_remove(appid, key, stored, but=name) is False]
        declarations.spare(appid, waits)
        gone = declarations.removed(appid, recorded.domains)
        return bool(waits != left or gone or declarations.orphans(appid) or shared != before)

    def _warn_of_moves(self, recorded: Recorded, news: dict[str, Any], name: str) -> None:
        appid, declarations = recorded.appid, self._declarations
        if news.get("mode") != "additive":
            return
        elsewhere = declarations.elsewhere(
            appid, recorded.shared_domains, but=name, owned=recorded.added_domains
        )
        kept = {*self._declared(news), *elsewhere}
        dropped = [key for key in recorded.added_domains if key not in kept]
        for line in messages.may_be_moved(appid, dropped, declarations.unknown(appid)):
            self._session.warn(line)


def plain(value: Any) -> Any:
    """Return a value with lists in the place of tuples, at any depth."""
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    return [plain(held) for held in value] if isinstance(value, tuple) else value
