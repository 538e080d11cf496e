"""Whatever ends a calibration, the lists are as they were: at once, or after the next start."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.calibration.journal import JournalUnreadable
from pulumi_wechat_miniprogram.calibration.probes import FEWEST_WRITES, NotRestored
from tests.bench import Line
from tests.calibration.runs import APPID, FOREIGN, SERVED, Run, scene

FOR_EVER = 10_000


class Killed(BaseException):
    """The process is gone: nothing that it would still send arrives."""


class Meddling(Line):
    """A way on which others work too: right after the first write."""

    def __init__(self, meddle):
        """Know what they do."""
        super().__init__()
        self.meddle = meddle

    def handle_request(self, request):
        """Let them work once."""
        response = super().handle_request(request)
        if self.meddle and b"add" in request.read():
            self.meddle()
            self.meddle = None
        return response


def calls_of(control, folder, most):
    """How many calls a run makes, and which of them are writes."""
    scene(control, app=FOREIGN)
    with Run(control, folder) as run:
        run.write(most=most)
        control.clear_calls()
        run.write(most=most)
    return [call.action in {"add", "set", "delete"} for call in control.calls(APPID)]


def test_a_kill_at_any_call_is_made_good_by_the_next_start(wechat_emulator, tmp_path):
    """Before each call of a short run, and after each write of a long one."""
    places = [(6, number, "before") for number in range(len(calls_of(wechat_emulator, tmp_path, 6)))]
    writes = calls_of(wechat_emulator, tmp_path, 40)
    places += [(40, number, "after") for number, is_write in enumerate(writes) if is_write]
    for most, number, when in places:
        scene(wechat_emulator, app=FOREIGN)
        with Run(wechat_emulator, tmp_path) as run:
            before = run.lists()
            run.line.fail(number, when, Killed(), times=FOR_EVER)
            with pytest.raises(Killed):
                run.write(most=most)
            run.line.heal()
            run.open().restore()

            assert run.lists() == before, (most, number, when)
            assert list(tmp_path.iterdir()) == []


def test_an_interrupt_is_made_good_at_once(wechat_emulator, tmp_path):
    """After each write of a short run; the journal is gone."""
    writes = calls_of(wechat_emulator, tmp_path, 8)
    for number in [number for number, is_write in enumerate(writes) if is_write]:
        scene(wechat_emulator, app=FOREIGN)
        with Run(wechat_emulator, tmp_path) as run:
            before = run.lists()
            run.line.fail(number, "after", KeyboardInterrupt())
            with pytest.raises(KeyboardInterrupt):
                run.write(most=8)

            assert run.lists() == before
            assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_said_and_tried_again(wechat_emulator, tmp_path):
    """The journal stays until it is gone."""
    scene(wechat_emulator, app=FOREIGN)
    wechat_emulator.fault(action="delete", times=None, errcode=45009)
    with Run(wechat_emulator, tmp_path) as run:
        with pytest.raises(NotRestored) as raised:
            run.write()
        wechat_emulator.clear_faults()
        removed = run.open().restore()

    assert f"still there: https://{SERVED}" in str(raised.value)
    assert str(tmp_path / f"calibrate-{APPID}.json") in str(raised.value)
    assert removed == [f"https://{SERVED}"]
    assert SERVED not in str(wechat_emulator.state(APPID))


def test_a_host_that_is_on_a_list_is_left_alone(wechat_emulator, tmp_path):
    """In any spelling, on any list: it is neither written nor removed."""
    scene(wechat_emulator, app={"mp": [f"https://{SERVED}/"], "effective": []})
    with Run(wechat_emulator, tmp_path) as run:
        outcome = run.write(SERVED)

    assert outcome.notes[0] == f"left alone, since they are among the webview domains already: {SERVED}"
    assert not [call for call in wechat_emulator.writes(APPID) if "webview" in call.path]


@pytest.mark.parametrize("most", range(FEWEST_WRITES, 12))
def test_the_budget_is_kept_and_still_restores(wechat_emulator, tmp_path, most):
    """Each write counts, those that restore too."""
    scene(wechat_emulator)
    with Run(wechat_emulator, tmp_path) as run:
        before = run.lists()
        outcome = run.write(most=most)

        assert run.lists() == before
    assert len(wechat_emulator.writes(APPID)) == outcome.writes <= most
    assert any("--max-writes" in note for note in outcome.notes)


def test_a_change_by_others_ends_the_writes(wechat_emulator, tmp_path):
    """What they added stays."""
    scene(wechat_emulator)
    theirs = "https://theirs.example.org"
    with Run(wechat_emulator, tmp_path) as run:
        run.line = Meddling(lambda: wechat_emulator.seed(APPID, live=[theirs]))
        outcome = run.write()

    assert "domains that this run did not add have changed meanwhile" in outcome.notes[-1]
    assert wechat_emulator.live(APPID) == [theirs]
    assert [call.action for call in wechat_emulator.writes(APPID)] == ["add"]


def test_a_damaged_journal_stops_every_run(wechat_emulator, tmp_path):
    """Nobody knows what it held."""
    path = tmp_path / f"calibrate-{APPID}.json"
    path.write_text("{", encoding="utf-8")
    with Run(wechat_emulator, tmp_path) as run, pytest.raises(JournalUnreadable) as raised:
        run.open().restore()

    assert str(raised.value).startswith(f"{path}: damaged")
