"""Strategies of the property tests."""

from __future__ import annotations

from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.lifecycle.domain import Domain, read_listed
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES, read_host, read_staged
from pulumi_wechat_miniprogram.lifecycle.plan import PlanRequest, make_plan
from pulumi_wechat_miniprogram.lifecycle.server_domain import kind_of_entry, read_server
from pulumi_wechat_miniprogram.lifecycle.state import PLATFORM, ListName, LiveList, ModeLists, Observation

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


SERVER: frozenset[ListName] = frozenset({"server", "registered-server"})


@st.composite
def lists(draw, *of):
    """A request about any kind of list, or one `of` these; what is live there, and what others list.

    Of several kinds some are managed, and all may be live.
    """
    name = draw(st.sampled_from(of or get_args(ListName)))
    kinds = ("request", "socket") if name in SERVER else STAGES if name in PLATFORM else ()
    read = read_server if name in SERVER else read_staged
    hosts = [f"h{number}.example.com" for number in range(8)]
    universe = [read(kind, host) for kind in kinds for host in hosts]
    universe = universe or [
        read_host(host) if name == "prefetch" else Domain(f"https://{host}") for host in hosts
    ]
    some, few = (st.lists(st.sampled_from(universe), unique=True, max_size=most) for most in (8, 2))
    operation = draw(st.sampled_from(["create", "import", "update", "delete"]))
    managed = tuple(draw(st.lists(st.sampled_from(kinds), unique=True, min_size=1))) if kinds else ()
    desired = [each for each in draw(some) if not kinds or kind_of_entry(each) in managed]
    request = PlanRequest(
        appid=APPID,
        operation=operation,
        mode="authoritative" if name == "prefetch" else draw(st.sampled_from(["authoritative", "additive"])),
        desired=() if operation == "delete" else tuple(desired),
        known=() if operation == "create" else tuple(draw(some)),
        added=() if operation == "create" else tuple(draw(some)),
        declared_elsewhere=frozenset(draw(few)),
        overwrite_existing=draw(st.booleans()),
        allow_mass_removal=draw(st.booleans()),
        managed=managed,
        recorded_kinds=managed,
        of=name,
    )
    live = LiveList(tuple((f"{each}/" if draw(st.booleans()) else each, each) for each in draw(some)))
    return request, live, frozenset(draw(few))


def share_of_examples(share: float) -> settings:
    """Return the loaded profile with a share of its examples, for what is slow."""
    return settings(max_examples=max(1, round(settings().max_examples * share)))
