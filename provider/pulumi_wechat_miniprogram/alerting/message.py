"""What an alert says: which Mini Programs drifted, in which domains, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, get_args

from pulumi_wechat_miniprogram.exports.drift import Comparison, Kind, Row
from pulumi_wechat_miniprogram.exports.reader import declared_by
from pulumi_wechat_miniprogram.safety.text import one_line, some

_WHAT_TO_DO: Final[Mapping[Kind, tuple[str, str]]] = {
    "missing": (
        "Declared, but not on the live list",
        "To add it again, run `pulumi refresh`, then `pulumi up`. Otherwise remove it from the program.",
    ),
    "extra": (
        "Added outside Pulumi",
        "To keep it, declare it in the program. To remove it, run `pulumi refresh`, then `pulumi up`.",
    ),
    "pending": ("Waits for a release", "Release the Mini Program."),
    "other-modes": (
        "Listed by the WeChat console or another channel only",
        "If nobody needs it, remove it there.",
    ),
}
_MOST: Final = 10


def alert(comparison: Comparison, kinds: Sequence[Kind], problems: Sequence[str], limit: int) -> str:
    """Return the text of an alert about the apps that drifted in `kinds`, and about the `problems` of others.

    It has at most `limit` bytes of UTF-8: apps that do not fit are counted.
    """
    title = f"Mini Program domains: {_verdict(comparison)}."
    blocks = [*(_problem(each) for each in problems)]
    blocks[:0] = ["\n".join(_lines(row, kinds)) for row in comparison.rows if row.result == "drift"]
    text = title
    for number, block in enumerate(blocks):
        left = len(blocks) - number
        more = f"\n\nAnd {left} more: run `wechat-miniprogram drift`."
        longer = f"{text}\n\n{block}"
        room = limit if left == 1 else limit - len(more)
        if len(longer.encode()) > room:
            return text + more
        text = longer
    return text


def _verdict(comparison: Comparison) -> str:
    of = f"{comparison.drifted} of {comparison.compared + comparison.failed}"
    drifted = f"{of} {'differs' if comparison.drifted == 1 else 'differ'} from what is declared"
    return f"{drifted}, {comparison.failed} could not be compared" if comparison.failed else drifted


def _lines(row: Row, kinds: Sequence[Kind]) -> Iterator[str]:
    yield one_line(f"{row.appid} ({declared_by(row.resources)})")
    for kind in get_args(Kind):
        if kind in kinds and (domains := row.domains(kind)):
            what, to_do = _WHAT_TO_DO[kind]
            yield f"{what}: {one_line(some(domains, _MOST))}"
            yield to_do


def _problem(text: str) -> str:
    return "\n".join(map(one_line, f"Not compared: {text}".splitlines()))
