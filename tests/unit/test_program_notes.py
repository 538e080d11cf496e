"""What a program says of its own resources: read from the registrations that it sends."""

from __future__ import annotations

import pulumi
import pytest
from pulumi.runtime import settings

from pulumi_wechat_miniprogram import (
    MiniProgramConfirmFile,
    MiniProgramServerDomains,
    MiniProgramWebviewDomains,
)
from pulumi_wechat_miniprogram.dynamic.program import Program, announce
from tests.bench import APPID, OTHER, A, B, C


@pytest.fixture
def notes_of(mocked):
    """Run a program under mocks and return the notes that its resources carry."""

    def run(program):
        monitor = mocked()

        @pulumi.runtime.test
        def of_a_stack():
            settings.ROOT.set(pulumi.ComponentResource("pulumi:pulumi:Stack", "stack"))
            program()

        of_a_stack()
        return {name: note for name, note in monitor.notes.items() if name != "stack"}

    return run


def note(name, *, appid=APPID, computed=(), anywhere=(), failed=False, **others):
    """A note as a registration carries it."""
    return {
        "appid": appid,
        "name": name,
        "others": others,
        "is_update": True,
        "failed": failed,
        "computed": [*computed],
        "anywhere": [*anywhere],
    }


def test_a_program_that_ends_with_an_error_says_so(notes_of):
    """The SDK sends what was registered before it all the same."""

    def program():
        additive("one", [A])
        try:
            raise RuntimeError
        finally:  # as the SDK's own does, while the error passes
            stack = settings.ROOT.get()
            assert isinstance(stack, pulumi.ComponentResource)
            stack.register_outputs({})

    monitor = {}
    with pytest.raises(RuntimeError):
        monitor = notes_of(program)
    assert monitor == {}


def additive(name, domains, appid=APPID, **more):
    """One resource of several."""
    return MiniProgramWebviewDomains(name, appid=appid, domains=domains, mode="additive", **more)


def test_each_resource_tells_of_the_others_of_its_appid(notes_of):
    """Also of those that the program makes after it; another app's are left out."""

    def program():
        additive("one", [A])
        additive("two", [B, C])
        MiniProgramWebviewDomains("alone", appid=OTHER, domains=[A])
        MiniProgramConfirmFile("file", appid=APPID)

    assert notes_of(program) == {
        "one": note("one", two=[B, C]),
        "two": note("two", one=[A]),
        "alone": note("alone", appid=OTHER),
        "file": None,
    }


def test_what_is_computed_is_named_and_its_plain_part_reported(notes_of):
    """A list with an output, an output for a list, an appid from elsewhere."""

    def program():
        additive("plain", [A])
        additive("partly", [B, pulumi.Output.from_input(C)])
        additive("list", pulumi.Output.from_input([C]))
        additive("anywhere", [A], appid=pulumi.Output.from_input(OTHER))
        MiniProgramWebviewDomains("whole", appid=pulumi.Output.from_input(OTHER), domains=[A])

    notes = notes_of(program)

    assert notes["plain"] == note(
        "plain", computed=["partly", "list"], anywhere=["anywhere"], partly=[B], list=[]
    )
    assert notes["anywhere"] == note("anywhere", appid=OTHER)
    assert notes["whole"] == note("whole", appid=OTHER, anywhere=["anywhere"])


def test_an_existing_resource_that_is_only_read_declares_nothing(notes_of):
    """`opts.id` makes an external one."""

    def program():
        additive("one", [A])
        additive("read", [B], opts=pulumi.ResourceOptions(id=APPID))

    assert notes_of(program)["one"] == note("one")


def test_equal_names_are_distinguished():
    """Two resources may have one name under different parents."""
    program = Program()
    first = program.add("shop", APPID, [A], "additive")
    second = program.add("shop", APPID, [B], "additive")

    assert program.note(APPID, first) == note("shop", **{"shop (2)": [B]})
    assert program.note(APPID, second) == note("shop (2)", shop=[A])


def test_a_subclass_keeps_the_type_of_its_base(mocked):
    """Whatever module and name it asks for."""
    monitor = mocked()

    class Domains(MiniProgramWebviewDomains, module="mine", name="Mine"):
        """A company's own."""

    class File(MiniProgramConfirmFile):
        """A company's own."""

    @pulumi.runtime.test
    def program():
        Domains("shop", appid=APPID, domains=[A])
        File("file", appid=APPID)

    program()

    prefix = "pulumi-python:dynamic/wechat-miniprogram:MiniProgram"
    assert monitor.types == {"shop": f"{prefix}WebviewDomains", "file": f"{prefix}ConfirmFile"}


def test_without_a_stack_there_is_no_note():
    """A resource that is made outside a program."""
    settings.ROOT.set(None)

    assert announce("shop", APPID, [A], "additive") is None


def test_an_import_option_is_refused_with_a_sentence():
    """The engine would end in a KeyError."""
    with pytest.raises(ValueError, match="import_=.* does not work .* `pulumi up` adopts what is live"):
        additive("shop", [A], opts=pulumi.ResourceOptions(import_=APPID))


def test_server_domains_are_distinguished_and_by_kind(notes_of):
    """A list that is computed, wholly or in part, makes its resource a computed one."""

    def program():
        MiniProgramWebviewDomains("pages", appid=APPID, domains=[A])
        late = pulumi.Output.from_input("b.example.com")
        MiniProgramServerDomains("calls", appid=APPID, request=["a.example.com", late], udp=[])
        MiniProgramServerDomains("sockets", appid=APPID, socket=pulumi.Output.from_input(["c.example.com"]))
        MiniProgramServerDomains("whole", appid=APPID, tcp=["t.example.com:9"])

    notes = notes_of(program)

    assert notes["pages"] == note("pages")
    assert notes["calls"] == note(
        "calls", computed=["sockets", "calls"], sockets=[], whole=["tcp t.example.com:9"]
    )
    assert notes["whole"]["computed"] == ["calls", "sockets"]
    assert notes["whole"]["others"] == {"calls": ["request a.example.com"], "sockets": []}


def test_a_subclass_of_server_domains_keeps_its_type():
    """The SDK would give it another one."""

    class Hosts(MiniProgramServerDomains, module="mine", name="Mine"):
        """A subclass as a program may have it."""

    assert Hosts._resource_type_name == MiniProgramServerDomains._resource_type_name


def test_custom_timeouts_are_said_to_have_no_effect(notes_of, monkeypatch):
    """The SDK passes them on to native resources only."""
    reported: list[str] = []
    monkeypatch.setattr(pulumi, "warn", reported.append)

    def program():
        timeouts = pulumi.CustomTimeouts(create="5m")
        additive("shop", [A], opts=pulumi.ResourceOptions(custom_timeouts=timeouts))
        additive("pay", [A], opts=pulumi.ResourceOptions(protect=True))

    notes_of(program)

    (line,) = reported
    assert line.startswith("shop: custom_timeouts has no effect, because Pulumi does not pass it on")
