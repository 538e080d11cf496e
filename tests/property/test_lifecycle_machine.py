"""Random lives of one Mini Program's list, checked by a small model that shares no code with the provider.

Programs of one to three resources are edited, domains move between them, a policy takes some away, lists are
computed, what computes the appid is replaced, runs leave resources out; other people write, also during a
wait; the app is released, calls fail in every way, gateways answer in WeChat's place, runs are interrupted,
processes are killed, stacks are refreshed, destroyed and brought up again. After each operation the
emulator's log is replayed over the model. A violation is a domain that a program declared before and after
an operation and that is out of force because of it, success without effect, or a foreign domain that is
removed without leave; also a live domain that is sent again, and a call that docs/reference/calls.md does not name.
At the end of each life the faults stop, and the list must converge.
"""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from tests.bench import APPID
from tests.native_face import UNKNOWN
from tests.simulated_engine import Engine, Failed, Killed, Refused
from tests.strategies import share_of_examples

NAMES = "abcdefghijklm"
KEYS = [f"https://{name}.example.com" for name in NAMES]
LONG = 30
"""Seconds of a pause in which others write: the minute after 45011, a wait for confirm files."""
FOREIGN = "https://somebody.example.com"
DEFAULTS = {"mode": "authoritative", "overwrite_existing": False, "allow_mass_removal": False}
WRITES = {"set", "add", "delete"}
GATEWAYS = (
    '{"code":502,"message":"no upstream"}',
    '{"success":false,"data":null}',
    '{"base_resp":{"ret":-1}}',
    '{"error":"unavailable"}',
    "{}",
)
"""A gateway before WeChat answers with HTTP 200."""

declared = st.lists(st.sampled_from(KEYS), unique=True, max_size=12)
few = st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=3)
resources = st.sampled_from(["one", "two", "three"])
dice = st.integers(0, 255)
spelled = st.sampled_from(["{0}", "{0}/", "{0}.", "HTTPS{0}"]).map(
    lambda form: lambda key: form.format(key).replace("HTTPShttps://a", "https://A").removeprefix("HTTPS")
)
effects = st.sampled_from(
    [
        *(
            {"errcode": code}
            for code in (-1, 40001, 45009, 45011, 48001, 61007, 89019, 89022, 89029, 86103, 506015, 7)
        ),
        *({"errcode": code, "apply": True} for code in (-1, 45011, 89019, 7)),
        *({"http_status": status} for status in (429, 500, 502)),
        {"http_status": 504, "apply": True},
        *({"body": body} for body in ("", "{", "<html>", "[]", '{"errcode": "x"}')),
        *({"body": body} for body in GATEWAYS),
        {"body": "<html>", "apply": True},
        {"cut": "before"},
        {"cut": "after"},
    ]
)
calls = st.sampled_from(["get", "set", "add", "delete", "effective"])


def key(value):
    """The domain that a spelling means."""
    return value.lower().rstrip("/").rstrip(".")


@dataclass
class Step:
    """What one resource's step may do, known before it begins."""

    name: str
    operation: str
    mode: str
    removable: set[str]
    claims: set[str]
    writes: int = 0


