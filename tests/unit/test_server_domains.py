"""Server domains over the real client and the emulator: calls, partial success, refusals, ownership."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from pulumi_wechat_miniprogram.lifecycle.reconcile import Declaration, HalfDone
from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, by_kind, kind_of_entry, read_entry
from pulumi_wechat_miniprogram.lifecycle.state import ServerRecorded
from pulumi_wechat_miniprogram.safety.errors import UserError
from tests.bench import APPID, Bench

A, B, C = (read_entry(f"request https://{name}.example.com") for name in "abc")
WSS = read_entry("socket wss://push.example.com")
UDP = read_entry("udp udp://u.example.com:900")
READ = "get_effective_domain"
NAMES = {"request": "requestdomain", "socket": "wsrequestdomain", "udp": "udpdomain"}


def declare(*entries, managed=(), **more):
    """A declaration of these, and of the kinds that are to be empty."""
    kinds = {*managed, *map(kind_of_entry, entries)}
    return Declaration(APPID, entries, managed=tuple(kind for kind in KINDS if kind in kinds), **more)


class Server:
    """The server domains of the bench's app."""

    def __init__(self, control):
        self.control = control
        self.bench = Bench(control)
        self.use = self.bench.use.of("server")

    def seed(self, *entries, **ways):
        """Let WeChat hold these in mode two, and others in other ways; all are in force."""
        server = {"direct": entries, **ways}
        lists = {
            way: {NAMES[kind]: values for kind, values in by_kind(held, NAMES).items()}
            for way, held in server.items()
        }
        self.control.seed(APPID, server=lists)

    def live(self):
        """What mode two lists."""
        url = f"{self.control.url}/wxa/get_effective_domain?access_token=emulator-{APPID}"
        lists = httpx.post(url, json={}).json()["direct_domain"]
        self.control.clear_calls()
        return {f"{kind} {value}" for kind, name in NAMES.items() for value in lists[name]}

    @property
    def calls(self):
        """The calls since the last look, in one word each."""
        names = [call.action or call.name for call in self.control.calls()]
        self.control.clear_calls()
        return names


@pytest.fixture
def server(wechat_emulator):
    server = Server(wechat_emulator)
    yield server
    server.bench.client.close()


def test_create_writes_all_kinds_in_one_call(server):
    """One read, one add, one read; a `set` is never sent, not even over empty lists."""
    created = server.use.create(declare(A, WSS, managed=["udp"]))

    assert server.calls == [READ, "add", READ]
    assert created == ServerRecorded(
        APPID,
        (A, WSS),
        pending_domains=(A, WSS),
        release_required=True,
        added_domains=(A, WSS),
        managed=("request", "socket", "udp"),
        writes=1,
    )


def test_a_kind_without_domains_is_not_in_a_write(server):
    """Neither an unmanaged one nor an empty one."""
    server.use.create(declare(A, managed=["udp"]))

    (write,) = server.control.writes(APPID)
    assert write.domains == ("https://a.example.com",)


def test_what_is_live_is_adopted_without_a_write(server):
    """The one read tells what is in force, too."""
    server.seed(A, WSS)

    created = server.use.create(declare(A, WSS))

    assert server.calls == [READ]
    assert (created.added_domains, created.effective_domains) == ((), (A, WSS))


def test_update_sends_the_difference(server):
    """What comes is added before what goes is deleted, each in one call; what stays is never sent."""
    created = server.use.create(declare(A, B, WSS))
    server.calls  # noqa: B018 - forget them

    server.use.update(created, declare(A, C, UDP, managed=["socket"], allow_mass_removal=True))

    assert server.calls == [READ, "add", "delete", READ]
    assert server.live() == {A, C, UDP}


def test_an_unmanaged_kind_is_never_touched(server):
    """Not by create, update, read or delete; it is not in the state either."""
    server.seed(WSS, UDP)

    created = server.use.create(declare(A))
    updated = server.use.update(created, declare(B))
    read = server.use.read(updated)
    server.use.delete(read)

    assert read.domains == (B,)
    assert {kind_of_entry(entry) for entry in (*read.effective_domains, *read.pending_domains)} == {"request"}
    assert server.live() == {WSS, UDP}


