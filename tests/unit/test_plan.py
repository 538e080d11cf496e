"""Plans of every operation: steps, refusals, texts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram.lifecycle.domain import Domain, Undeclarable, read_listed
from pulumi_wechat_miniprogram.lifecycle.plan import PlanRequest, Step, outsiders
from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused
from pulumi_wechat_miniprogram.lifecycle.rendering import plan_to_json, plan_to_markdown, plan_to_text
from pulumi_wechat_miniprogram.lifecycle.state import LiveList
from tests.strategies import plan_of

APPID = "wx0123456789abcdef"
A, B, C, D = (Domain(f"https://{name}.example.com") for name in "abcd")
MANY = tuple(Domain(f"https://h{number}.example.com") for number in range(12))

create = PlanRequest(APPID, "create", "authoritative", desired=(A, B))
update = PlanRequest(APPID, "update", "authoritative", desired=(A, B), known=(A, C))
delete = PlanRequest(APPID, "delete", "authoritative", known=(A, B))
additive = PlanRequest(APPID, "update", "additive", desired=(A,), known=(A, B, C), added=(B,))


@pytest.mark.parametrize(
    ("request_", "live", "steps"),
    [
        (create, (), (Step("set", (A, B)),)),
        (create, (A,), (Step("add", (B,)),)),
        (create, (B, A), ()),
        (replace(create, may_set=False), (), (Step("add", (A, B)),)),
        (replace(create, mode="additive"), (), (Step("add", (A, B)),)),
        (replace(create, mode="additive"), (C,), (Step("add", (A, B)),)),
        (replace(create, overwrite_existing=True), (C,), (Step("add", (A, B)), Step("delete", (C,)))),
        (update, (A, C), (Step("add", (B,)), Step("delete", (C,)))),
        (update, (), (Step("add", (A, B)),)),
        (update, (A, B), ()),
        (delete, (A, B), (Step("delete", (A, B)),)),
        (delete, (B,), (Step("delete", (B,)),)),
        (delete, (), ()),
        (delete, (A, C), (Step("delete", (A,)),)),
        (additive, (A, B, C), (Step("delete", (B,)),)),
    ],
)
def test_steps(request_, live, steps):
    """Only the difference is sent, additions first."""
    assert plan_of(request_, live).steps == steps


def test_a_delete_uses_the_servers_spellings():
    """Two live spellings of one domain are both removed, letter for letter."""
    live = ("https://A.example.com/", A)

    assert plan_of(delete, live).steps == (Step("delete", live),)


def test_a_domain_of_another_mode_is_never_ours():
    """What only the console or mode one lists is neither removed nor a reason to refuse."""
    plan = plan_of(create, (A, B, C), other_modes=frozenset({C}))

    assert (plan.steps, plan.refusals) == ((), ())


def test_outsiders_are_what_nobody_here_knows():
    """Neither declared nor in the state, sorted."""
    assert outsiders(update, LiveList.of((D, "https://A.example.com", C))) == (D,)


def refusal(request, live):
    plan = plan_of(request, live)
    assert plan.steps == ()
    (only,) = plan.refusals
    return only


def test_create_refuses_undeclared_live_domains():
    """The text names every domain and each way out."""
    refused = refusal(create, (C, D))

    assert (refused.code, refused.domains) == ("undeclared-live-domain", (C, D))
    assert refused.text == (
        f"create would remove {C}, {D} from {APPID}, which this program does not declare. "
        'Add them to `domains`, use mode="additive", or set overwrite_existing=True. If this is part '
        "of a replacement, remove the domains in a separate update first."
    )


def test_update_refuses_what_the_state_never_saw():
    """A refresh is the way: then the preview shows the removal."""
    refused = refusal(update, (A, D))

    assert (refused.code, refused.domains) == ("unseen-live-domain", (D,))
    assert refused.text == (
        f"{D} on the live list of {APPID} was added outside Pulumi: the state does not contain it, and this "
        "operation would remove it. To proceed, run `pulumi refresh`, after which the preview shows the "
        "removal, or add it to `domains`, or set overwrite_existing=True."
    )


@pytest.mark.parametrize("value", ["https://d.example.com:8443", "https://*.example.com"])
def test_a_live_value_that_cannot_be_declared_is_not_to_be_added(value):
    """The check would refuse it: this way leads nowhere."""
    created = refusal(PlanRequest(APPID, "create", "authoritative", desired=(A,)), (value,))
    updated = refusal(update, (A, value))

    assert (
        'which this program does not declare. Use mode="additive", or set overwrite_existing=True. '
        in created.text
    )
    assert updated.text.endswith("shows the removal, or set overwrite_existing=True.")


def test_a_change_to_authoritative_over_unseen_domains_names_no_refresh():
    """The state of an additive resource would not record them."""
    request = PlanRequest(
        APPID, "update", "authoritative", desired=(A,), known=(A,), recorded_mode="additive"
    )

    refused = refusal(request, (A, D))

    assert refused.text == (
        f"{D} on the live list of {APPID} was added outside Pulumi: the state does not contain it, and this "
        "operation would remove it. To proceed, add it to `domains`, or set overwrite_existing=True."
    )


def test_the_valve_speaks_in_numbers():
    """More than 30 % of ten or more domains needs allow_mass_removal."""
    request = PlanRequest(APPID, "update", "authoritative", desired=MANY[:8], known=MANY)

    refused = refusal(request, MANY)

    assert refused.text == (
        f"4 of 12 domains (33%) of {APPID} would be removed, which is more than 30%: {', '.join(MANY[8:])}. "
        "If this is intended, set allow_mass_removal=True on the resource for this one update."
    )


@pytest.mark.parametrize(
    ("desired", "live", "allowed"),
    [(MANY[:9], MANY, False), (MANY[:1], MANY[:9], False), ((), MANY[:2], True)],
)
def test_the_valve_lets_pass(desired, live, allowed):
    """Exactly 30 % and short lists pass, and anything with allow_mass_removal."""
    request = PlanRequest(
        APPID, "update", "authoritative", desired=desired, known=live, allow_mass_removal=allowed
    )

    assert plan_of(request, live).refusals == ()


def test_an_empty_declaration_is_guarded_at_any_size():
    """Emptying one domain is refused as well, with its name."""
    refused = refusal(PlanRequest(APPID, "update", "authoritative", known=(A,)), (A,))

    assert refused.text == (
        f"`domains` of {APPID} is empty and would remove 1 of 1: {A}. If this is intended, set "
        "allow_mass_removal=True on the resource for as long as its list is empty."
    )


def test_a_full_list_is_never_emptied_first():
    """Over the limit nothing is deleted to make room; the text names the two steps."""
    live = tuple(Domain(f"https://h{number}.example.com") for number in range(300))
    request = PlanRequest(APPID, "update", "authoritative", desired=(*live[1:], A), known=live)

    refused = refusal(request, live)

    assert refused.text == (
        f"update would bring {APPID} to 301 domains before anything is removed, but WeChat accepts at most "
        "300: 300 are live and 1 new. Use two updates: one that only removes (https://h0.example.com), then "
        f"one that adds ({A})."
    )


def test_a_full_list_takes_no_more():
    """Without a removal the text ends with the figures."""
    live = tuple(Domain(f"https://h{number}.example.com") for number in range(300))

    refused = refusal(PlanRequest(APPID, "create", "additive", desired=(A,)), live)

    assert refused.text.endswith("WeChat accepts at most 300: 300 are live and 1 new.")


def test_spared_and_left_domains_are_named():
    """A removal spares what another resource declares; additive leaves what it did not add."""
    plan = plan_of(replace(additive, declared_elsewhere=frozenset({B})), (A, B, C))

    assert (plan.steps, plan.spared, plan.left) == ((), (B,), (C,))


def test_all_refusals_are_in_one_message():
    """A refused plan shows every refusal."""
    plan = plan_of(replace(create, desired=MANY[:1]), (*MANY[1:], A))

    assert str(PlanRefused(plan.refusals)).count("\n") == 1


def test_text_rendering():
    """Additions, removals, what stays and the writes, a line each."""
    plan = plan_of(replace(additive, desired=(A, D), declared_elsewhere=frozenset()), (A, B, C))

    assert plan_to_text(plan) == (
        f"update of {APPID} (additive), 3 live\n  + {D}\n  - {B}\n"
        f"    {C} stays: this resource did not add it\n  writes: add 1, delete 1"
    )


def test_text_rendering_of_a_refusal():
    """A refused plan shows its refusals and no write; a spared domain is named."""
    plan = plan_of(replace(create, declared_elsewhere=frozenset({C})), (C, D))

    text = plan_to_text(plan)

    assert f"    {C} stays: another resource declares it\n" in text
    assert text.endswith("  writes: none")
    assert "refused: create would remove" in text


def test_markdown_rendering_of_what_stays():
    """Each with its reason; nothing is said of releases where nothing is added."""
    plan = plan_of(replace(additive, desired=(), declared_elsewhere=frozenset({B})), (A, B, C))

    assert plan_to_markdown(plan) == (
        f"#### update of `{APPID}` (additive), 3 live\n\n```diff\n  {B}\n  {A}\n  {C}\n```\n\n- Stays, "
        f"because another resource declares it: `{B}`\n- Stays, because this resource did not add it: `{A}`, "
        f"`{C}`\n- Writes: none."
    )


def test_markdown_rendering_of_a_refusal():
    """The reason in one line, no promise of what comes after."""
    text = plan_to_markdown(plan_of(create, (C,)))

    assert (
        f"- **Refused:** create would remove {C} from {APPID}, which this program does not declare. " in text
    )
    assert "release" not in text
    assert text.endswith("- Writes: none.")


def test_a_live_value_cannot_leave_its_place_in_markdown():
    """It is anybody's: no line of its own, no end of the code."""
    spelled = "https://a\n```\n# hello `b`"
    hostile = read_listed(spelled)
    request = replace(additive, desired=(), known=(hostile,), added=(hostile,))
    plan = plan_of(request, (spelled,))
    spared = plan_of(replace(request, declared_elsewhere=frozenset({hostile})), (spelled,))

    assert "\n- https://a\\n```\\n# hello `b`\n" in plan_to_markdown(plan)
    assert "declares it: `https://a\\n\\n# hello b`" in plan_to_markdown(spared)


