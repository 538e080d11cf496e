"""Random lives of the lists beside an app's own webview domains, checked by what is on every list.

A smaller sister of `test_lifecycle_machine`: one or two resources of one kind are edited, dropped and swap hosts;
others write to the same list, the app is released, calls are lost before or after they arrive, processes are
killed, stacks are refreshed, destroyed and brought up again. What a program declares before and after an
operation, and what others put there, is never lost, not even out of force; success has its effect. In the
end the faults stop, the list converges and stays so, and the last resource takes along what it put there.
"""

from __future__ import annotations

import httpx
import pytest
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.bench import APPID
from tests.family import FAMILY, A, B, C, D, everything, hosts_of, write
from tests.simulated_engine import Engine, Failed, Killed
from tests.strategies import share_of_examples

some_hosts = st.lists(st.sampled_from([A, B, C, D]), unique=True, min_size=1)
dice = st.integers(0, 255)


class Life(RuleBasedStateMachine):
    """One list, and at most two resources that declare parts of it."""

    def __init__(self, control, face, name):
        """Start with a new emulator."""
        super().__init__()
        control.reset()
        self.control = control
        self.family = FAMILY[name]
        self.alone = name == "prefetch"
        self.family.seed(control)
        self.engine = Engine(control, face, self.family.kind, self.family.id)
        self.program: dict[str, set[str]] = {}
        self.said: set[str] = set()
        self.ours: set[str] = set()
        self.more: dict[str, object] = {} if self.alone else {"mode": "additive"}

    def teardown(self):
        """End every life with peace, and close the connections."""
        try:
            self._settle()
        finally:
            self.engine.close()

    @rule(name=st.sampled_from(["one", "two"]), hosts=some_hosts, dice=dice)
    def edit(self, name, hosts, dice):
        """Declare other hosts, and bring them up."""
        self.program["one" if self.alone else name] = {*hosts}
        self._run(lambda: self._up(dice), self._declared())

    @precondition(lambda self: len(self.program) == 2)
    @rule(dice=dice)
    def swap(self, dice):
        """Let each resource declare what the other one did."""
        self.program = dict(zip(self.program, reversed(self.program.values()), strict=True))
        self._run(lambda: self._up(dice), self._declared())

    @rule(name=st.sampled_from(["one", "two"]), dice=dice)
    def drop(self, name, dice):
        """Take a resource out of the program, and bring it up."""
        self.program.pop(name, None)
        self._run(lambda: self._up(dice), self._declared())

    @rule()
    def refresh(self):
        """Run `pulumi refresh`."""
        self._run(lambda: self.engine.refresh(_ignore), self._declared())

    @rule()
    def destroy(self):
        """Run `pulumi destroy`."""
        self._run(lambda: self.engine.destroy(_ignore), set())

    @rule(at=st.integers(0, 6), when=st.sampled_from(["before", "after"]), fate=st.sampled_from("lfk"))
    def lose(self, at, when, fate):
        """Let a call of the next operation be lost, all from there on, or the process with it."""
        error = Killed() if fate == "k" else httpx.ReadTimeout("at its limit")
        self.engine.line.fail(at, when, error, times=99 if fate == "f" else 1)

    @precondition(lambda self: not self.alone)
    @rule(host=st.sampled_from([A, B, C, D]), adds=st.booleans())
    def somebody_writes(self, host, adds):
        """Another client puts a host on the list, or takes it off."""
        before = everything(self.control)
        write(self.control, self.family, "add" if adds else "delete", host)
        if before != everything(self.control):
            self.ours.discard(host)

    @rule()
    def release(self):
        """Release the app."""
        self.control.release(APPID)

    def _declared(self):
        return set().union(*self.program.values())

    def _up(self, dice=0):
        program = {
            name: self.family.declare(*sorted(hosts), **self.more) for name, hosts in self.program.items()
        }
        self.engine.up(program, _ignore, dice=dice)

    def _run(self, operation, after):
        """Run one operation, after which these hosts are declared; tell whether it ended well."""
        before = everything(self.control)
        stopped: BaseException | None = None
        try:
            operation()
        except (Failed, Killed) as error:
            stopped = error
        assert "emulator-" not in str(stopped), "no token in a text for the user"
        self.engine.line.heal()
        calls = self.control.calls()
        now = everything(self.control)
        lost, gained = hosts_of(before - now), hosts_of(now - before)
        assert not lost & self.said & after, "what stays declared is lost, or out of force"
        assert lost <= self.ours, "what others put there is lost"
        assert gained <= self._declared(), "only what is declared is put there"
        assert self.alone or not [call for call in calls if call.action == "set"]
        self.ours = (self.ours | gained) - lost
        self.said = after
        return stopped is None

    def _settle(self):
        self.engine.line.heal()
        self.more["overwrite_existing"] = True  # what a killed run put there has no other owner
        assert self._run(lambda: self.engine.refresh(_ignore), self._declared())
        assert self._run(self._up, self._declared())
        assert self.family.entries(*self._declared()) <= everything(self.control)
        assert self._run(self._up, self._declared())
        changed: list[str] = []
        assert self._run(lambda: changed.extend(self.engine.refresh(_ignore)), self._declared())
        assert changed == []
        self._up()
        assert self.control.calls() == []
        owned = {host for state in self.engine.state.values() for host in _owned(state["outputs"])}
        self.program = {}
        assert self._run(self._up, set())
        assert self.engine.state == {}
        assert not self.family.entries(*owned) & everything(self.control)


def _owned(outputs):
    """The bare hosts that a state says its resource put there."""
    return hosts_of([*outputs.get("added_domains", ()), *outputs.get("added", {}).get("request", ())])


def _ignore(_name, _operation):
    """Look at no step."""


LISTS = ["registered webview", "server", "platform webview", "platform server", "prefetch"]


@pytest.mark.parametrize(("number", "face"), [*enumerate(["dynamic", "native"])])
@pytest.mark.parametrize("name", LISTS)
def test_whatever_happens_no_list_is_harmed_and_each_converges(wechat_emulator, name, number, face):
    """Some lives of each list; one that fails is shown as it was, since a shorter one takes minutes to find."""

    @seed(number)
    def life():
        return Life(wechat_emulator, face, name)

    chosen = settings(share_of_examples(0.05), stateful_step_count=12, phases=[Phase.generate])
    run_state_machine_as_test(life, settings=chosen)  # type: ignore[arg-type] # any factory will do
