"""`MiniProgramPrefetchDomains` as the engine asks each face for it."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from tests.bench import APPID
from tests.contract.host import HostProcess
from tests.native_face import InProcess, RefusedError

HOSTS = ["a.example.com", "b.example.com"]


@pytest.fixture(params=[HostProcess, InProcess], ids=["dynamic", "native"])
def run(request, wechat_emulator):
    """Starts a run of each face in turn, and gives the resource."""
    wechat_emulator.seed(APPID)
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    with ExitStack() as running:
        yield lambda: running.enter_context(
            request.param({"endpoint": wechat_emulator.url, "accessTokens": tokens})
        ).of["prefetch-domains"]


def declared(*hosts, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "hosts": list(hosts), **more}


def calls(control):
    """The calls since the last look, by the end of their path."""
    found = [call.path.rpartition("/")[2].partition("_prefetch")[0] for call in control.calls()]
    control.clear_calls()
    return found


def test_one_life(run, wechat_emulator):
    """The list is replaced by one write, and only where it differs."""
    resource = run()
    inputs, reasons = resource.check(declared("https://A.example.com", "b.example.com"))
    id_, outputs = resource.create(inputs)
    same = resource.diff(outputs, inputs)
    read, _ = resource.read(id_, outputs)
    made = calls(wechat_emulator)
    other = run()
    changed, _ = other.check(declared("b.example.com", "c.example.com"))
    updated = other.update(outputs, changed)
    written = calls(wechat_emulator)
    run().delete(updated)

    assert (reasons, inputs["hosts"], id_) == ([], HOSTS, APPID)
    assert (same, read["hosts"]) == (("none", []), HOSTS)
    assert made == ["get", "set", "get", "get"]
    assert updated["hosts"] == ["b.example.com", "c.example.com"]
    assert written == ["get", "set", "get"]
    assert calls(wechat_emulator) == ["get", "set", "get"]


def test_what_nobody_declared_is_not_removed(run, wechat_emulator):
    """Unless it may; then it goes with the same write."""
    first = run()
    inputs, _ = first.check(declared("old.example.com"))
    first.create(inputs)
    second = run()
    new, _ = second.check(declared("a.example.com"))
    may, _ = second.check(declared("a.example.com", overwrite_existing=True))

    with pytest.raises(RefusedError) as refused:
        second.create(new)
    _, outputs = second.create(may)

    assert (
        f"create would remove old.example.com from {APPID}, which this program does not declare. Add it to "
        "`hosts`, or set overwrite_existing=True."
    ) in str(refused.value)
    assert outputs["hosts"] == ["a.example.com"]


def test_too_many_are_refused_before_the_write(run, wechat_emulator):
    """WeChat's answer tells how many it takes."""
    resource = run()
    inputs, _ = resource.check(declared(*(f"h{each}.example.com" for each in range(6))))

    with pytest.raises(RefusedError) as refused:
        resource.create(inputs)

    assert "WeChat accepts at most 5" in str(refused.value)
    assert calls(wechat_emulator) == ["get"]


def test_one_resource_declares_all_hosts_of_an_app(wechat_emulator):
    """A second one would replace the list of the first."""
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    with InProcess({"endpoint": wechat_emulator.url, "accessTokens": tokens}) as face:
        resource = face.of["prefetch-domains"]
        resource.check(declared("a.example.com"), name="one")
        _, (refused,) = resource.check(declared("b.example.com"), name="two")

    assert refused == (
        f"the prefetch hosts of {APPID} are also declared by 'one'. WeChat replaces the whole list with each "
        "write, so declare all of them in one resource"
    )


@pytest.mark.parametrize("wrong", ["*.example.com", "http://a.example.com", "10.0.0.1"])
def test_a_host_that_is_none(run, wrong):
    """By the rules of hosts."""
    _, (text,) = run().check(declared(wrong, "a.example.com"))

    assert wrong in text
