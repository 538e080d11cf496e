"""Which stack each app is in, according to the states, and what an update must not do to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pulumi_wechat_miniprogram.fleet.manifest import Fleet

_SHOWN: Final = 10
"""How many lines of one kind are written out; the rest is counted."""


@dataclass(frozen=True)
class Held:
    """An app in the state of a stack."""

    appid: str
    stack: str
    urn: str


def refusals(fleet: Fleet, lives: Iterable[Held], *, allow_removals: bool) -> list[str]:
    """Describe what an update would do to live domains that the manifest does not ask for."""
    declared = {app.appid for app in fleet.apps}
    moves, removals = [], []
    for one in sorted(set(lives), key=lambda one: (one.stack, one.appid)):
        if one.appid in declared:
            if one.stack != fleet.stack_of(one.appid):
                moves.append(one)
        elif one.stack not in fleet.stacks or not allow_removals:
            removals.append(one)
    return [*_about_moves(fleet, moves), *_about_removals(fleet, removals)]


def _about_moves(fleet: Fleet, moves: list[Held]) -> Iterator[str]:
    if not moves:
        return
    yield (
        f"{_count(moves)} would move to another stack: deleted from one and set in the other, and would not "
        "be in force until the next release. Restore the old `shards`, or move the states first. Create each "
        "target stack that does not exist yet with `pulumi stack init`:"
    )
    yield from _shown(
        f"pulumi state move --yes --source {fleet.qualified(one.stack)} "
        f"--dest {fleet.qualified(fleet.stack_of(one.appid))} '{one.urn}'"
        for one in moves
    )


def _about_removals(fleet: Fleet, removals: list[Held]) -> Iterator[str]:
    if not removals:
        return
    yield (
        f"{_count(removals)} in a stack, but not in the manifest: an update would delete the live domains. "
        "Restore the entries to keep, remove others from the state with `pulumi state delete`, or pass "
        "--allow-removals:"
    )
    yield from _shown(
        f"{one.appid} in {one.stack}"
        + ("" if one.stack in fleet.stacks else ": not a stack of the manifest, destroy it separately")
        for one in removals
    )


def _count(lives: list[Held]) -> str:
    return f"{len(lives)} app{'s' if len(lives) > 1 else ''}"


def _shown(lines: Iterable[str]) -> Iterator[str]:
    whole = list(lines)
    yield from (f"  {line}" for line in whole[:_SHOWN])
    if len(whole) > _SHOWN:
        yield f"  and {len(whole) - _SHOWN} more"
