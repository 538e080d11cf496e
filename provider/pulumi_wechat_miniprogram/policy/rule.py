"""What a policy is: facts for people, a configuration, and pure functions that judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from pulumi_wechat_miniprogram.exports.marks import unwrap
from pulumi_wechat_miniprogram.exports.properties import Gap
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource, StackView
from pulumi_wechat_miniprogram.policy.run import Run
from pulumi_wechat_miniprogram.settings import APPID

Level = Literal["advisory", "mandatory", "remediate", "disabled"]
Severity = Literal["low", "medium", "high", "critical"]

_NAMED_GAPS = 3

_T = TypeVar("_T")


def _at_least_one(value: tuple[_T, ...]) -> tuple[_T, ...]:
    if not value:
        message = "is empty; give at least one value, or leave it out"
        raise ValueError(message)
    return value


Names = Annotated[tuple[_T, ...], AfterValidator(_at_least_one)]
"""A list that is not empty: an empty one would silently approve or deny nothing."""


def _is_appid(value: str) -> str:
    if not APPID.fullmatch(value):
        message = f'{value!r} is not a valid appid: expected "wx" followed by 16 hexadecimal digits'
        raise ValueError(message)
    return value


Appid = Annotated[str, AfterValidator(_is_appid)]
"""A valid appid: a misspelled one would silently never match."""


class Config(BaseModel):
    """The configuration of one policy. A subclass declares its properties."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    needs: ClassVar[str] = ""
    """The property without which nothing is judged."""

    @property
    def idle(self) -> bool:
        """Whether there is nothing to judge."""
        return bool(self.needs) and getattr(self, self.needs) is None


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, or, with `judged` false, what could not be judged.

    What could not be judged is always advisory: a mandatory finding would fail the preview, and only the
    update can judge.
    """

    text: str
    urn: str = ""
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a remediation changes in the inputs: switches to turn off, elements of a list to drop."""

    turn_off: tuple[str, ...] = ()
    drop: frozenset[int] = frozenset()
    listed: str = "domains"

    def changes(self, props: Mapping[str, Any]) -> dict[str, object]:
        """Return the inputs that change, with their new values; the rest of a list stays as it is."""
        changed: dict[str, object] = dict.fromkeys(self.turn_off, False)
        if self.drop:
            domains: Any = unwrap(props[self.listed])[0]
            changed[self.listed] = [each for index, each in enumerate(domains) if index not in self.drop]
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One policy.

    `judge` receives each `MiniProgramWebviewDomains`, and with `server_too` each list of each
    `MiniProgramServerDomains`; `judge_config` the names (never the values) of the keys that a provider is
    configured with and the name of that provider, `judge_stack` all resources at the end. All but
    `judge_config` receive the configuration.
    """

    id: str
    description: str
    severity: Severity
    level: Level
    tags: tuple[str, ...]
    steps: str
    config: type[Config] = Config
    server_too: bool = False
    judge: Callable[[DeclaredResource, Any, Run], Iterable[Finding]] | None = None
    judge_config: Callable[[Sequence[str], str], Iterable[Finding]] | None = None
    judge_stack: Callable[[StackView, Any, Run], Iterable[Finding]] | None = None
    remedy: Callable[[DeclaredResource, Any], Remedy | None] | None = None

    @property
    def judges_resources(self) -> bool:
        """Whether anything is judged before all resources are known."""
        return bool(self.judge or self.judge_config)


def tell(rule: Rule, findings: Iterable[Finding]) -> list[Finding]:
    """Merge findings into one for each resource and kind; add to violations what to do."""
    texts: dict[tuple[str, bool], list[str]] = {}
    for finding in findings:
        texts.setdefault((finding.urn, finding.judged), []).append(finding.text)
    return [
        Finding("\n".join([*dict.fromkeys(lines), *([rule.steps] if judged else [])]), urn, judged)
        for (urn, judged), lines in texts.items()
    ]


def unjudged(declared: DeclaredResource, gaps: Sequence[Gap], *, before_writes: bool = True) -> list[Finding]:
    """Return what could not be judged of a resource, and when it will be; nothing without gaps."""
    findings = []
    if unknown := [gap.path for gap in gaps if not gap.sealed and not gap.fault]:
        when = "before it writes anything" if before_writes else "at its end, after its writes"
        text = (
            f"{_name(unknown)} of {declared.name} {_is(unknown)} known only during the update: not checked "
            f"in this preview, but in the update, {when}."
        )
        findings.append(Finding(text, declared.urn, judged=False))
    if sealed := [gap.path for gap in gaps if gap.sealed]:
        text = (
            f"{_name(sealed)} of {declared.name} {_is(sealed)} secret and cannot be read here, so it is not "
            "checked. Give the stack's passphrase (PULUMI_CONFIG_PASSPHRASE) or access to its secrets "
            "provider."
        )
        findings.append(Finding(text, declared.urn, judged=False))
    if faults := [f"`{gap.path}` {gap.fault}" for gap in gaps if gap.fault]:
        more = f" and {len(faults) - _NAMED_GAPS} more" if len(faults) > _NAMED_GAPS else ""
        text = (
            f"The properties of {declared.urn} are damaged: {', '.join(faults[:_NAMED_GAPS])}{more}. They "
            "cannot be checked. Run `pulumi refresh` or correct the state."
        )
        findings.append(Finding(text, declared.urn, judged=False))
    return findings


def _name(paths: Sequence[str]) -> str:
    named = [f"`{path}`" for path in paths[:_NAMED_GAPS]]
    if more := len(paths) - len(named):
        named.append(f"{more} more")
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]


def _is(paths: Sequence[str]) -> str:
    return "is" if len(paths) == 1 else "are"
