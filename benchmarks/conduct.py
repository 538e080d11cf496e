"""What each peer does where things go wrong: every answer is read off a run, none is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import PROVIDER, SCRIPT, TERRAFORM, TUTORIAL, Contestant, Ground, Ran
from benchmarks.figures import Fact
from benchmarks.fleet import App, changed, manifest, sow

__all__ = ["CONDUCT", "many_resources", "observed"]

_FOREIGN = "https://undeclared.example.net"
_PEERS = (PROVIDER, TUTORIAL, TERRAFORM, SCRIPT)


@dataclass(frozen=True)
class _Scene:
    """One peer with one app on a fresh emulator and in a fresh folder."""

    ground: Ground
    peer: Contestant
    apps: list[App]
    folder: Path

    @property
    def appid(self) -> str:
        return self.apps[0].appid

    def run(self, operation: str, apps: list[App] | None = None) -> Ran:
        return self.ground.run(self.peer, operation, self.folder, apps or self.apps, fails=True)

    def declare(self, apps: list[App]) -> None:
        self.folder.joinpath("fleet.json").write_text(manifest(apps), encoding="utf-8")

    def live(self) -> list[str]:
        return self.ground.wechat.control.live(self.appid)

    def effective(self) -> list[str]:
        return self.ground.wechat.control.effective(self.appid)


def _refused_write(scene: _Scene) -> str:
    """WeChat answers a write with HTTP 200 and errcode 45009."""
    for action in ("set", "add"):
        scene.ground.wechat.control.fault(action=action, errcode=45009, times=None)
    ran = scene.run("create")
    told = "says 45009" if "45009" in ran.printed else "does not say 45009"
    return f"{_ending(ran)}, {told}; {len(scene.live())} of {len(scene.apps[0].domains)} domains live"


def _drift(scene: _Scene) -> str:
    """A live domain is deleted by somebody else after create; then refresh."""
    scene.run("create")
    kept = scene.live()[1:]
    scene.ground.wechat.control.seed(scene.appid, live=kept)
    if "refresh" not in scene.peer.commands:
        return "has no way to look"
    ran = scene.run("refresh")
    seen = scene.ground.state(scene.peer, scene.folder).read_text(encoding="utf-8")
    noticed = scene.apps[0].domains[0] not in seen
    return f"{_ending(ran)}, {'the state shows the loss' if noticed else 'the state still has the domain'}"


def _token(scene: _Scene) -> str:
    """The state is searched for the access token after create."""
    scene.run("create")
    if not scene.peer.state:
        return "keeps no state"
    text = scene.ground.state(scene.peer, scene.folder).read_text(encoding="utf-8")
    times = text.count(f"emulator-{scene.appid}")
    return f"token in plain text, {times} times" if times else "no token"


def _in_force(scene: _Scene) -> str:
    """One domain is added to ten that are in force."""
    scene.run("create")
    scene.ground.wechat.control.release(scene.appid)
    before = scene.effective()
    more = changed(scene.apps)
    scene.declare(more)
    scene.run("change one", more)
    left = [domain for domain in scene.effective() if domain in before]
    return f"{len(left)} of {len(before)} still in force"


def _undeclared(scene: _Scene) -> str:
    """A live domain that nobody declared is there at create."""
    scene.ground.wechat.control.seed(scene.appid, live=[_FOREIGN])
    ran = scene.run("create")
    return f"{_ending(ran)}; the domain is {'kept' if _FOREIGN in scene.live() else 'wiped'}"


def _no_op(scene: _Scene) -> str:
    """Nothing has changed since create, and the command runs again."""
    scene.run("create")
    scene.ground.wechat.control.release(scene.appid)
    before = scene.effective()
    scene.ground.wechat.control.clear_calls()
    scene.run("no-op")
    calls = len(scene.ground.wechat.control.calls())
    left = [domain for domain in scene.effective() if domain in before]
    return f"{calls} {'call' if calls == 1 else 'calls'}; {len(left)} of {len(before)} still in force"


CONDUCT: Sequence[tuple[str, Callable[[_Scene], str]]] = (
    ("WeChat refuses the write: HTTP 200 with errcode 45009", _refused_write),
    ("somebody else deletes a domain; then refresh", _drift),
    ("the access token in the state", _token),
    ("an eleventh domain joins ten that are in force", _in_force),
    ("nothing changed, run again", _no_op),
    ("create over a live domain that nobody declared", _undeclared),
)


def observed(ground: Ground, *, terraform: bool) -> Iterator[Fact]:
    """Run every peer through every situation; `terraform` tells whether it is there."""
    for question, situation in CONDUCT:
        for peer in [each for each in _PEERS if terraform or each is not TERRAFORM]:
            apps = sow(1)
            ground.wechat.prepare(apps, 0.0)
            scene = _Scene(ground, peer, apps, ground.fresh(peer, apps))
            yield Fact(question, peer.name, situation(scene))


def many_resources(ground: Ground, count: int) -> Iterator[Fact]:
    """Preview more resources than the SDK's way of pickling bears."""
    for peer in (PROVIDER, TUTORIAL):
        apps = sow(count)
        ran = ground.run(peer, "preview", ground.fresh(peer, apps), apps, fails=True)
        error = "RecursionError" if "RecursionError" in ran.printed else ""
        yield Fact(f"a preview of {count} apps", peer.name, ", ".join(filter(None, (_ending(ran), error))))


def _ending(ran: Ran) -> str:
    return f"exit {ran.code}"