def test_a_kind_that_is_no_longer_declared_stays_and_is_named(server):
    """To leave a list out is not to empty it."""
    created = server.use.create(declare(A, WSS))

    updated = server.use.update(created, declare(A))

    assert server.live() == {A, WSS}
    assert updated.managed == ("request",)
    assert server.bench.warnings == [
        f"{APPID}: {WSS} stays on the live list, because `socket` is no longer managed. To remove domains, "
        "declare `socket` without them, or as []"
    ]


def test_read_is_one_call(server):
    """Live domains of a managed kind become part of an authoritative state."""
    created = server.use.create(declare(A))
    server.seed(A, B, WSS)
    server.calls  # noqa: B018 - forget them

    assert server.use.read(created).domains == (A, B)
    assert server.calls == [READ]


def test_delete_removes_what_is_still_there(server):
    """What somebody took away meanwhile is not sent."""
    created = server.use.create(declare(A, B, WSS))
    server.seed(A, C, WSS)
    server.calls  # noqa: B018 - forget them

    server.use.delete(created)

    assert server.calls == [READ, "delete"]
    assert server.live() == {C}


def test_additive_removes_only_what_it_added(server):
    """What was there before stays."""
    server.seed(A, C)

    created = server.use.create(declare(A, B, mode="additive"))
    server.use.delete(created)

    assert created.added_domains == (B,)
    assert server.live() == {A, C}


def test_create_refuses_over_undeclared_domains_of_a_managed_kind(server):
    """It names them with their input; those of other kinds are nobody's."""
    server.seed(B, WSS, UDP)

    with pytest.raises(PlanRefused) as refused:
        server.use.create(declare(A, managed=["socket"]))

    assert str(refused.value).startswith(
        f"create would remove {B}, {WSS} from {APPID}, which this program does not declare. Add them to "
        '`request` and `socket`, use mode="additive", or set overwrite_existing=True.'
    )
    assert server.control.writes(APPID) == []
    assert server.control.writes(APPID) == []


def test_a_newly_managed_kind_asks_before_it_removes(server):
    """A refresh would not show its domains, so it does not help."""
    server.seed(WSS)
    created = server.use.create(declare(A))

    with pytest.raises(PlanRefused) as refused:
        server.use.update(created, declare(A, managed=["socket"]))

    assert "To proceed, add it to `socket`, or set overwrite_existing=True." in str(refused.value)


def test_the_guard_counts_each_list(server):
    """Four of ten sockets are too many, however many other domains there are."""
    many = [read_entry(f"request https://h{number}.example.com") for number in range(50)]
    sockets = [read_entry(f"socket wss://h{number}.example.com") for number in range(10)]
    created = server.use.create(declare(*many, *sockets))

    with pytest.raises(PlanRefused) as refused:
        server.use.update(created, declare(*many, *sockets[:6]))

    assert str(refused.value).startswith(f"4 of 10 `socket` domains (40%) of {APPID} would be removed")


def test_two_hundred_of_a_kind(server):
    """Before anything is written the way in two steps is named."""
    many = [read_entry(f"request https://h{number}.example.com") for number in range(200)]
    created = server.use.create(declare(*many, WSS))

    with pytest.raises(PlanRefused) as refused:
        server.use.update(created, declare(*many[1:], A, WSS))

    assert str(refused.value) == (
        f"update would bring {APPID} to 201 `request` domains before anything is removed, but WeChat accepts "
        f"at most 200: 200 are live and 1 new. Use two updates: one that only removes ({many[0]}), then one "
        f"that adds ({A})."
    )


