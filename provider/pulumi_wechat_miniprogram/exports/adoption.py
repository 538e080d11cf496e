"""Taking over what is live: the declaration that changes nothing, as a program and as an import file.

A create of the declaration has nothing to write; the import file puts the state of such a create in place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

from pulumi_wechat_miniprogram.exports.asking import Asking, Observers
from pulumi_wechat_miniprogram.exports.kinds import (
    CLASSES,
    NAME_KEY,
    PROVIDER_KEY,
    PROVIDERS,
    TOKENS,
    Face,
    Kind,
)
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.state import INPUTS, OUTPUTS, to_wire
from pulumi_wechat_miniprogram.lifecycle.domain import Domain, InvalidDomain, Listed, parse_domain
from pulumi_wechat_miniprogram.lifecycle.reconcile import Declaration, Observation, Recorded
from pulumi_wechat_miniprogram.lifecycle.server_domain import (
    KINDS,
    by_kind,
    kind_of_entry,
    parse_server_domain,
)
from pulumi_wechat_miniprogram.lifecycle.state import (
    OTHER_CHANNEL,
    ListName,
    Mode,
    ModeLists,
    managed_by,
    resource_id,
)
from pulumi_wechat_miniprogram.safety.errors import UserError


@dataclass(frozen=True, slots=True)
class Adopted:
    """The webview domains or the server domains of one Mini Program. An empty list gets no resource.

    `elsewhere` is what only the console or the other channel lists, `refused` what is live and cannot be
    declared: with any of these the declaration is additive, so that it stays.
    """

    kind: Kind
    name: str
    declaration: Declaration
    recorded: Recorded
    elsewhere: tuple[str, ...]
    refused: tuple[InvalidDomain, ...]


_LEFT: Final = "it left the third-party platform"


@dataclass(frozen=True, slots=True)
class NotAdopted:
    """One Mini Program that could not be read; `alike` is the same for apps that failed in the same way."""

    appid: str
    problem: str
    alike: str


def adopt_all(
    names: Mapping[str, str],
    observers: Observers,
    pace: Pace,
    *,
    allow_reserved: bool = False,
) -> Iterator[tuple[Adopted, ...] | NotAdopted]:
    """Read every app and declare its lists; `names` are those of the resources, by appid.

    Where no other channel and no console lists anything, the registered channel is not asked.
    """
    asks = {of: Asking(observers(of)) for of in OTHER_CHANNEL}

    def read(appid: str) -> tuple[Adopted, ...] | NotAdopted:
        adopted: list[Adopted] = []
        for kind, of in _DIRECT.items():
            try:
                direct = asks[of](appid)
                registered = asks[OTHER_CHANNEL[of]](appid) if direct and direct.lists.others else _NOTHING
            except UserError as error:
                return NotAdopted(appid, str(error), error.alike)
            if direct is None or registered is None:
                return NotAdopted(appid, _LEFT, _LEFT)
            take = partial(adopt, kind=kind, allow_reserved=allow_reserved)
            adopted.append(take(names[appid], direct, beside=registered))
            if registered is not _NOTHING:
                adopted.append(take(registered_name(names[appid]), registered, beside=direct))
        return tuple(adopted)

    return pace.each(names, read)


def registered_name(name: str) -> str:
    """Return the name of the resource that has the lists of the registered channel."""
    return f"{name}-registered"


_DIRECT: Final[Mapping[Kind, ListName]] = {"webview-domains": "webview", "server-domains": "server"}
_NOTHING: Final = Observation("", (), ModeLists())
"""What is seen of a list that need not be asked for."""


def adopt(
    name: str,
    seen: Observation,
    *,
    kind: Kind = "webview-domains",
    beside: Observation = _NOTHING,
    allow_reserved: bool = False,
) -> Adopted:
    """Declare what is live of a kind of list in WeChat's order, each domain in canonical form.

    `beside` is the same list in the other channel, which has its own resource.
    """
    others = seen.only_other_modes
    domains: list[Listed] = []
    refused: list[InvalidDomain] = []
    for value in seen.live:
        if value in others:
            continue
        try:
            domains.append(_parse(kind, value, allow_reserved=allow_reserved))
        except InvalidDomain as error:
            refused.append(error)
    mode: Mode = "additive" if refused else "authoritative"
    held = set(map(kind_of_entry, domains))
    managed = tuple(each for each in KINDS if each in held)
    return Adopted(
        kind=kind,
        name=name,
        declaration=Declaration(
            seen.appid, tuple(domains), mode, managed=managed, channel=seen.lists.channel
        ),
        recorded=seen.record(domains, mode, managed),
        elsewhere=tuple(sorted(others.difference(beside.lists.configured.domains))),
        refused=tuple(refused),
    )


def _parse(kind: Kind, value: Listed, *, allow_reserved: bool) -> Domain:
    """Return a live value as it is declared. Raises as `parse_domain` does."""
    if kind == "webview-domains":
        return parse_domain(value, allow_reserved=allow_reserved)
    of, _, text = value.partition(" ")
    try:
        return parse_server_domain(of, text, allow_reserved=allow_reserved)
    except InvalidDomain as error:
        raise InvalidDomain(value, error.reasons) from None


def program(adopted: Sequence[Adopted], face: Face) -> str:
    """Return a Pulumi program in Python that declares every list which has domains."""
    blocks = ["\n".join(_block(each)) for each in adopted if each.declaration.domains]
    return "\n\n".join([_HEAD + _IMPORTS[face], *blocks]) + "\n"


_IMPORTS: Final[Mapping[Face, str]] = {
    "dynamic": "import pulumi_wechat_miniprogram as wechat",
    "native": "from pulumi_wechat_miniprogram import native as wechat",
}
_HEAD = '''"""The domains of Mini Programs, taken over as they are by `wechat-miniprogram adopt`.