def test_json_rendering_is_stable():
    """Equal plans give equal bytes, refusals included; the keys are in order."""
    first, second = (json.dumps(plan_to_json(plan_of(create, (C,)))) for _ in range(2))

    document = json.loads(first)

    assert first == second
    assert document["refusals"][0]["code"] == "undeclared-live-domain"
    assert list(document) == sorted(document)


def test_no_live_value_ends_the_block_of_the_markdown():
    """What stays is below what opens the block, and may be anything."""
    request = PlanRequest(
        APPID,
        "update",
        "authoritative",
        (A,),
        known=(A,),
        declared_elsewhere=frozenset({Undeclarable("````"), Undeclarable("<b>")}),
    )

    text = plan_to_markdown(plan_of(request, (A, "````", "<b>")))

    assert "`````diff\n  https://a.example.com\n  ````\n  <b>\n`````\n" in text


def test_no_live_value_is_markdown_in_a_refusal():
    """It is code there."""
    text = plan_to_markdown(
        plan_of(PlanRequest(APPID, "update", "authoritative", (A,)), (A, "![x](//x.example/`t`)"))
    )

    assert "- **Refused:** `![x](//x.example/t)` on the live list" in text


def test_no_live_value_passes_for_a_line_of_the_text():
    """Also not in a refusal."""
    text = plan_to_text(
        plan_of(PlanRequest(APPID, "update", "authoritative", (A,)), (A, "a\n  writes: none"))
    )

    assert text.count("\n  writes: none") == 1
