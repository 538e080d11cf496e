"""The lists of the rest of the family, through states as the engine keeps them: faults, unknowns, secrets.

After whatever fails nothing but what the program drops is gone, and not before what it adds is there; a run
that ends well has done its work, and the next one ends what this one left.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pulumi.runtime import rpc

from tests.bench import APPID
from tests.family import FAMILY, A, B, C, D, everything, hosts_of
from tests.native_face import UNKNOWN
from tests.simulated_engine import FACES, Engine, Failed, Killed

KEPT = ("domains", "request", "hosts", "added_domains", "added", "testing_domains", "published_domains")


class Stack:
    """One resource on one of the lists."""

    def __init__(self, control, face, family):
        """Put the app in place; the stack is empty."""
        self.control = control
        self.family = family
        self.said: list[str] = []
        self.engine = Engine(control, face, family.kind, family.id)
        family.seed(control)
        self.before = everything(control)

    def begin(self):
        """Bring it up with A and B, in force."""
        self.up(A, B)
        self.control.release(APPID)
        self.engine.refresh(_ignore)
        self.before = everything(self.control)

    def up(self, *hosts, **more):
        """Run `pulumi up`."""
        self.engine.up({"one": self.family.declare(*hosts, **more)}, _ignore)

    def tried(self, operation, *hosts):
        """Tell whether an operation ended well."""
        try:
            operation(*hosts)
        except (Failed, Killed) as error:
            self.said.append(str(error))
            return False
        finally:
            self.engine.line.heal()
            self.control.clear_faults()
        return True

    def destroy(self):
        """Run `pulumi destroy`."""
        self.engine.destroy(_ignore)

    def late(self, what, unknown):
        """Inputs of which something will be known only during the update."""
        known = self.family.declare(A)
        account = next(key for key in known if key.endswith("appid"))
        values = known[self.family.name]
        late = {
            "account": {account: unknown},
            "list": {self.family.name: unknown},
            "host": {self.family.name: [*values, unknown]},
        }
        return {**known, **late[what]}

    @property
    def outputs(self):
        """What the state has."""
        return self.engine.state["one"]["outputs"]

    def settled(self):
        """Tell that neither a refresh nor an `up` has anything to do."""
        listed = self.outputs[self.family.name]
        changed = self.engine.refresh(_ignore)
        self.control.clear_calls()
        self.up(*hosts_of(listed))
        return changed == [] and self.control.calls() == [] and self.outputs[self.family.name] == listed


def _ignore(_name, _operation):
    """Look at no step."""


@pytest.fixture
def start(wechat_emulator):
    """Starts a stack on a list."""
    stacks = []

    def start(face, name):
        stacks.append(Stack(wechat_emulator, face, FAMILY[name]))
        return stacks[-1]

    yield start
    for stack in stacks:
        stack.engine.close()
        assert "emulator-" not in f"{stack.said} {stack.engine.warnings}", "no token in a text for the user"


LOST = {
    "once": ("dynamic", httpx.ReadTimeout("at its limit"), 1),
    "for ever": ("dynamic", httpx.ReadTimeout("at its limit"), 99),
    "for ever, with a state": ("native", httpx.ReadTimeout("at its limit"), 99),
    "with the process": ("native", Killed(), 1),
}
PLACES = [(name, at) for name, family in FAMILY.items() for at in range(len(family.calls))]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize(("name", "at"), PLACES)
def test_a_call_of_an_update_is_lost(start, name, at, lost, when):
    """Before it arrives, or with its answer."""
    face, error, times = LOST[lost]
    stack = start(face, name)
    stack.begin()
    family = stack.family
    stack.engine.line.fail(at, when, error, times=times)

    ended_well = stack.tried(stack.up, A, C)
    between = everything(stack.control)
    stack.up(A, C)
    after = everything(stack.control)

    assert hosts_of(stack.before - between) <= {B}
    assert hosts_of(between - stack.before) <= {C}
    assert family.entries(B) <= between or family.entries(C) <= between
    assert not ended_well or (family.entries(C) <= between and not family.entries(B) & between)
    assert hosts_of(stack.before - after) <= {B}
    assert family.entries(A, C) <= after
    assert not family.entries(B) & after
    assert stack.outputs[family.name] == family.hosts(A, C)
    assert stack.settled()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("lost", ["for ever, with a state", "with the process"])
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("name", FAMILY)
def test_a_call_of_a_create_is_lost(start, name, at, lost, when):
    """The next run adopts what is there. Only prefetch domains are replaced, and there were none."""
    face, error, times = LOST[lost]
    stack = start(face, name)
    family = stack.family
    stack.engine.line.fail(at, when, error, times=times)

    ended_well = stack.tried(stack.up, A, B)
    sent = {call.action for call in stack.control.writes()}
    between = everything(stack.control)
    stack.up(A, B)
    after = everything(stack.control)

    assert sent <= {"set" if name == "prefetch" else "add"}
    assert between >= stack.before
    assert not ended_well or family.entries(A, B) <= between
    assert after == stack.before | family.entries(A, B)
    assert stack.outputs[family.name] == family.hosts(A, B)
    assert stack.settled()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("lost", ["once", "for ever", "with the process"])
@pytest.mark.parametrize("at", range(2))
@pytest.mark.parametrize("name", FAMILY)
def test_a_call_of_a_destroy_is_lost(start, name, at, lost, when):
    """What belongs to nobody else is gone in the end, and so is the state."""
    face, error, times = LOST[lost]
    stack = start(face, name)
    stack.begin()
    stack.engine.line.fail(at, when, error, times=times)

    ended_well = stack.tried(stack.destroy)
    between = everything(stack.control)
    stack.destroy()
    after = everything(stack.control)

    assert hosts_of(stack.before ^ between) <= {A, B}
    assert not ended_well or not stack.family.entries(A, B) & between
    assert hosts_of(stack.before ^ after) == {A, B}
    assert not stack.family.entries(A, B) & after
    assert stack.engine.state == {}


ANSWERS: list[dict[str, Any]] = [
    {"errcode": -1},
    {"errcode": -1, "apply": True},
    {"errcode": 45011},
    {"errcode": 45104},
    {"errcode": 40001},
    {"errcode": 61007},
    {"errcode": 89019},
    {"errcode": 85017},
    {"errcode": 7654321},
    {"http_status": 502},
    {"body": "<html></html>", "apply": True},
]
DONE: dict[str, Any] = {"errcode": 85301, "apply": True}
IDLE: dict[str, Any] = {"body": '{"errcode":0,"errmsg":"ok"}'}
"""Success without effect. No answer about webview domains shows a list, so what follows an `add` trusts it."""
OWN_ANSWERS = {
    "registered webview": [{"errcode": code} for code in (89020, 89021, 89022, 89029)],
    "registered server": [DONE, IDLE, *({"errcode": code} for code in (85303, 86102, 85016))],
    "platform webview": [IDLE, {"errcode": 9410016}, {"errcode": 65316}],
    "platform server": [IDLE, {"errcode": 9410016}, {"errcode": 65316}],
    "prefetch": [IDLE, *({"errcode": code} for code in (47001, 9420000, 9420001, 9420002))],
}
FAULTS = [
    pytest.param(name, call, effect, id=f"{name}, {call}: {effect}")
    for name, own in OWN_ANSWERS.items()
    for call in FAMILY[name].calls[1:-1]
    for effect in (*ANSWERS, *own)
]


@pytest.mark.parametrize(("name", "call", "effect"), FAULTS)
def test_a_write_of_an_update_fails(start, name, call, effect):
    """Whatever WeChat answers and goes on to answer; what the state has by then is what is live."""
    stack = start("native", name)
    stack.begin()
    family = stack.family
    where = {"path": family.path} if call == "set" else {"action": call}
    stack.control.fault(**where, **effect, times=None)

    ended_well = stack.tried(stack.up, A, C)
    between = everything(stack.control)
    held = {key: stack.outputs[key] for key in KEPT if key in stack.outputs}
    read, _ = stack.engine.process().read(stack.outputs)
    stack.up(A, C)
    after = everything(stack.control)

    assert hosts_of(stack.before - between) <= {B}
    assert hosts_of(between - stack.before) <= {C}
    assert family.entries(B) <= between or family.entries(C) <= between
    assert not ended_well or (family.entries(C) <= between and not family.entries(B) & between)
    assert held == {key: read[key] for key in held}
    assert family.entries(A, C) <= after
    assert hosts_of(stack.before - after) <= {B}
    assert not family.entries(B) & after
    assert stack.settled()


@pytest.mark.parametrize("missing", ["-1", "invalid"])
@pytest.mark.parametrize("invalid", ["listed", "error"])
@pytest.mark.parametrize("face", FACES)
def test_a_host_of_a_platform_without_its_file(start, face, invalid, missing):
    """Whether WeChat takes the others or none, nothing goes, and the text names it once."""
    stack = start(face, "platform webview")
    stack.begin()
    stack.control.switch(platform_missing_file=missing, platform_invalid=invalid)
    stack.control.trust(A, B, C)

    ended_well = stack.tried(stack.up, A, C, D)
    between = everything(stack.control)
    stack.control.trust("*")
    stack.up(A, C, D)

    assert not ended_well
    assert hosts_of(stack.before ^ between) <= {C}
    assert D in stack.said[0] or "Serve the file of ThirdPartyPlatformConfirmFile" in stack.said[0]
    assert "gives no reason" not in stack.said[0]
    family = stack.family
    expected = stack.before - family.entries(B) | family.entries(C, D)
    assert everything(stack.control) == expected - {each for each in expected if B in each}
    assert stack.settled()


@pytest.mark.parametrize("profile", ["strict", "lenient"])
@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("face", FACES)
def test_what_wechat_leaves_open_changes_nothing(start, face, name, profile):
    """One life in each position of the emulator's switches."""
    stack = start(face, name)
    stack.control.profile(profile)
    stack.begin()
    stack.up(A, C)
    after = everything(stack.control)
    settled = stack.settled()
    stack.up(A)
    gone = stack.tried(stack.destroy)
    left = stack.family.entries(A, B, C) & everything(stack.control)

    assert stack.family.entries(A, C) <= after
    assert not stack.family.entries(B) & after
    assert settled
    assert left == (set() if gone else stack.family.entries(A))
    assert (
        gone
        or ("WeChat does not accept an empty list of prefetch hosts here. Keep at least one") in stack.said[0]
    )