protect=True: a `pulumi destroy` would take live domains away.
"""

import pulumi

'''


def _block(each: Adopted) -> Iterator[str]:
    declaration = each.declaration
    for text in _remarks(each):
        yield f"# {text}"
    yield f"wechat.{CLASSES[each.kind]}("
    yield f"    {_literal(each.name)},"
    yield f"    appid={_literal(declaration.appid)},"
    if declaration.channel != "direct":
        yield f"    channel={_literal(declaration.channel)},"
    if declaration.mode != "authoritative":
        yield f"    mode={_literal(declaration.mode)},"
    pending = _lists(each, each.recorded.pending_domains)
    for name, values in _lists(each, declaration.domains).items():
        yield f"    {name}=["
        for value in values:
            waits = "  # pending: in force after the next release" if value in pending[name] else ""
            yield f"        {_literal(value)},{waits}"
        yield "    ],"
    yield "    opts=pulumi.ResourceOptions(protect=True),"
    yield ")"


def _lists(each: Adopted, domains: Sequence[Listed]) -> Mapping[str, Sequence[str]]:
    """Return domains by the inputs that declare them."""
    if each.kind == "webview-domains":
        return {"domains": domains}
    return by_kind(domains, each.declaration.managed)


def _remarks(each: Adopted) -> Iterator[str]:
    if each.refused:
        yield "Additive, because these domains are live but cannot be declared; they stay unchanged:"
        for error in each.refused:
            yield f"  {error.shown}: {'; '.join(reason.id for reason in error.reasons)}"
    other = "one" if each.declaration.channel == "direct" else "two"
    for domain in each.elsewhere:
        yield (
            f"Left unchanged, because it is only on the list of the WeChat console or of mode {other}: "
            f"{domain!a}"
        )


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def import_file(adopted: Sequence[Adopted], face: Face) -> str:
    """Return what `pulumi import --file` takes: with inputs and outputs it makes no call.

    Needs Pulumi CLI 3.254, which reads `outputs`; before it, an import of a dynamic resource fails.
    """
    resources = [_imported(each, face) for each in adopted if each.declaration.domains]
    return json.dumps({"resources": resources}, indent=2, ensure_ascii=False) + "\n"


def _imported(each: Adopted, face: Face) -> dict[str, object]:
    outputs = {
        **{field.name: field.default for field in OUTPUTS[each.kind] if field.default not in (..., None)},
        **_outputs(each),
        "declared_as": each.name,
    }
    inputs = {field.name: outputs[field.name] for field in INPUTS[each.kind] if field.name in outputs}
    inputs[NAME_KEY] = each.name
    pin = {PROVIDER_KEY: PROVIDERS[each.kind]}
    return {
        "type": TOKENS[face][each.kind],
        "name": each.name,
        "id": resource_id(each.declaration.appid, each.declaration.channel),
        "inputs": to_wire(inputs) if face == "native" else {**inputs, **pin},
        "outputs": to_wire(outputs) if face == "native" else {**outputs, **pin},
    }


def _outputs(each: Adopted) -> dict[str, object]:
    """Return what a state says of a list, by the names of the outputs."""
    recorded = each.recorded
    if each.kind == "webview-domains":
        return asdict(recorded)
    managed = managed_by(recorded)
    return {
        "appid": recorded.appid,
        **by_kind(recorded.domains, managed),
        "mode": recorded.mode,
        "channel": recorded.channel,
        "effective": by_kind(recorded.effective_domains, managed),
        "pending": by_kind(recorded.pending_domains, managed),
        "release_required": recorded.release_required,
        "added": by_kind(recorded.added_domains, managed),
    }