class Life(RuleBasedStateMachine):
    """One app, at first one resource; several only if they are additive."""

    def __init__(self, control, face):
        """Start with a new emulator."""
        super().__init__()
        self.face = face
        self.control = control
        control.reset()
        control.seed(APPID)
        self.engine = Engine(control, face)
        self.engine.on_sleep = self._while_it_sleeps
        self.program: dict[str, dict[str, Any]] = {}
        self.live: list[str] = []
        self.console: list[str] = []
        self.step: Step | None = None
        self.declares: set[str] = set()
        self.said_before: set[str] = set()
        self.ours: set[str] = set()
        self.trusted = {*KEYS}
        self.denied: set[str] = set()
        self.computed: set[str] = set()
        self.switches: dict[str, str] = {}
        self.in_a_sleep: list[str] = []
        self.unknowable: set[str] = set()
        self.inherited: set[str] = set()

    def teardown(self):
        """End every life with peace, and close the connections."""
        try:
            self._settle()
        finally:
            self.engine.close()

    @initialize(
        positions=st.fixed_dictionaries(
            {
                "get_returns": st.sampled_from(["direct", "all"]),
                "add_existing": st.sampled_from(["reset", "error"]),
                "delete_missing": st.sampled_from(["ok", "error"]),
                "multi_failure": st.sampled_from(["atomic", "non-atomic"]),
                "delete_effect": st.sampled_from(["at-once", "on-release"]),
                "empty_get": st.sampled_from(["list", "omit"]),
                "missing_file": st.sampled_from(["86103", "-1"]),
            }
        ),
        domains=declared,
        mode=st.sampled_from(["authoritative", "additive", "additive"]),
        at_peace=st.booleans(),
    )
    def begin(self, positions, domains, mode, at_peace):
        """Choose what WeChat leaves open, and the first program; half the lives begin with a good `up`."""
        self.switches = positions
        self.control.switch(**positions)
        self.program["one"] = {"appid": APPID, "domains": domains, **DEFAULTS, "mode": mode}
        if at_peace:
            self.up(0)
            self.control.release(APPID)

    @rule(name=resources, domains=declared, dice=dice)
    def edit(self, name, domains, dice):
        """Declare another list for a resource, new or not, and bring it up."""
        if not self._all_additive():  # an authoritative one shares its app with no other one
            name = next(iter({**self.program, **self.engine.state}), name)
        several = {name, *self.program, *self.engine.state} != {name}
        mode = "additive" if several else "authoritative"
        self.program.setdefault(name, {"appid": APPID, **DEFAULTS, "mode": mode})["domains"] = domains
        self.up(dice)

    @rule(name=resources, key=st.sampled_from(KEYS), dice=dice, keeps=st.booleans())
    def move(self, name, key, dice, keeps):
        """Let one resource declare a domain, alone or beside the others."""
        if not self._all_additive():
            return
        for inputs in () if keeps else self.program.values():
            inputs["domains"] = [domain for domain in inputs["domains"] if domain != key]
        self.program.setdefault(name, {"appid": APPID, "domains": [], **DEFAULTS, "mode": "additive"})
        if key not in self.program[name]["domains"]:
            self.program[name]["domains"] = [*self.program[name]["domains"], key]
        self.up(dice)

    @rule(flag=st.sampled_from(["overwrite_existing", "allow_mass_removal"]), value=st.booleans())
    def permit(self, flag, value):
        """Set or take back a permission."""
        for inputs in self.program.values():
            inputs[flag] = value

    @rule(names=st.sets(resources))
    def compute(self, names):
        """Let lists depend on the resources before them."""
        self.computed = names

    @rule(keys=st.sets(st.sampled_from(KEYS), max_size=2))
    def deny(self, keys):
        """Let a policy take domains away from every list."""
        self.denied = keys

    @precondition(lambda self: len({*self.program, *self.engine.state}) == 1)
    @rule(dice=dice)
    def change_mode(self, dice):
        """Turn one mode into the other, and bring it up."""
        for inputs in self.program.values():
            inputs["mode"] = "additive" if inputs["mode"] == "authoritative" else "authoritative"
        self.up(dice)

    @rule(name=resources, dice=dice)
    def drop(self, name, dice):
        """Take a resource out of the program, and bring it up."""
        self.program.pop(name, None)
        self.up(dice)

    @rule(value=st.sampled_from([*KEYS, FOREIGN]), spelling=spelled, gone=few, adds=st.booleans())
    def somebody_writes(self, value, spelling, gone, adds):
        """Another client adds a domain, spelled in its way, or removes some."""
        if not adds:
            self._overwrite([value for value in self.live if key(value) not in gone])
        elif value not in map(key, self.live):
            self._overwrite([*self.live, spelling(value)])

    @rule(what=st.sampled_from(["add", "interrupt"]), value=st.sampled_from([*KEYS, FOREIGN]))
    def during_the_next_pause(self, what, value):
        """Another client adds a domain while the provider waits, or the run is interrupted then."""
        self.in_a_sleep = [what, value]

    @rule(values=st.lists(st.sampled_from(KEYS), unique=True, max_size=3))
    def the_console_lists(self, values):
        """The authorizer sets the console's list."""
        self.console = values
        self._overwrite(self.live)

    @rule()
    def release(self):
        """Release the app."""
        self.control.release(APPID)

    @rule(missing=few, wait=st.sampled_from([0, 60]))
    def some_hosts_lack_the_confirm_file(self, missing, wait):
        """WeChat refuses what is new on these hosts; the program may wait for them."""
        self.trusted = {*KEYS} - {*missing}
        self.control.trust(*(value.removeprefix("https://") for value in self.trusted))
        for inputs in self.program.values():
            inputs["confirm_file_timeout"] = wait

    @rule(effect=effects, call=calls, times=st.integers(1, 5), skip=st.integers(0, 2))
    def arm(self, effect, call, times, skip):
        """Let some next calls fail."""
        self.control.fault(action=call, times=times, skip=skip, **effect)

    @rule(domains=declared, after=st.integers(0, 5), when=st.sampled_from(["before", "after"]), dice=dice)
    def kill(self, domains, after, when, dice):
        """Let an `up` die at one of its calls, before or after that gets through."""
        self.engine.line.fail(after, when, Killed())
        self.edit("one", domains, dice)

    @rule(dice=dice)
    def up(self, dice):
        """Run `pulumi up`."""
        self._run(lambda: self._bring_up(dice=dice), self._texts())

    @rule(dice=dice)
    def up_after_the_account_is_replaced(self, dice):
        """What computes the appid is deleted and created again, and gives the same appid."""
        self._run(lambda: self._bring_up(dice=dice, upstream_replaced=True), self._texts())

    @rule(dice=dice, chosen=st.sets(resources, min_size=1))
    def up_with_targets(self, dice, chosen):
        """Run `pulumi up --target`, or `--exclude`: the program names those left out, if it is asked at all."""
        gone = chosen - {*self.program}
        self.unknowable = set() if chosen & {*self.program} else {*KEYS} - self._shared(gone)
        self._run(lambda: self._bring_up(dice=dice, targets=chosen), self._texts())

    def _bring_up(self, **options):
        self.engine.up(self.program, self._watch, computed=self.computed, denied=self.denied, **options)

    @precondition(lambda self: self.face == "native")
    @rule()
    def preview(self):
        """Run `pulumi preview`, which looks at the live list and writes nothing."""
        before = copy.deepcopy(self.engine.state)
        with contextlib.suppress(Failed, Refused):
            self._preview()
        assert self.engine.state == before

    def _preview(self):
        try:
            return self.engine.preview(self.program, computed=self.computed, denied=self.denied)
        finally:
            assert not WRITES & {call.action for call in self.control.calls()}, "a preview wrote"
            self.control.clear_calls()

    @rule()
    def refresh(self):
        """Run `pulumi refresh`."""
        self._run(lambda: self.engine.refresh(self._watch), self._texts())

    @rule()
    def destroy(self):
        """Run `pulumi destroy`, where no program tells what is declared."""
        self._run(lambda: self.engine.destroy(self._watch), {})

    @rule(names=st.sets(resources, min_size=1))
    def destroy_some(self, names):
        """Run `pulumi destroy --target`, or `--exclude-protected`: the others stay and go on declaring."""
        stay = {
            name: {*state["outputs"]["domains"]}
            for name, state in self.engine.state.items()
            if name not in names
        }
        self.unknowable = {*KEYS} - self._shared(names)
        self._run(lambda: self.engine.destroy(self._watch, names=names), stay)

    def _shared(self, names):
        """What the states of these resources say that others declare."""
        states = (self.engine.state[name]["outputs"] for name in names if name in self.engine.state)
        return {domain for outputs in states for domain in outputs["shared_domains"]}

    @invariant()
    def the_model_knows_what_is_live(self):
        """The replayed log and the emulator agree."""
        assert self.live == self.control.live(APPID)

    def _texts(self):
        """What each resource of the program declares, after the policy."""
        return {name: {*inputs["domains"]} - self.denied for name, inputs in self.program.items()}

    def _all_additive(self):
        states = (self.engine.state[name]["outputs"] for name in self.engine.state)
        return all(one["mode"] == "additive" for one in (*self.program.values(), *states))

    def _while_it_sleeps(self, seconds):
        if (
            seconds < LONG
        ):  # who writes between a doubtful write and the look that follows cannot be distinguished from us
            return
        what, value, self.in_a_sleep = *(self.in_a_sleep or ["", ""]), []
        if what == "interrupt":
            raise Interrupted
        if what == "add":
            self._replay()
            if value not in map(key, self.live):
                self._overwrite([*self.live, value])

    def _effective(self):
        return {*map(key, self.control.effective(APPID))}

    def _overwrite(self, live):
        before = self.control.state(APPID)
        in_force = [value for value in before.effective if value in {*live, *self.console}]
        self.control.seed(APPID, live=live, effective=in_force, mp=self.console)
        assert self.control.state(APPID).file_name == before.file_name
        self.live = live
        self.ours &= {*map(key, live)}

    def _run(self, operation, after):
        """Run one operation; True if it succeeded. Whatever stops it has a text for the user.

        `after` is what each resource declares from then on.
        """
        self.declares = {value for inputs in self.program.values() for value in inputs["domains"]}
        known = {value for state in self.engine.state.values() for value in state["outputs"]["domains"]}
        stay = self.said_before & known & {value for domains in after.values() for value in domains}
        listed = {*map(key, self.live)} & stay
        in_force = listed and self._effective() & listed  # what was removed before waits to go
        self.engine.warnings.clear()
        self.inherited = set()
        stopped: BaseException | None = None
        try:
            operation()
        except (Failed, Killed, Refused) as error:
            stopped = error
        self.engine.line.heal()
        assert "emulator-wx" not in str(stopped), "no token in a text for the user"
        self._judge_step(succeeded=stopped is None)
        lost = (in_force and in_force - self._effective()) | (listed - {*map(key, self.live)})
        self._judge_losses(lost, after)
        self.unknowable = set()
        self.said_before = {value for domains in after.values() for value in domains}
        return stopped is None

    def _judge_losses(self, lost, after):
        """Nothing that was and is declared is lost, unless nobody can know; then it is said."""
        for domain in lost:
            declarers = {name for name, domains in after.items() if domain in domains}
            assert declarers <= self.computed or domain in self.unknowable, f"{domain} is out of force"
            assert any(domain in line for line in self.engine.warnings), f"{domain} is lost in silence"

    def _judge_effect(self, step, outputs):
        shown = {*map(key, self.live)}
        if self.switches["get_returns"] == "all":
            shown |= {*self.console}
        assert {*outputs["domains"]} <= shown, "success without effect"
        if step.operation == "read" and step.mode == "authoritative":
            assert {*outputs["domains"]} >= {*map(key, self.live)}, "success without effect"
        if step.operation in {"create", "update"}:
            wanted = {*self.program[step.name]["domains"]} - self.denied
            assert {*outputs["domains"]} == wanted, "success without effect"

    def _watch(self, name, operation):
        self._judge_step(succeeded=True)
        state = self.engine.state.get(name, {"inputs": {}, "outputs": {"domains": [], "added_domains": []}})
        inputs = self.program[name] if operation in {"create", "update"} else state["inputs"]
        claims = (
            {value for one in self.engine.state.values() for value in one["outputs"]["added_domains"]}
            | self.ours
            | self.inherited
        )
        self.inherited |= {*state["outputs"]["added_domains"]} if operation == "delete" else set()
        removable = {*claims}
        if inputs["mode"] == "authoritative":
            removable |= {key(value) for value in state["outputs"]["domains"]}
            if inputs["overwrite_existing"] and operation != "delete":
                removable |= {*map(key, self.live)}
        self.step = Step(name, operation, inputs["mode"], removable, claims)

    def _replay(self):
        """Replay what the running step has written so far."""
        made = self.control.calls(APPID)
        if made:  # most looks find none, and each request takes its time
            self.control.clear_calls()
        for call in made:
            if call.action in WRITES:
                self._judge_write(self.step, call)
        return made

    def _judge_step(self, *, succeeded):
        """Replay the log of the step that ended, and hold it against the rules."""
        step = self.step
        if step is None:
            assert self._replay() == []
            return
        made = self._replay()
        self.step = None
        if succeeded and step.name in self.engine.state and step.operation != "delete":
            outputs = self.engine.state[step.name]["outputs"]
            assert {*outputs["added_domains"]} <= step.claims | self.ours, "owns what is foreign"
            self._judge_effect(step, outputs)
        if succeeded and not any(call.fault or call.errcode for call in made):
            self._judge_count(step, [call.name for call in made])
            if step.operation != "delete":
                self._judge_outputs(step, self.engine.state[step.name]["outputs"])

    def _judge_write(self, step, call):
        named = [key(value) for value in call.domains]
        assert named, "a write names domains"
        if call.action == "delete":
            assert {*call.domains} <= {*self.live, *self.console}, "deleted in WeChat's own spelling"
            assert {*named} <= step.removable, "removed without permission"
        else:
            assert not {*map(key, self.live)} & {*named}, "a live domain was sent again"
            assert {*named} <= self.declares, "only what is declared is sent"
            assert not {*named} & self.denied, "what a policy took away is sent"
        if call.action == "set":
            assert (step.operation, step.mode) == ("create", "authoritative")
            assert self.live == []
            assert step.writes == 0, "set is never repeated"
        step.writes += 1
        if call.applied:
            self._apply(call, self._taken(call))

    def _taken(self, call):
        """What WeChat took of a write; where it is not atomic, what comes before the first refused."""
        if call.action == "delete":
            strict = self.switches["delete_missing"] == "error"
            refused = [strict and value not in self.live for value in call.domains]
        else:
            refused = [value not in self.trusted for value in call.domains]
        return call.domains[: refused.index(True)] if any(refused) else call.domains

    def _apply(self, call, values):
        if call.action == "delete":
            self.live = [value for value in self.live if value not in values]
            self.ours -= {*map(key, values)}
            return
        self.live = [*(self.live if call.action == "add" else []), *values]
        self.ours |= {*values}

    def _judge_count(self, step, made):
        rest = made[1:]
        assert made[0] == "get"
        if step.operation != "delete" or rest[-2:] == ["delete", "effective"]:
            assert rest.pop() == "effective"
        if step.operation != "read" and rest[:1] == ["effective"]:
            rest.pop(0)
        allowed: dict[str, list[list[str]]] = {
            "create": [[], ["set"], ["add"], ["delete"], ["add", "delete"]],
            "update": [[], ["add"], ["delete"], ["add", "delete"]],
            "read": [[]],
            "delete": [[], ["delete"]],
        }
        assert rest in allowed[step.operation]

    def _judge_outputs(self, step, outputs):
        """Outputs tell what is in force, what waits, and whether a release would change anything."""
        effective = self._effective()
        after_release = {*map(key, self.live), *self.console}
        domains = outputs["domains"]
        if step.mode == "additive":
            effective &= {*domains}
            after_release &= {*domains}
        assert {*outputs["effective_domains"]} == effective
        assert outputs["pending_domains"] == [value for value in domains if value not in effective]
        assert outputs["release_required"] == (after_release != effective)

    def _judge_preview(self, foreseen):
        """What a preview shows of an output is what the update that follows makes of it.

        Where it does not know the domains, there may be no update at all.
        """
        for name, outputs in foreseen.items():
            if outputs["domains"] == UNKNOWN:
                continue
            made = self.engine.state[name]["outputs"]
            known = {key: value for key, value in outputs.items() if value != UNKNOWN}
            assert known == {key: made[key] for key in known}, name

    def _settle(self):
        """Without faults, and with every permission, the list becomes what is declared and stays so."""
        if not self.program and not self.engine.state:
            return
        self.engine.line.heal()
        self.control.clear_faults()
        self.control.trust("*")
        self.trusted = {*KEYS}
        self.in_a_sleep = []
        self.permit("overwrite_existing", True)
        self.permit("allow_mass_removal", True)
        assert self._run(lambda: self.engine.refresh(self._watch), self._texts())
        foreseen = self._preview() if self.face == "native" else {}
        assert self._run(lambda: self._bring_up(dice=0), self._texts())
        self._judge_preview(foreseen)
        assert self._run(lambda: self._bring_up(dice=0), self._texts())
        self.the_model_knows_what_is_live()
        wanted = {value for domains in self._texts().values() for value in domains}
        if any(one["mode"] == "authoritative" for one in self.program.values()):
            assert {*map(key, self.live)} <= wanted | {*self.console}
        changed: list[str] = []
        refresh = lambda: changed.extend(self.engine.refresh(self._watch))  # noqa: E731 - known by what it keeps
        assert self._run(refresh, self._texts())
        assert changed == []
        assert self._run(lambda: self._bring_up(dice=0), self._texts())
        assert self.control.calls() == []
        owned = {value for one in self.engine.state.values() for value in one["outputs"]["added_domains"]}
        self.program = {}
        assert self._run(lambda: self._bring_up(dice=0), {})
        assert self.engine.state == {}
        assert not owned & {*map(key, self.live)}, "the last resource leaves what they put there"


@pytest.mark.parametrize(("number", "face"), [*enumerate(["dynamic", "native"] * 3)])
def test_whatever_happens_no_live_domain_is_harmed_and_the_list_converges(wechat_emulator, number, face):
    """Some hundred lives, a dozen of them in the fast profile.

    Hypothesis varies one start, so that several starts see more.
    """

    @seed(number)
    def life():
        return Life(wechat_emulator, face)

    chosen = settings(share_of_examples(0.25), stateful_step_count=30)
    run_state_machine_as_test(life, settings=chosen)  # type: ignore[arg-type] # any factory will do
