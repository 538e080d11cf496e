"""The policy on look-alikes: hosts that people mistake for an approved name.

Skeletons follow Unicode's UTS #39, on U-labels, with the data of the package homoglyphs_fork. Two steps go
beyond it, since a host has no case and an accent is overlooked: case is folded, accents are dropped.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Iterator, Mapping
from importlib.resources import files

import idna
from pydantic import Field, field_validator

from pulumi_wechat_miniprogram.policy.hosts import ApprovedName
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Names, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

_DIRECTION_MARK = "\u200e"  # surrounds right-to-left letters in the data, for legibility


class LookAlikes(Config):
    """The names that no domain may imitate."""

    needs = "names"

    names: Names[ApprovedName] | None = Field(
        default=None,
        description="approved names, whole or as suffixes: `example.com` guards `shop.example.com` too",
    )

    @field_validator("names")
    @classmethod
    def _needs_data(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        read_data()
        return value


def read_data(package: str = "homoglyphs_fork") -> str:
    """Return Unicode's table of characters that look alike, as JSON.

    Raises:
        ValueError: the package that contains it is not installed; it belongs to the extra `policy`.
    """
    try:
        return files(package).joinpath("confusables.json").read_text("utf-8")
    except ModuleNotFoundError:
        message = f"needs the package {package}: pip install 'pulumi-wechat-miniprogram[policy]'"
        raise ValueError(message) from None


@functools.cache
def _prototypes() -> Mapping[str, str]:
    """Map each character to the one that represents all that look like it.

    The data is symmetric: a prototype lists what looks like it, each of these lists its prototype.
    """
    alike: dict[str, list[str]] = {}
    for key, values in json.loads(read_data()).items():
        alike.setdefault(key.strip(_DIRECTION_MARK), []).extend(
            each.strip(_DIRECTION_MARK) for each in values
        )
    return {
        key: max((key, *values), key=lambda each: (len(alike[each]), len(each), each))
        for key, values in alike.items()
        if len(key) == 1
    }


@functools.lru_cache(maxsize=10_000)
def skeleton(host: str) -> str:
    """Return what a person sees of a host: equal skeletons look alike."""
    prototypes = _prototypes()
    seen = "".join(prototypes.get(character, character) for character in _decompose(to_unicode(host)))
    return "".join(char for char in _decompose(seen.casefold()) if not unicodedata.combining(char))


def _decompose(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def to_unicode(host: str) -> str:
    """Return a host with its A-labels as U-labels; what is none stays."""
    return ".".join(_to_unicode_label(label) for label in host.split("."))


def _to_unicode_label(label: str) -> str:
    try:
        return idna.ulabel(label)
    except idna.IDNAError:
        return label


def _imitated(host: str, names: tuple[str, ...]) -> str | None:
    labels = host.split(".")
    ends = {name: ".".join(labels[-(name.count(".") + 1) :]) for name in names}
    if any(end == name for name, end in ends.items()):
        return None
    return next((name for name, end in ends.items() if skeleton(end) == skeleton(name)), None)


def _judge(declared: DeclaredResource, config: LookAlikes, _run: Run) -> Iterator[Finding]:
    for domain in declared.domains:
        if name := _imitated(domain.host, config.names or ()):
            unicode_host = to_unicode(domain.host)
            shows = unicode_host != domain.host and not domain.secret
            reads = f", which reads {unicode_host}," if shows else ""
            text = f"{domain.shown}{reads} looks like {name} but is a different name."
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains"))


NO_LOOK_ALIKES = Rule(
    id="no-look-alikes",
    description="No webview domain or server domain imitates an approved name.",
    severity="critical",
    level="mandatory",
    tags=("security", "domains", "phishing"),
    steps="Find out who asked for this domain. Declare the approved name itself. If you own both, add "
    "the other one to `names`.",
    config=LookAlikes,
    server_too=True,
    judge=_judge,
)
