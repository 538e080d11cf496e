"""Laws of a plan: what it sends, and where that leads; first of webview domains, then of every list."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.lifecycle.domain import read_listed
from pulumi_wechat_miniprogram.lifecycle.hosts import hosts_of
from pulumi_wechat_miniprogram.lifecycle.plan import make_plan
from pulumi_wechat_miniprogram.lifecycle.server_domain import kind_of_entry
from pulumi_wechat_miniprogram.lifecycle.state import PLATFORM
from tests.strategies import lists, live_lists, plan_of, requests


def keys(values):
    return {read_listed(value) for value in values}


def replay(live, steps):
    """Do to a list what WeChat does."""
    for step in steps:
        if step.action == "set":
            live = step.values
        elif step.action == "add":
            live = (*live, *step.values)
        else:
            live = tuple(value for value in live if value not in step.values)
    return live


@given(requests(), live_lists())
def test_replaying_a_plan_leads_where_it_says(request, live):
    """After the steps, the list has all that was declared and lacks all that the plan removes."""
    plan = plan_of(request, live)
    if plan.refusals:
        return

    after = keys(replay(live, plan.steps))

    assert after == (keys(live) | set(request.desired)) - set(plan.removed)


@given(requests(), live_lists())
def test_a_live_domain_is_never_sent_again(request, live):
    """Sending a live domain again would take it out of force until the next release."""
    plan = plan_of(request, live)

    sent = {value for step in plan.steps if step.action != "delete" for value in step.values}

    assert not sent & keys(live)


@given(requests(), live_lists())
def test_set_needs_an_empty_list(request, live):
    """Only an authoritative create over an empty list may replace the list, and never by nothing."""
    plan = plan_of(request, live)

    for step in plan.steps:
        assert step.action != "set" or (
            not live and request.operation == "create" and request.mode == "authoritative" and step.values
        )


@given(requests(), live_lists())
def test_what_another_resource_declares_is_never_removed(request, live):
    """A removal spares every domain that the running operation declares."""
    plan = plan_of(request, live)

    assert not set(plan.removed) & request.declared_elsewhere


@given(requests(), live_lists())
def test_without_permission_nothing_unseen_is_removed(request, live):
    """What neither declaration nor state names is removed with overwrite_existing only."""
    plan = plan_of(replace(request, overwrite_existing=False), live)

    removed = {value for step in plan.steps if step.action == "delete" for value in step.values}

    assert keys(removed) <= {*request.known, *request.added}


@given(requests(), live_lists(), st.randoms(use_true_random=False))
def test_order_never_matters(request, live, random):
    """Shuffled lists give the same sets of additions and removals."""
    shuffled = random.sample(live, len(live))
    reordered = replace(request, desired=tuple(random.sample(request.desired, len(request.desired))))

    one, other = plan_of(request, live), plan_of(reordered, shuffled)

    assert (set(one.added), set(one.removed)) == (set(other.added), set(other.removed))


@given(requests(), live_lists())
def test_a_delete_sends_the_servers_own_spelling(request, live):
    """Every value of a delete is on the live list letter for letter."""
    plan = plan_of(request, live)

    assert {v for step in plan.steps if step.action == "delete" for v in step.values} <= set(live)


@given(requests(), live_lists(), st.integers(min_value=0, max_value=2))
def test_stopping_anywhere_and_planning_again_ends_the_same(request, live, done):
    """A run that is killed between two steps and run again reaches the same list."""
    lifted = replace(request, allow_mass_removal=True, overwrite_existing=True)
    plan = plan_of(lifted, live)
    if plan.refusals:
        return

    halfway = replay(live, plan.steps[:done])
    again = plan_of(replace(lifted, may_set=False), halfway)

    assert keys(replay(halfway, again.steps)) == keys(replay(live, plan.steps))


def planned(case):
    """The plan of a case as an operation makes it: of what the resource manages."""
    request, live, others = case
    return make_plan(request, live.within(request.managed), other_modes=others)


def named(plan, *actions):
    """What the steps of a plan name, as it is compared."""
    read = dict(plan.existing.entries) | {each: each for each in plan.desired}
    return {read[value] for step in plan.steps if step.action in actions for value in step.values}


@given(lists())
def test_any_list_becomes_what_the_plan_says(case):
    """What stays is on it, too where one call replaces it."""
    plan = planned(case)
    live = {domain for _, domain in plan.existing.entries}
    wanted = live | {*plan.added} if plan.steps else live

    after = set() if plan.replaces and plan.steps else set(live)
    after = (after | named(plan, "set", "add")) - named(plan, "delete")

    assert after == wanted - ({*plan.removed} if plan.steps else set())


@given(lists())
def test_no_list_is_set_where_something_may_be_on_it(case):
    """But prefetch hosts, which nothing else changes. An `add` comes before the one `delete`."""
    plan = planned(case)
    actions = [step.action for step in plan.steps]

    first = plan.of == "webview" and plan.operation == "create" and not plan.existing.entries
    assert actions in ([], ["set"], ["add"], ["delete"], ["add", "delete"])
    assert "set" not in actions or first or (plan.replaces and actions == ["set"])


@given(lists())
def test_no_list_loses_what_nobody_gave_leave_for(case):
    """Neither what the state does not know, nor what others declare, nor what another way lists."""
    request, _, others = case
    plan = planned(case)
    ours = {*request.known, *request.added}

    removed = {*plan.removed} if plan.steps else set()

    assert not removed & (request.declared_elsewhere | others | {*request.desired})
    assert removed <= ours or (request.overwrite_existing and request.operation != "delete")
    assert request.mode == "authoritative" or removed <= {*request.added}


@given(lists(*sorted(PLATFORM)))
def test_a_platforms_list_loses_nothing_without_leave(case):
    """In no operation; and with leave a host goes from all that is managed of it, or from nothing."""
    request, _, _ = case
    plan = planned(case)

    stays = hosts_of(each for each in plan.existing.domains if each not in plan.removed)

    assert request.allow_mass_removal or not named(plan, "delete")
    assert not {*hosts_of(plan.removed)} & {*stays}


@given(lists())
def test_no_step_names_what_is_not_managed(case):
    """Not even where only some of the kinds exist."""
    request, live, others = case
    kinds = request.managed[:1]
    plan = make_plan(request.within(kinds), live.within(kinds), other_modes=others)

    assert {kind_of_entry(each) for each in named(plan, "add", "set", "delete") if request.managed} <= {
        *kinds
    }


@given(lists(), st.integers(min_value=0, max_value=2))
def test_any_list_gets_there_from_halfway(case, done):
    """Stopped after some steps and planned anew, with every leave, it ends as if it had not been stopped."""
    request, live, others = case
    request = replace(request, allow_mass_removal=True, overwrite_existing=True)
    plan = planned((request, live, others))
    if plan.refusals:
        return

    halfway = live
    for step in plan.steps[:done]:
        gone = {*step.values} if step.action == "delete" else {*live.spelled} if plan.replaces else set()
        came = () if step.action == "delete" else step.values
        read = dict(live.entries)
        entries = [each for each in halfway.entries if each[0] not in gone]
        halfway = replace(halfway, entries=(*entries, *((each, read.get(each, each)) for each in came)))
    again = planned((replace(request, may_set=False), halfway, others))

    assert {*again.removed} | {*plan.removed} == {*plan.removed}
    assert {*again.added} <= {*plan.added}
    assert done < len(plan.steps) or not again.steps