@pytest.mark.parametrize("face", FACES)
def test_a_host_that_another_resource_has_for_testing_stays_on_both_lists(start, face):
    """WeChat takes a host off the published list by taking it off both."""
    stack = start(face, "platform webview")
    tested = stack.family.declare(A, publish=False)
    stack.engine.up({"one": stack.family.declare(A, B), "two": tested}, _ignore)

    stack.engine.up({"two": tested}, _ignore)
    after = everything(stack.control)

    assert after == stack.before | stack.family.entries(A)


def test_what_nobody_declared_does_not_hide_how_many_hosts_fit(start):
    """WeChat's answer tells, and it counts before the write."""
    stack = start("native", "prefetch")
    held = {"errcode": 0, "prefetch_dns_domain": [{"url": "old.example.com"}], "size_limit": 2}
    stack.control.fault(path="/wxa/get_prefetchdnsdomain", body=json.dumps(held), times=None)

    with pytest.raises(Failed, match="WeChat accepts at most 2"):
        stack.up(A, B, C, overwrite_existing=True)

    assert stack.control.writes() == []


@pytest.mark.parametrize("late", ["account", "list", "host"])
@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("face", FACES)
def test_what_only_the_update_will_know_is_neither_asked_about_nor_replaced(start, face, name, late):
    """Be it whose list it is, all that it has, or one host of it."""
    stack = start(face, name)
    stack.begin()
    provider = stack.engine.process()
    given = stack.late(late, provider.unknown)

    inputs, reasons = provider.check("one", given, stack.engine.state["one"]["inputs"])
    difference, replaces = provider.diff(stack.outputs, inputs)

    assert reasons == []
    assert (difference, replaces or []) == ("inputs", [])
    assert stack.control.calls() == []


