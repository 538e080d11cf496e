"""Laws of a plan: what it sends, and where that leads."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.lifecycle.domain import read_listed
from tests.strategies import live_lists, plan_of, requests


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
    """Every value of a delete stands on the live list letter for letter."""
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
