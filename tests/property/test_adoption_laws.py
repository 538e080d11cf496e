"""Laws of adoption: whatever is live, taking it over changes nothing."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.exports.adoption import adopt, program
from pulumi_wechat_miniprogram.lifecycle.plan import PlanRequest
from tests.strategies import APPID, canonical, live_lists, observation_of, plan_of


@st.composite
def observations(draw):
    """A live list as WeChat may spell it, with domains of other modes on it or beside it."""
    ours = draw(live_lists())
    others = tuple(draw(st.lists(canonical, unique=True, max_size=4)))
    effective = draw(st.lists(canonical, unique=True, max_size=8))
    shown = (*ours, *others) if draw(st.booleans()) else ours
    return shown, observation_of(shown, direct=ours, others=others, effective=effective)


@given(observations())
def test_a_create_of_what_was_adopted_has_no_step(observed):
    """And no refusal: the first way ends without a write."""
    live, seen = observed
    declaration = adopt("app", seen).declaration
    request = PlanRequest(
        appid=APPID,
        operation="create",
        mode=declaration.mode,
        desired=declaration.domains,
        allow_mass_removal=True,
    )

    plan = plan_of(request, live, other_modes=seen.only_other_modes)

    assert (plan.steps, plan.refusals) == ((), ())


@given(observations())
def test_an_update_over_the_imported_state_has_no_step(observed):
    """The second way: the state of the import file, the same program."""
    live, seen = observed
    adopted = adopt("app", seen)
    request = PlanRequest(
        appid=APPID,
        operation="update",
        mode=adopted.declaration.mode,
        desired=adopted.declaration.domains,
        known=adopted.recorded.domains,
        added=adopted.recorded.added_domains,
    )

    plan = plan_of(request, live, other_modes=seen.only_other_modes)

    assert (plan.steps, plan.refusals) == ((), ())


@given(st.lists(st.text(max_size=20), max_size=5), st.text(min_size=1, max_size=20))
def test_any_live_text_gives_a_program_that_declares_and_does_nothing_else(live, name):
    """Nothing of a live list or of a name becomes code."""
    seen = observation_of(["https://a.example.com", *live], others=live)

    statements = ast.parse(program([adopt(name, seen)], "dynamic")).body

    assert [type(each).__name__ for each in statements] == ["Expr", "Import", "Import", "Expr"]
    (call,) = (each for each in ast.walk(statements[-1]) if isinstance(each, ast.Call) and each.args)
    assert ast.literal_eval(call.args[0]) == name