@pytest.mark.parametrize("late", ["account", "list", "host"])
@pytest.mark.parametrize("name", FAMILY)
def test_a_preview_leaves_open_what_follows_from_it(start, name, late):
    """Of a create, and of an update; no call goes out."""
    stack = start("native", name)
    stack.begin()
    provider = stack.engine.process()
    inputs, _ = provider.check("one", stack.late(late, provider.unknown), {})

    created = provider.create(inputs, preview=True)
    updated = provider.update(stack.outputs, inputs, preview=True)

    assert created == updated
    assert created.keys() == stack.outputs.keys()
    assert {key for key in created if created[key] == provider.unknown} >= created.keys() - inputs.keys()
    assert stack.control.calls() == []


@pytest.mark.parametrize("hosts", [(A, C), (A, B, C), (A,)])
@pytest.mark.parametrize("name", FAMILY)
def test_a_preview_shows_what_the_update_makes(start, name, hosts):
    """Except for what it leaves open, and with the same outputs."""
    stack = start("native", name)
    stack.begin()
    program = {"one": stack.family.declare(*hosts)}

    shown = stack.engine.preview(program)["one"]
    stack.engine.up(program, _ignore)

    assert shown.keys() == stack.outputs.keys()
    known = {key: value for key, value in shown.items() if value != UNKNOWN}
    assert known == {key: stack.outputs[key] for key in known}


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("face", FACES)
def test_what_computes_the_account_may_be_replaced(start, face, name):
    """The engine then asks whether each dependent goes too, before it knows that the account stays."""
    stack = start(face, name)
    stack.begin()

    stack.engine.up({"one": stack.family.declare(A, B)}, _ignore, upstream_replaced=True)

    assert everything(stack.control) == stack.before


HUSH = "hush-of-a-list.example.com"
"""Nobody else's: what was secret once is masked for as long as the process lives."""


@pytest.mark.parametrize("name", FAMILY)
def test_a_secret_list_is_secret_wherever_it_shows(start, name):
    """In what is asked of the native face: it marks each output that names a host."""
    stack = start("native", name)
    family = stack.family
    provider = stack.engine.process()
    hidden = {family.name: rpc.wrap_rpc_secret(family.hosts(HUSH))}

    inputs, _ = provider.check("one", {**family.declare(), **hidden}, {})
    outputs = provider.create(inputs)
    read, _ = provider.read(outputs)
    more, _ = provider.check("one", {**family.declare(), **hidden}, inputs)
    updated = provider.update(outputs, more)

    marks = [value for held in (outputs, read, updated) for value in held.values()]
    assert not [value for value in marks if HUSH in str(value) and not isinstance(value, dict)]
    assert not [value for value in marks if HUSH in str(value) and rpc._special_sig_key not in value]
    assert family.entries(HUSH) <= everything(stack.control)