def test_domains_of_other_ways_are_never_removed(server):
    """The console's and mode one's entries are not on the list of mode two, so they are no drift."""
    server.seed(A, mp=[B], third=[C])

    created = server.use.create(declare(A))
    read = server.use.read(created)
    server.use.delete(read)

    assert read.domains == (A,)
    assert [call.action for call in server.control.writes(APPID)] == ["delete"]
    assert server.live() == set()


def test_a_partial_success_is_a_failure_that_names_each_domain(server):
    """The list is read again, nothing is removed, and what was accepted is known."""
    server.control.switch(server_partial="listed")
    server.control.unfiled("b.example.com")
    created = server.use.create(declare(C))
    server.calls  # noqa: B018 - forget them

    with pytest.raises(HalfDone) as failed:
        server.use.update(created, declare(A, B, UDP, allow_mass_removal=True))

    assert server.calls == [READ, "add", READ]
    assert str(failed.value) == (
        f"add of 3 domains for {APPID} was done only in part, although WeChat reported success (errcode 0)\n "
        f" {B}: it has no ICP filing: file the domain, wait 24 hours, then run the command again.\n  What "
        "WeChat accepted stays on its list, and the next `pulumi up` goes on from there.\n  The live list "
        f"was read again: {C}, {A}, {UDP}."
    )
    assert failed.value.recorded.domains == (C, A, UDP)
    assert failed.value.recorded.added_domains == (C, A, UDP)
    assert isinstance(failed.value.recorded, ServerRecorded)
    assert failed.value.recorded.writes == 1


def test_the_next_run_goes_on_from_there(server):
    """Only what is missing is sent; without a state what is there is adopted."""
    server.control.switch(server_partial="listed")
    server.control.unfiled("b.example.com")
    with pytest.raises(UserError):
        server.use.create(declare(A, B))
    server.control.unfiled()
    server.calls  # noqa: B018 - forget them

    server.use.create(declare(A, B))

    assert [call.domains for call in server.control.writes(APPID)] == [("https://b.example.com",)]


def test_a_write_in_which_all_is_refused(server):
    """85302: nothing is live, nothing is known to be ours, and no second write goes out."""
    server.control.switch(server_partial="listed")
    server.control.unfiled("b.example.com")

    with pytest.raises(UserError) as failed:
        server.use.create(declare(B))

    assert "85302" in str(failed.value)
    assert "The list was read again and still lacks this change." in str(failed.value)
    assert server.calls == [READ, "add", READ, READ]


@pytest.mark.parametrize("errcode", [85017, 85301])
def test_nothing_left_to_change_is_success_if_the_list_says_so(server, errcode):
    """Another client wrote the same between our read and our write."""
    server.control.fault(errcode=errcode, action="add", apply=True)

    created = server.use.create(declare(A))

    assert server.live() == {A}
    assert created.pending_domains == (A,)


@pytest.mark.parametrize("errcode", [86102, 45104, 85016])
def test_limits_are_not_tried_again(server, errcode):
    """The month is used up, or the list is full: one write, one error."""
    server.control.fault(errcode=errcode, action="add")

    with pytest.raises(UserError) as failed:
        server.use.create(declare(A))

    assert server.calls == [READ, "add", READ]
    assert str(errcode) in str(failed.value)
    assert "300" not in str(failed.value)


def test_a_write_without_effect_is_no_success(server):
    """WeChat says ok, and the list lacks what was sent."""
    server.control.fault(errcode=0, action="add")

    with pytest.raises(UserError) as failed:
        server.use.create(declare(A))

    assert "reported success but had no effect" in str(failed.value)


