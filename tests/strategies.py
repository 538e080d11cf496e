"""Strategies of the property tests."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.lifecycle.domain import Domain, read_listed
from pulumi_wechat_miniprogram.lifecycle.plan import PlanRequest, make_plan
from pulumi_wechat_miniprogram.lifecycle.state import LiveList, ModeLists, Observation

APPID = "wx0123456789abcdef"

canonical = st.sampled_from([Domain(f"https://h{number}.example.com") for number in range(16)])
odd_spelling = st.sampled_from(["{0}", "{0}/", "{0}."])


def plan_of(request, live, **more):
    """A plan over a live list as WeChat spells it."""
    return make_plan(request, LiveList.of(live), **more)


def observation_of(live, *, direct=(), others=(), effective=(), appid=APPID):
    """An observation of lists as WeChat spells them."""
    lists = ModeLists(
        LiveList.of(direct), frozenset(map(read_listed, others)), frozenset(map(read_listed, effective))
    )
    return Observation(appid, LiveList.of(live).domains, lists)


@st.composite
def live_lists(draw):
    """Live lists as WeChat may spell them: mixed case, slashes, dots, values that the rules refuse."""
    keys = draw(st.lists(canonical, unique=True, max_size=12))
    spelled = [
        draw(odd_spelling).format(key.replace("h", "H") if draw(st.booleans()) else key) for key in keys
    ]
    spelled = [value.replace("Https", "https") for value in spelled]
    refused = draw(st.lists(st.sampled_from(["https://a.example.com:8443", "b_c.example.com"]), unique=True))
    return tuple(spelled + refused)


@st.composite
def requests(draw):
    """Requests of every kind, with refusals lifted or not."""
    domains = st.lists(canonical, unique=True, max_size=12).map(tuple)
    operation = draw(st.sampled_from(["create", "update", "delete"]))
    return PlanRequest(
        appid=APPID,
        operation=operation,
        mode=draw(st.sampled_from(["authoritative", "additive"])),
        desired=() if operation == "delete" else draw(domains),
        known=() if operation == "create" else draw(domains),
        added=() if operation == "create" else draw(domains),
        declared_elsewhere=frozenset(draw(domains)),
        overwrite_existing=draw(st.booleans()),
        allow_mass_removal=draw(st.booleans()),
    )


def share_of_examples(share: float) -> settings:
    """Return the loaded profile with a share of its examples, for what is slow."""
    return settings(max_examples=round(settings().max_examples * share))
