"""What a run asks, asks again, and no longer asks: on an engine that gives prepared outcomes."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram.exports.planned import Planned
from pulumi_wechat_miniprogram.fleet.crew import Crew
from pulumi_wechat_miniprogram.fleet.engine import EngineLost
from pulumi_wechat_miniprogram.fleet.journal import Journal
from pulumi_wechat_miniprogram.fleet.locks import Holder
from pulumi_wechat_miniprogram.fleet.work import AppFailure, Outcome, Request

HOLDER = Holder("ci", "b-1", 7, "2026-01-01T00:00:00Z")
APPIDS = [f"wx00000000000000a{number}" for number in range(1, 6)]


class Scripted:
    """An engine with one slot: `outcomes` of each stack in turn, an exception is raised."""

    slots = 1

    def __init__(self, verdicts=(), **outcomes):
        """Prepare what is answered, by the number of the stack."""
        self.outcomes = {stack: deque(found) for stack, found in outcomes.items()}
        self.verdicts = verdicts
        self.asked = []
        self.questions = []

    def play(self, work, tasks, say):
        """Give the prepared outcomes."""
        while tasks:
            request = tasks.popleft()
            self.asked.append(request)
            found = self.outcomes[request.stack].popleft()
            if isinstance(found, Exception):
                raise found
            yield request, found

    def ask(self, question):
        """Give the prepared verdicts."""
        self.questions.append(question)
        return dict(enumerate(self.verdicts))


class Stopped(Scripted):
    """An engine whose run is stopped while a stack runs."""

    crew: Crew

    def play(self, work, tasks, say):
        """Stop before each outcome."""
        for answer in super().play(work, tasks, say):
            self.crew.stop("interrupted")
            yield answer


def done(stack, **more):
    """An outcome of a stack that is done."""
    return Outcome(stack, "done", counts={"same": 2}, **more)


def locked(stack):
    """An outcome of a stack that another process has."""
    return Outcome(stack, "locked", holders=(HOLDER,))


def failed(stack, appid, text="no token"):
    """An outcome of a stack whose only app failed."""
    return Outcome(stack, "failed", failures=(AppFailure(appid, f"{text} for {appid}"),))


def play(engine, *stacks):
    """Run and return the outcomes by stack."""
    crew = Crew(engine, lambda _: None)
    return crew, {each.stack: each for each in crew.play([Request("up", stack) for stack in stacks])}


def test_each_stack_is_asked_once():
    """And its outcome is passed on."""
    engine = Scripted(a=[done("a")], b=[done("b")])

    _, found = play(engine, "a", "b")

    assert [request.stack for request in engine.asked] == ["a", "b"]
    assert {each.status for each in found.values()} == {"done"}


@pytest.mark.parametrize("lost", [None, Outcome("a", "lost")], ids=["machine", "unit"])
def test_a_lost_stack_is_tried_once_more(lost):
    """Its first attempt may have done all or nothing; the second one finds out."""
    _, found = play(Scripted(a=[lost, done("a")]), "a")
    assert found["a"].status == "done"

    _, found = play(Scripted(a=[lost, lost]), "a")
    assert found["a"].status == "lost"


def test_a_lock_of_a_process_that_is_proved_gone_is_passed_on_as_such():
    """The host that the lock names says so; the second attempt may break it, once."""
    engine = Scripted([["unknown"], ["gone"]], a=[locked("a"), locked("a")])

    _, found = play(engine, "a")

    assert engine.questions[0]() == ["unknown"]  # this machine is not the one that the lock names

    assert [request.gone for request in engine.asked] == [(), (HOLDER,)]
    assert found["a"].status == "locked"


def test_a_journal_is_left_alone_unless_its_writers_are_proved_gone():
    """Machines may share a folder: what one does not know, the host of the writers may."""
    gone, running, unknown = (
        Journal(name, "a", ({"urn": name},), verdict=name) for name in ("gone", "running", "unknown")
    )
    lives = Journal("running", "a", ({"urn": "x"},), verdict="gone")
    engine = Scripted([(gone, running, unknown), (lives, unknown)], a=[None, done("a")])
    crew = Crew(engine, lambda _: None)

    (_,) = crew.play([Request("up", "a", fast=True)])

    assert crew.journals("p") == [gone, unknown]
    assert engine.asked[1].journal == [{"urn": "gone"}]


def test_a_second_attempt_has_the_journals_of_all_machines():
    """A run without checkpoints may have been killed where the next attempt does not run."""
    one, two, other = (
        Journal(name, stack, ({"urn": name},)) for name, stack in (("1", "a"), ("2", "a"), ("3", "b"))
    )
    engine = Scripted([(one, other), (one, two)], a=[None, done("a")])
    crew = Crew(engine, lambda _: None)

    (found,) = crew.play([Request("up", "a", fast=True)])

    assert found.status == "done"
    assert [request.journal for request in engine.asked] == [(), [{"urn": "1"}, {"urn": "2"}]]


@pytest.mark.parametrize("verdicts", [[["unknown"]], [["gone"], ["running"]], []])
def test_a_lock_without_proof_stays(verdicts):
    """The message names its process and what to do."""
    engine = Scripted(verdicts, a=[locked("a")])

    _, found = play(engine, "a")

    assert len(engine.asked) == 1
    assert found["a"].message == (
        "locked by another run:\n  process 7 of ci on b-1, since 2026-01-01T00:00:00Z\nWait for it to "
        "finish. If that host is gone, or no longer runs the process, run `pulumi cancel --yes --stack "
        "organization/wechat-miniprogram-fleet/a`, then the same command again."
    )


def test_one_reason_for_every_stack_ends_the_run():
    """A token service that is down fails every app; the fourth stack is not tried."""
    names = ["a", "b", "c", "d"]
    engine = Scripted(**{name: [failed(name, appid)] for name, appid in zip(names, APPIDS, strict=False)})

    crew, found = play(engine, *names)

    assert crew.stopped == "every stack so far failed for the same reason: no token for the app"
    assert [found[name].status for name in names] == ["failed", "failed", "failed", "not run"]


@pytest.mark.parametrize(
    "first",
    [
        done("a"),
        failed("a", APPIDS[0], "another reason"),
        Outcome("a", "failed", changes=(Planned(APPIDS[0], "create"),), message="x"),
        replace(failed("a", APPIDS[4]), counts={"same": 2}),
    ],
    ids=["one works", "two reasons", "an app works", "an app is unchanged"],
)
def test_other_failures_do_not(first):
    """Some stacks have troubles of their own."""
    names = ["a", "b", "c", "d"]
    later = {name: [failed(name, appid)] for name, appid in zip(names[1:], APPIDS, strict=False)}

    crew, found = play(Scripted(a=[first], **later), *names)

    assert crew.stopped == ""
    assert found["d"].status == "failed"


@pytest.mark.parametrize(
    "own",
    [{"errcode": 61003}, {"errcode": 61007}, {"errcode": 61023}, {"errcode": 89231}, {"refused": True}],
    ids=str,
)
def test_apps_with_reasons_of_their_own_do_not_end_the_run(own):
    """Three that have left the platform, each alone in its stack, say nothing about the fourth."""
    names = ["a", "b", "c", "d"]
    alone = {
        name: [
            Outcome(name, "failed", failures=(AppFailure(appid, f"no {appid}", **own),), counts={"same": 1})
        ]
        for name, appid in zip(names, APPIDS, strict=False)
    }

    crew, found = play(Scripted(**alone), *names)

    assert crew.stopped == ""
    assert found["d"].status == "failed"


def test_a_preview_is_tried_again_without_the_apps_that_fail():
    """The engine ends it at the first one. What becomes of the others is known then."""
    engine = Scripted(a=[failed("a", APPIDS[0]), failed("a", APPIDS[1]), done("a", apps=3)])

    (found,) = Crew(engine, lambda _: None).play([Request("preview", "a")])

    assert [request.excluded for request in engine.asked] == [(), APPIDS[:1], APPIDS[:2]]
    assert (found.status, [each.appid for each in found.failures]) == ("failed", APPIDS[:2])
    assert found.ready


def test_a_preview_in_which_many_apps_fail():
    """It is given up, and the apps that wait are named."""
    apps = [{"appid": appid} for appid in (*APPIDS, "wx00000000000000b1")]
    engine = Scripted(a=[failed("a", appid) for appid in APPIDS])

    (found,) = Crew(engine, lambda _: None).play([Request("preview", "a", apps)])

    assert [each.appid for each in found.failures] == APPIDS
    assert found.message == (
        "5 of its apps failed in the preview, so the stack was not updated. These apps wait for the next run: "
        "wx00000000000000b1."
    )
    assert not found.ready


def test_a_preview_in_which_an_app_fails_and_that_is_stopped():
    """Nothing is tried again."""
    engine = Stopped(a=[failed("a", APPIDS[0])])
    engine.crew = crew = Crew(engine, lambda _: None)

    (found,) = crew.play([Request("preview", "a", [{"appid": APPIDS[0]}])])

    assert found.message == "1 of its apps failed in the preview, so the stack was not updated."


def test_a_stopped_run_starts_no_other_stack():
    """What runs is waited for."""
    engine = Scripted(a=[done("a")], b=[done("b")])
    crew = Crew(engine, lambda _: None)
    outcomes = crew.play([Request("up", "a"), Request("up", "b")])

    first = next(outcomes)
    crew.stop("interrupted")
    crew.stop("again")

    assert first.stack == "a"
    assert [(each.stack, each.status) for each in outcomes] == [("b", "not run")]
    assert crew.stopped == "interrupted"


def test_a_run_is_cut_on_every_machine():
    """Each tells how many units it has cut."""
    engine = Scripted()

    Crew(engine, lambda _: None).cut()

    assert [question() for question in engine.questions] == [0]


def test_an_engine_that_is_gone():
    """What was asked may have done something, and what was not asked has not."""
    gone = EngineLost("the scheduler is gone")
    crew, found = play(Scripted(a=[done("a")], b=[None], c=[gone], d=[]), "a", "b", "c", "d")

    assert crew.stopped == "the scheduler is gone"
    assert {stack: each.status for stack, each in found.items()} == {
        "a": "done",
        "b": "lost",  # with its machine, and not tried again
        "c": "lost",
        "d": "not run",
    }
    assert found["b"].message == "its machine was lost"
    assert found["c"].message == "it was running when the engine was lost; what it did is in its state"


def test_a_preview_of_an_engine_that_is_gone():
    """It does nothing, so there is nothing to find out."""
    crew = Crew(Scripted(a=[EngineLost("gone")]), lambda _: None)

    assert [each.status for each in crew.play([Request("preview", "a")])] == ["not run"]