FAULTS: dict[str, dict[str, Any]] = {
    "busy": {"errcode": -1},
    "busy, done": {"errcode": -1, "apply": True},
    "minute quota": {"errcode": 45011},
    "crossed": {"errcode": 9402202},
    "token": {"errcode": 40001},
    "left": {"errcode": 61007},
    "day quota": {"errcode": 45009},
    "month": {"errcode": 86102},
    "full": {"errcode": 85016},
    "nothing left": {"errcode": 85017},
    "nothing left, done": {"errcode": 85301, "apply": True},
    "unfiled": {"errcode": 45082},
    "unknown code": {"errcode": 7654321},
    "HTTP 502": {"http_status": 502},
    "HTTP 504, done": {"http_status": 504, "apply": True},
    "malformed": {"body": '{"errcode":0,"errm'},
    "HTML, done": {"body": "<html></html>", "apply": True},
    "cut": {"cut": "before"},
    "cut, done": {"cut": "after"},
    "no effect": {"body": '{"errcode":0,"errmsg":"ok"}'},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", [READ, "add", "delete", "read after"])
@pytest.mark.parametrize("times", [1, 9])
def test_whatever_fails_nothing_is_lost_and_the_next_run_ends_it(server, fault, place, times):
    """Only what the update drops is removed, never before what it adds is there; `set` is never sent."""
    state = server.use.create(declare(A, B, WSS))
    where: dict[str, Any] = {"action": place} if place in ("add", "delete") else {"path": READ}
    where |= {"skip": 1} if place == "read after" else {}
    server.control.fault(**where, **FAULTS[fault], times=times)
    wanted = declare(A, C, WSS, UDP, allow_mass_removal=True)

    try:
        state = server.use.update(state, wanted)
    except HalfDone as error:
        state = error.recorded
    except UserError:
        pass
    server.control.clear_faults()
    between = server.live()
    after = server.use.update(server.use.read(state), wanted)

    assert between >= {A, WSS}
    assert B in between or between >= {C, UDP}
    assert server.live() == {A, C, WSS, UDP}
    assert after.domains == (A, C, WSS, UDP)
    assert {C, UDP} <= {*after.added_domains} or fault.endswith("done") or place != "add"


def test_an_interrupt_between_the_writes(server):
    """The first one remains and is known, the second one is not sent."""
    created = server.use.create(declare(A))
    write = server.bench.client.write_server_domains

    def write_once(*arguments, **named):
        answer = write(*arguments, **named)
        server.bench.attempts.interruption.interrupt()
        return answer

    server.bench.client.write_server_domains = write_once
    with pytest.raises(HalfDone, match="Part of this change has been written") as stopped:
        server.use.update(created, declare(B))

    assert stopped.value.recorded.domains == (A, B)
    assert server.live() == {A, B}


def test_an_answer_without_lists_is_read_again_before_a_removal(server):
    """WeChat's page names errcode and errmsg only, and then nothing proves that the `add` took effect."""
    created = server.use.create(declare(A))
    server.control.switch(server_answer="codes")
    server.calls  # noqa: B018 - forget them

    server.use.update(created, declare(B))

    assert server.calls == [READ, "add", READ, "delete", READ]


def test_what_is_left_out_without_a_reason_is_named_too(server):
    """Beside what has one: an answer with `invalid_...` need not be complete."""
    body = {"errcode": 0, "errmsg": "ok", "invalid_requestdomain": ["https://a.example.com"]}
    server.control.fault(action="add", body=json.dumps(body))

    with pytest.raises(UserError) as failed:
        server.use.create(declare(A, B))

    assert f"{A}: WeChat rejects it as invalid" in str(failed.value)
    assert f"{B}: WeChat left it out without giving a reason." in str(failed.value)
    assert server.calls == [READ, "add", READ]


def test_a_partial_success_that_cannot_be_read_again(server):
    """What has a reason is named, and nothing is claimed about the rest."""
    body = {"errcode": 0, "errmsg": "ok", "no_icp_domain": ["https://other.example.com"]}
    server.control.fault(action="add", body=json.dumps(body))
    server.control.fault(path=READ, skip=1, errcode=61003, times=9)

    with pytest.raises(UserError) as failed:
        server.use.create(declare(A, B))

    assert "https://other.example.com: it has no ICP filing" in str(failed.value)
    assert "What is live now is not known" in str(failed.value)
    assert "gives no reason" not in str(failed.value)
