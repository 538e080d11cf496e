"""Recorded sessions: what each settles, and the emulator's answers to the same calls.

`python -m tests.corpus.transcripts [FILE...]` reports which switches a transcript settles, and which of them
contradict the emulator's defaults.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from pulumi_wechat_miniprogram.calibration.points import judge, settled
from pulumi_wechat_miniprogram.calibration.seen import Exchange, host_of, steps_of
from pulumi_wechat_miniprogram.calibration.transcript import read_transcript, write_transcript
from tests.emulator.conftest import APPID, COMPONENT
from wechat_miniprogram_emulator.model.switches import Switches

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.jsonl"))
_NO_LIST = 89020


class Transcript:
    """One file, as `wechat-miniprogram calibrate --transcript` writes it."""

    def __init__(self, path):
        """Read it."""
        self.exchanges = read_transcript(path.read_text(encoding="utf-8"), path.name)
        self.findings = judge(self.exchanges)
        self.settled = settled(self.findings)

    @property
    def contradicting(self):
        """The positions that differ from the emulator's defaults."""
        defaults = Switches().model_dump()
        return {name: found for name, found in self.settled.items() if found != defaults[name]}

    @property
    def seed(self):
        """An emulator as the service was when the session began: its lists, and the hosts that it accepts."""
        first = steps_of(self.exchanges)[0][0]
        app: dict[str, Any] = {"appid": APPID}
        if lists := first.lists:
            app |= {
                "live": lists.direct_webviewdomain,
                "mp": lists.mp_webviewdomain,
                "third": lists.third_webviewdomain,
                "effective": lists.effective_webviewdomain,
            }
        if server := first.server_lists:
            app["server"] = {
                way: getattr(server, f"{way}_domain").model_dump() for way in ("direct", "mp", "third")
            }
        if self.settled.get("personal_owner") == "refuse":
            app["subject"] = "personal"
        sent = {host_of(value): each.errcode for each in self._adds() for value in each.values}
        refused = {host for host, code in sent.items() if code in {86103, -1}}
        listed = [] if _NO_LIST in {each.errcode for each in self.exchanges} else ["example.com"]
        return {
            "apps": [app],
            "platforms": [{"component_appid": COMPONENT, "jump_hosts": listed, "server_hosts": listed}],
            "trusted_hosts": sorted({*sent} - refused),
            "unfiled_hosts": sorted(host for host, code in sent.items() if code == 45082),
            "switches": self.settled,
        }

    def _adds(self):
        return [each for each in self.exchanges if each.action == "add" and len({*each.values}) == 1]

    def replayed(self, control, wechat):
        """Send the same calls to an emulator, and return the lines of the session that this makes."""
        control.sow(self.seed)
        answers = [
            Exchange(each.endpoint, each.body, _answer(control, wechat, each)) for each in self.exchanges
        ]
        return _lines(answers)

    @property
    def lines(self):
        """The lines of the file."""
        return _lines(self.exchanges)


def _answer(control, wechat, each):
    token = f"emulator-component-{COMPONENT}" if "/component/" in each.endpoint else f"emulator-{APPID}"
    method = "POST" if each.body else "GET"
    url = f"{control.url}{each.endpoint}"
    return wechat.request(method, url, params={"access_token": token}, content=each.body.encode()).text


def _lines(exchanges):
    return write_transcript(exchanges, "").splitlines()[1:]


def report(paths: Sequence[Path]) -> str:
    """What each transcript settles, and where two of them or a default say otherwise."""
    lines = []
    for path in paths:
        found = Transcript(path)
        broken = [each.point.switch for each in found.findings if each.contradictory]
        lines += [f"{path.name}: {len(found.exchanges)} calls settle {len(found.settled)} switches"]
        lines += [
            f"  {name}: {found.settled[name]}" for name in found.settled if name not in found.contradicting
        ]
        lines += [
            f"  {name}: {position}, which is not the default"
            for name, position in found.contradicting.items()
        ]
        lines += [f"  {name}: its own answers contradict each other" for name in broken]
    return "\n".join(lines)


def disputed(paths: Sequence[Path]) -> dict[str, list[str]]:
    """The switches that transcripts settle differently."""
    held = list(chain.from_iterable(Transcript(path).settled.items() for path in paths))
    return {
        name: sorted({p for n, p in held if n == name})
        for name, _ in held
        if len({p for n, p in held if n == name}) > 1
    }


if __name__ == "__main__":
    print(report([Path(name) for name in sys.argv[1:]] or TRANSCRIPTS))  # noqa: T201 - what it is for
