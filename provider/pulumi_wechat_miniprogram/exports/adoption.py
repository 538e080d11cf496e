"""Taking over what is live: the declaration that changes nothing, as a program and as an import file.

A create of the declaration has nothing to write; the import file puts the state of such a create in place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from pulumi_wechat_miniprogram.exports.asking import Asking, Observe
from pulumi_wechat_miniprogram.exports.kinds import PROVIDER_KEY, PROVIDERS, TOKENS, Face
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, Listed, parse_domain
from pulumi_wechat_miniprogram.lifecycle.reconcile import Declaration, Observation, Recorded
from pulumi_wechat_miniprogram.lifecycle.state import Mode
from pulumi_wechat_miniprogram.safety.errors import UserError


@dataclass(frozen=True, slots=True)
class Adopted:
    """One Mini Program as it is; without domains there is nothing to take over.

    `elsewhere` is what only the console or mode one lists, `refused` what is live and cannot be declared:
    with any of these the declaration is additive, so that it stays.
    """

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
    observe: Observe,
    pace: Pace,
    *,
    allow_reserved: bool = False,
) -> Iterator[Adopted | NotAdopted]:
    """Read every app and declare it; `names` are those of the resources, by appid."""
    ask = Asking(observe)

    def read(appid: str) -> Adopted | NotAdopted:
        try:
            seen = ask(appid)
        except UserError as error:
            return NotAdopted(appid, str(error), error.alike)
        if seen is None:
            return NotAdopted(appid, _LEFT, _LEFT)
        return adopt(names[appid], seen, allow_reserved=allow_reserved)

    return pace.each(names, read)


def adopt(name: str, seen: Observation, *, allow_reserved: bool = False) -> Adopted:
    """Declare what is live in WeChat's order, each domain in canonical form."""
    others = seen.only_other_modes
    domains: list[Listed] = []
    refused: list[InvalidDomain] = []
    for value in seen.live:
        if value in others:
            continue
        try:
            domains.append(parse_domain(value, allow_reserved=allow_reserved))
        except InvalidDomain as error:
            refused.append(error)
    mode: Mode = "additive" if refused else "authoritative"
    return Adopted(
        name=name,
        declaration=Declaration(seen.appid, tuple(domains), mode),
        recorded=seen.record(domains, mode),
        elsewhere=tuple(sorted(others)),
        refused=tuple(refused),
    )


def program(adopted: Sequence[Adopted], face: Face) -> str:
    """Return a Pulumi program in Python that declares every app which has domains."""
    blocks = ["\n".join(_block(each)) for each in adopted if each.declaration.domains]
    return "\n\n".join([_HEAD + _IMPORTS[face], *blocks]) + "\n"


_IMPORTS: Final[Mapping[Face, str]] = {
    "dynamic": "import pulumi_wechat_miniprogram as wechat",
    "native": "from pulumi_wechat_miniprogram import native as wechat",
}
_HEAD = '''"""The webview domains of Mini Programs, taken over as they are by `wechat-miniprogram adopt`.

protect=True: a `pulumi destroy` would take live domains away.
"""

import pulumi

'''


def _block(each: Adopted) -> Iterator[str]:
    declaration = each.declaration
    for text in _remarks(each):
        yield f"# {text}"
    yield "wechat.MiniProgramWebviewDomains("
    yield f"    {_literal(each.name)},"
    yield f"    appid={_literal(declaration.appid)},"
    if declaration.mode != "authoritative":
        yield f"    mode={_literal(declaration.mode)},"
    yield "    domains=["
    for domain in declaration.domains:
        pending = domain in each.recorded.pending_domains
        yield f"        {_literal(domain)}," + (
            "  # pending: in force after the next release" if pending else ""
        )
    yield "    ],"
    yield "    opts=pulumi.ResourceOptions(protect=True),"
    yield ")"


def _remarks(each: Adopted) -> Iterator[str]:
    if each.refused:
        yield "Additive, since these are live and cannot be declared; they stay as they are:"
        for error in each.refused:
            yield f"  {error.shown}: {'; '.join(reason.id for reason in error.reasons)}"
    for domain in each.elsewhere:
        yield f"Left alone, since only the console or mode one lists it: {domain!a}"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def import_file(adopted: Sequence[Adopted], face: Face) -> str:
    """Return what `pulumi import --file` takes: with inputs and outputs it makes no call.

    Needs Pulumi CLI 3.254, which reads `outputs`; before it, an import of a dynamic resource fails.
    """
    resources = [_imported(each, face) for each in adopted if each.declaration.domains]
    return json.dumps({"resources": resources}, indent=2, ensure_ascii=False) + "\n"


def _imported(each: Adopted, face: Face) -> dict[str, object]:
    declared = {
        key: value for key, value in asdict(each.declaration).items() if key not in {"name", "managed"}
    }
    inputs = {**declared, "__name": each.name}
    outputs = {**declared, **asdict(each.recorded), "declared_as": each.name}
    pin = {PROVIDER_KEY: PROVIDERS["webview-domains"]}
    return {
        "type": TOKENS[face]["webview-domains"],
        "name": each.name,
        "id": each.declaration.appid,
        "inputs": to_wire(inputs) if face == "native" else {**inputs, **pin},
        "outputs": to_wire(outputs) if face == "native" else {**outputs, **pin},
    }
