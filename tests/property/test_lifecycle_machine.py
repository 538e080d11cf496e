"""Random lives of one Mini Program's list, checked by a small model that shares no code with the provider.

The program is edited, other people write, the app is released, calls fail in every way, processes are killed,
stacks are refreshed, destroyed and brought up again. After each operation the emulator's log is replayed over
the model: no live domain may be sent again, nothing may be removed without permission, no call may be made
that design section 5 does not name. At the end of each life the faults stop, and the list must converge.
"""

from __future__ import annotations

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

from tests.bench import APPID
from tests.simulated_engine import Engine, Killed, Refused

NAMES = "abcdefghijklm"
KEYS = [f"https://{name}.example.com" for name in NAMES]
DEFAULTS = {"mode": "authoritative", "overwrite_existing": False, "allow_mass_removal": False}

declared = st.lists(st.sampled_from(KEYS), unique=True, max_size=12)
few = st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=3)
spelled = st.sampled_from(["{0}", "{0}/", "{0}.", "HTTPS{0}"]).map(
    lambda form: lambda key: form.format(key).replace("HTTPShttps://a", "https://A").removeprefix("HTTPS")
)
effects = st.sampled_from(
    [
        *(
            {"errcode": code}
            for code in (-1, 40001, 45009, 45011, 61007, 89019, 89022, 89029, 86103, 506015, 7)
        ),
        *({"errcode": code, "apply": True} for code in (-1, 45011, 89019, 7)),
        *({"http_status": status} for status in (429, 500, 502)),
        {"http_status": 504, "apply": True},
        *({"body": body} for body in ("", "{", "<html>", "[]", '{"errcode": "x"}')),
        {"body": "<html>", "apply": True},
        {"cut": "before"},
        {"cut": "after"},
    ]
)
calls = st.sampled_from(["get", "set", "add", "delete", "effective"])


def key(value):
    """The domain that a spelling stands for."""
    return value.lower().rstrip("/").rstrip(".")


@dataclass
class Step:
    """What one resource's step may do, known before it begins."""

    name: str
    operation: str
    mode: str
    removable: set[str]
    writes: int = 0


