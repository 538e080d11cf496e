"""The versions of an app's code, as far as a release needs them."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Version:
    """One version of the code."""

    version: str
    description: str
    time: int


@dataclass(frozen=True)
class Versions:
    """The version on trial, the one that audit has approved and that waits, and the one that is online."""

    trial: Version | None = None
    approved: Version | None = None
    online: Version | None = None


def submitted(versions: Versions, version: Version) -> Versions:
    """Return the versions after one was uploaded, submitted, and approved immediately."""
    return replace(versions, trial=version, approved=version)


def release_refusal(versions: Versions) -> int:
    """Give the code that refuses a release, or 0."""
    if versions.approved:
        return 0
    return 85020 if versions.online else 85019


def released(versions: Versions, now: float) -> Versions:
    """Give the versions after the approved one, or else the one on trial, went online."""
    chosen = versions.approved or versions.trial
    online = replace(chosen, time=int(now)) if chosen else versions.online
    return replace(versions, approved=None, online=online)
