"""The emulator answers as the corpus has it, in process and over HTTP."""

from __future__ import annotations

import pytest

from tests.corpus.entries import ENTRIES, Entry, exceptions
from tests.corpus.play import Stage
from wechat_miniprogram_emulator.model.errors import ERRORS, FAULT_ERRORS

ANSWERED = [entry for entry in ENTRIES if entry.setup]


def by_fault(entry: Entry) -> bool:
    """Whether an entry arms a fault."""
    return any(step.control == "faults" for step in (entry.setup.before if entry.setup else ()))


@pytest.mark.parametrize("entry", ANSWERED, ids=lambda entry: entry.id)
def test_the_emulator_answers_as_wechat_did(wechat_emulator, wechat, entry):
    """Byte for byte, except for what the entry says may differ."""
    response = Stage(wechat_emulator, wechat).play(entry)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert entry.pattern.fullmatch(response.text), f"{response.text}\nis not\n{entry.expected}"


def test_every_official_answer_is_given():
    """Except for one, whose page contradicts itself."""
    missed = [entry.id for entry in ENTRIES if entry.official and not entry.setup]

    assert missed == ["api_get_authorizer_info.sample"]


def test_every_code_that_the_emulator_answers_has_a_source():
    """An entry shows it without a fault, or exceptions.yaml says why none does."""
    shown = {entry.code for entry in ANSWERED if not by_fault(entry)}

    assert sorted(set(ERRORS) - shown) == sorted({**exceptions("no_source"), **exceptions("only_by_fault")})


def test_faults_stand_in_for_what_the_emulator_does_not_answer():
    """What it answers of itself is shown so."""
    armed = {entry.code for entry in ANSWERED if by_fault(entry)}

    assert armed == {*FAULT_ERRORS, *exceptions("only_by_fault")}