class Life(RuleBasedStateMachine):
    """One app, at first one resource; a second one only beside an additive one."""

    def __init__(self, control):
        """Start with a new emulator."""
        super().__init__()
        self.control = control
        control.reset()
        control.seed(APPID)
        self.engine = Engine(control)
        self.program: dict[str, dict[str, Any]] = {}
        self.live: list[str] = []
        self.console: list[str] = []
        self.step: Step | None = None
        self.declares: set[str] = set()
        self.put: dict[str, set[str]] = {}
        self.trusted = {*KEYS}
        self.switches: dict[str, str] = {}

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
        mode=st.sampled_from(["authoritative", "authoritative", "additive"]),
        at_peace=st.booleans(),
        chained=st.booleans(),
    )
    def begin(self, positions, domains, mode, at_peace, chained):
        """Choose what WeChat leaves open, and the first program; half the lives begin with a good `up`."""
        self.chained = chained
        self.switches = positions
        self.control.switch(**positions)
        self.program["one"] = {"appid": APPID, "domains": domains, **DEFAULTS, "mode": mode}
        if at_peace:
            self.up()
            self.control.release(APPID)

    @rule(domains=declared)
    def edit(self, domains):
        """Declare another list, for a resource that may have been dropped, and bring it up."""
        mode = "additive" if "two" in {*self.program, *self.engine.state} else "authoritative"
        self.program.setdefault("one", {"appid": APPID, **DEFAULTS, "mode": mode})["domains"] = domains
        self.up()

    @rule(flag=st.sampled_from(["overwrite_existing", "allow_mass_removal"]), value=st.booleans())
    def permit(self, flag, value):
        """Set or take back a permission."""
        for inputs in self.program.values():
            inputs[flag] = value

    @precondition(lambda self: "one" in self.program and "two" not in {*self.program, *self.engine.state})
    @rule()
    def change_mode(self):
        """Turn one mode into the other, and bring it up."""
        inputs = self.program["one"]
        inputs["mode"] = "additive" if inputs["mode"] == "authoritative" else "authoritative"
        self.up()

    @precondition(lambda self: self._all_additive())
    @rule(domains=declared)
    def declare_a_second_resource(self, domains):
        """Share the app between two additive resources, whose lists may overlap."""
        self.program["two"] = {"appid": APPID, "domains": domains, **DEFAULTS, "mode": "additive"}
        self.up()

    @rule(name=st.sampled_from(["one", "two"]))
    def drop(self, name):
        """Take a resource out of the program, and bring it up."""
        self.program.pop(name, None)
        self.up()

    @rule(value=st.sampled_from(KEYS), spelling=spelled, gone=few, adds=st.booleans())
    def somebody_writes(self, value, spelling, gone, adds):
        """Another client adds a domain, spelled in its way, or removes some."""
        if not adds:
            self._overwrite([value for value in self.live if key(value) not in gone])
        elif value not in map(key, self.live):
            self._overwrite([*self.live, spelling(value)])

    @rule(values=st.lists(st.sampled_from(KEYS), unique=True, max_size=3))
    def the_console_lists(self, values):
        """The authorizer sets the console's list."""
        self.console = values
        self._overwrite(self.live)

    @rule()
    def release(self):
        """Release the app."""
        self.control.release(APPID)

    @rule(missing=few)
    def some_hosts_lack_the_confirm_file(self, missing):
        """WeChat refuses what is new on these hosts."""
        self.trusted = {*KEYS} - {*missing}
        self.control.trust(*(value.removeprefix("https://") for value in self.trusted))

    @rule(effect=effects, call=calls, times=st.integers(1, 5), skip=st.integers(0, 2))
    def arm(self, effect, call, times, skip):
        """Let some next calls fail."""
        self.control.fault(action=call, times=times, skip=skip, **effect)

    @rule(domains=declared, after=st.integers(0, 5), when=st.sampled_from(["before", "after"]))
    def kill(self, domains, after, when):
        """Let an `up` die at one of its calls, before or after that gets through."""
        self.engine.line.fail(after, when, Killed())
        self.edit(domains)

    @rule()
    def up(self):
        """Run `pulumi up`."""
        self._run(self._bring_up)

    def _bring_up(self):
        self.engine.up(self.program, self._watch, chained=self.chained)

    @rule()
    def refresh(self):
        """Run `pulumi refresh`."""
        self._run(lambda: self.engine.refresh(self._watch))

    @rule()
    def destroy(self):
        """Run `pulumi destroy`, where no program tells what is declared."""
        self._run(lambda: self.engine.destroy(self._watch), program={})

    @invariant()
    def the_model_knows_what_is_live(self):
        """The replayed log and the emulator agree."""
        assert self.live == self.control.live(APPID)

    def _all_additive(self):
        states = (self.engine.state[name]["outputs"] for name in self.engine.state)
        return all(one["mode"] == "additive" for one in (*self.program.values(), *states))

    def _overwrite(self, live):
        in_force = [value for value in self.control.effective(APPID) if value in {*live, *self.console}]
        file = self.control.state(APPID)
        self.control.seed(APPID, live=live, effective=in_force, mp=self.console)
        assert self.control.state(APPID).file_name == file.file_name
        self.live = live

    def _run(self, operation, program=None):
        """Run one operation; True if it succeeded. Whatever stops it has a text for the user."""
        program = self.program if program is None else program
        self.declares = {value for inputs in program.values() for value in inputs["domains"]}
        self.control.clear_calls()
        stopped: BaseException | None = None
        try:
            operation()
        except (Killed, Refused) as error:
            stopped = error
        except Exception as error:
            if type(error).__qualname__ != "wechat-miniprogram":
                raise
            stopped = error
        self.engine.line.heal()
        assert "emulator-wx" not in str(stopped), "no token in a text for the user"
        self._judge_step(succeeded=stopped is None)
        return stopped is None

    def _watch(self, name, operation):
        self._judge_step(succeeded=True)
        state = self.engine.state.get(name, {"inputs": {}, "outputs": {"domains": [], "mode": None}})
        inputs = self.program[name] if operation in {"create", "update"} else state["inputs"]
        if operation == "create":
            self.put[name] = set()
        elif operation == "update":
            before = state["outputs"]
            assert (before["mode"], {*before["domains"]}) != (inputs["mode"], {*inputs["domains"]})
        removable = set(self.put[name])
        if inputs["mode"] == "authoritative":
            removable |= {key(value) for value in state["outputs"]["domains"]}
            if inputs["overwrite_existing"] and operation != "delete":
                removable |= {*map(key, self.live)}
        self.step = Step(name, operation, inputs["mode"], removable - self.engine.declared)

    def _judge_step(self, *, succeeded):
        """Replay the log of the step that ended, and hold it against the rules."""
        step, self.step = self.step, None
        made = self.control.calls(APPID)
        self.control.clear_calls()
        if step is None:
            assert made == []
            return
        for call in made:
            if call.action in {"set", "add", "delete"}:
                self._judge_write(step, call)
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
        if call.action == "set":
            assert (step.operation, step.mode) == ("create", "authoritative")
            assert self.live == []
            assert step.writes == 0, "set is never repeated"
        step.writes += 1
        if call.applied:
            self._apply(step, call, self._taken(call))

    def _taken(self, call):
        """What WeChat took of a write; where it is not atomic, what stands before the first refused."""
        if call.fault or not call.errcode:
            return call.domains
        if call.action == "delete":
            refused = [value not in self.live for value in call.domains]
        else:
            refused = [value not in self.trusted for value in call.domains]
        return call.domains[: refused.index(True)]

    def _apply(self, step, call, values):
        if call.action == "delete":
            self.live = [value for value in self.live if value not in values]
            return
        self.live = [*(self.live if call.action == "add" else []), *values]
        self.put[step.name] |= {*values}

    def _judge_count(self, step, made):
        rest = made[1:]
        assert made[0] == "get"
        if step.operation != "delete":
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
        effective = {*map(key, self.control.effective(APPID))}
        after_release = {*map(key, self.live), *self.console}
        domains = outputs["domains"]
        if step.mode == "additive":
            effective &= {*domains}
            after_release &= {*domains}
        assert {*outputs["effective_domains"]} == effective
        assert outputs["pending_domains"] == [value for value in domains if value not in effective]
        assert outputs["release_required"] == (after_release != effective)
        assert {*outputs["added_domains"]} <= {*domains} & self.put[step.name]

    def _settle(self):
        """Without faults, and with every permission, the list becomes what is declared and stays so."""
        if not self.program and not self.engine.state:
            return
        self.engine.line.heal()
        self.control.clear_faults()
        self.control.trust("*")
        self.trusted = {*KEYS}
        self.permit("overwrite_existing", True)
        self.permit("allow_mass_removal", True)
        assert self._run(lambda: self.engine.refresh(self._watch))
        assert self._run(self._bring_up)
        self.the_model_knows_what_is_live()
        here = {*map(key, self.live)}
        shown = here | ({*self.console} if self.switches["get_returns"] == "all" else set())
        assert shown >= self.declares
        if any(one["mode"] == "authoritative" for one in self.program.values()):
            assert here <= self.declares | {*self.console}
        changed = []
        assert self._run(lambda: changed.extend(self.engine.refresh(self._watch)))
        assert changed == []
        self.control.clear_calls()
        assert self._run(self._bring_up)
        assert self.control.calls() == []
        self.program = {}
        assert self._run(self._bring_up)
        assert self.engine.state == {}


@pytest.mark.parametrize("number", range(6))
def test_whatever_happens_no_live_domain_is_harmed_and_the_list_converges(wechat_emulator, number):
    """Some hundred lives: Hypothesis varies one start, so that several starts see more."""

    @seed(number)
    def life():
        return Life(wechat_emulator)

    run_state_machine_as_test(life, settings=settings(max_examples=25, stateful_step_count=30))  # type: ignore[arg-type] # any factory will do
