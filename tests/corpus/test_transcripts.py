"""Recorded sessions are tests as soon as their file is there."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.calibration.transcript import write_transcript
from tests.calibration.runs import Run, scene
from tests.corpus.transcripts import TRANSCRIPTS, Transcript, disputed, report

SWITCHES = {"empty_get": "omit", "write_answer": "list", "duplicates": "keep", "server_partial": "listed"}


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_emulator_answers_as_the_recorded_service(wechat_emulator, wechat, path):
    """Call by call, with the switches in the positions that the session settles."""
    transcript = Transcript(path)

    assert transcript.replayed(wechat_emulator, wechat) == transcript.lines


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_no_default_contradicts_a_recorded_session(path):
    """Evidence from the live service decides: change the default, and its reason."""
    transcript = Transcript(path)

    assert transcript.contradicting == {}
    assert [each.point.switch for each in transcript.findings if each.contradictory] == []


def test_recorded_sessions_agree():
    """Where they do not, the point depends on something that is not known yet."""
    assert disputed(TRANSCRIPTS) == {}


@pytest.fixture
def recorded(wechat_emulator_server, tmp_path):
    """Makes a file of a session with an emulator."""

    def recorded(name, **setup):
        scene(wechat_emulator_server.control, **setup)
        with Run(wechat_emulator_server.control, tmp_path) as run:
            outcome = run.write()
        path = tmp_path / name
        path.write_text(write_transcript(outcome.exchanges, "this test"), encoding="utf-8")
        return path

    return recorded


@pytest.mark.parametrize("switches", [{}, SWITCHES], ids=["defaults", "others"])
def test_a_session_is_taken_as_it_is(recorded, wechat_emulator, wechat, switches):
    """Played to a new emulator, it gives the same lines: nothing but the file is needed."""
    transcript = Transcript(recorded("run.jsonl", switches=switches))

    assert transcript.contradicting == switches
    assert transcript.replayed(wechat_emulator, wechat) == transcript.lines


def test_an_answer_that_differs_shows(recorded, wechat_emulator, wechat):
    """Such as a text that the emulator does not have."""
    path = recorded("run.jsonl")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("check confirmfile fail!", "another text"), encoding="utf-8")
    transcript = Transcript(path)

    assert transcript.replayed(wechat_emulator, wechat) != transcript.lines


def test_the_report_names_what_is_settled_and_contradicted(recorded):
    """By file; and what two files settle differently."""
    first, second = recorded("first.jsonl"), recorded("second.jsonl", switches=SWITCHES)

    lines = report([first, second]).splitlines()

    assert lines[0].startswith("first.jsonl: ")
    assert "  empty_get: list" in lines
    assert "  empty_get: omit, which is not the default" in lines
    assert disputed([first, second]) == {
        "duplicates": ["dedupe", "keep"],
        "empty_get": ["list", "omit"],
        "server_partial": ["error", "listed"],
        "write_answer": ["bare", "list"],
    }
