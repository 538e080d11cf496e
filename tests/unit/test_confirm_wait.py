"""A refused confirm file explained host by host, and waited for: over the emulator and real HTTPS hosts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused
from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.wechat import errors
from pulumi_wechat_miniprogram.wechat.probe import CAUSES
from tests.bench import APPID, A, B, Bench, C, FailingTokens, declare
from tests.https_hosts import http


class Story(Bench):
    """A bench on which something happens after each sleep, and whose hosts `a` and `b` exist."""

    def __init__(self, control, hosts, **settings):
        """No confirm file is trusted or served yet."""
        self.then: list[Callable[[], None]] = []
        self.a, self.b = (hosts.start(http(b"<html>"), name=f"{name}.example.com") for name in "ab")
        where = {"a.example.com": self.a.target, "b.example.com": self.b.target}
        settings = {"probe": True, "probe_host_map": where, "ca_file": hosts.ca_file, **settings}
        super().__init__(control, **settings)
        control.trust()
        file = control.state(APPID)
        self.file_name = file.file_name
        self.served = http(file.file_content.encode())

    def sleep(self, seconds):
        """Move the clock, then let the next thing happen."""
        super().sleep(seconds)
        if self.then:
            self.then.pop(0)()

    def serve(self):
        """Let both hosts serve the file, as this machine sees it."""
        self.a.answer = self.b.answer = self.served

    def accept(self):
        """Let both hosts serve the file, as WeChat sees it too."""
        self.serve()
        self.control.trust("*")


@pytest.fixture
def story(wechat_emulator, hosts):
    """A story over a fresh app."""
    story = Story(wechat_emulator, hosts)
    yield story
    story.client.close()


def nothing():
    """Let time pass."""


def test_an_interrupt_while_the_file_is_read_ends_the_operation(story):
    """It is not taken for a file that cannot be read."""

    def interrupt():
        raise Interrupted

    story.control.fault(action="confirmfile", errcode=-1)
    story.then = [interrupt]

    with pytest.raises(Interrupted, match=f"^create of {APPID} stopped"):
        story.use.create(declare(A))

    assert story.control.live(APPID) == []


def test_each_failing_host_is_named_with_its_remedy(story):
    """Only the new hosts are asked, the file is read once, and the list is unchanged."""
    story.b.answer = story.served

    with pytest.raises(errors.ConfirmFileRejected) as refused:
        story.use.create(declare(A, B))

    first, *rest = str(refused.value).splitlines()
    assert first.startswith(f"set of 2 domains for {APPID} refused: check confirmfile fail! (86103, rid ")
    assert rest == [
        f"  {A}: answers with an HTML page. {CAUSES['html']}.",
        "  Seen from this machine, 1 of 2 new hosts serves the file.",
        f"  Serve /{story.file_name} (32 bytes) at its root, then run `pulumi up`.",
        "  The live list was read again: unchanged (0 domains).",
    ]
    assert story.calls == ["get", "set", "get", "confirmfile"]
    assert story.pauses == []


def test_live_hosts_are_not_asked(story):
    """An update that adds one host asks that one."""
    story.control.trust("a.example.com")
    created = story.use.create(declare(A))

    with pytest.raises(errors.ConfirmFileRejected):
        story.use.update(created, declare(A, B))

    assert (len(story.a.asked), len(story.b.asked)) == (0, 1)


def test_when_every_host_looks_right_what_is_left_is_named(story):
    """A firewall, a CDN region, a cache: nothing that this machine sees."""
    story.serve()

    with pytest.raises(errors.ConfirmFileRejected, match="Seen from this machine, all 2 new hosts serve"):
        story.use.create(declare(A, B))


def test_system_error_on_a_missing_file_is_recognised_by_the_probe(story):
    """-1 is tried again as ever; when it stays, the hosts tell whether the file is the reason."""
    story.control.switch(missing_file="-1")

    with pytest.raises(errors.WeChatError) as refused:
        story.use.create(declare(A))

    assert refused.value.errcode == -1
    assert f"{A}: answers with an HTML page. {CAUSES['html']}." in str(refused.value)
    assert story.calls == ["get", "set", *["get", "add"] * 3, "get", "confirmfile"]


def test_system_error_while_every_host_serves_the_file_is_no_matter_of_the_file(story):
    """Nothing is waited for, and the message keeps to the code."""
    story.serve()
    story.control.switch(missing_file="-1")

    with pytest.raises(errors.WeChatError, match="Run the command again later") as refused:
        story.use.create(declare(A, confirm_file_timeout=300))

    assert "Seen from this machine" not in str(refused.value)
    assert story.now < 60


def test_system_error_on_a_delete_asks_no_host(story):
    """A delete does not depend on the confirm file."""
    story.accept()
    created = story.use.create(declare(A))
    story.control.fault(action="delete", errcode=-1, times=None)
    story.control.clear_calls()

    with pytest.raises(errors.WeChatError, match="-1"):
        story.use.delete(created)

    assert "confirmfile" not in story.calls


@pytest.mark.parametrize("errcode", [86103, -1])
def test_probing_can_be_turned_off(wechat_emulator, hosts, errcode):
    """No host is asked and the file is not read; the new domains are named all the same for 86103."""
    story = Story(wechat_emulator, hosts, probe=False)
    story.control.switch(missing_file=errcode)

    with pytest.raises(errors.WeChatError) as refused:
        story.use.create(declare(A, B))

    assert (f"This concerns at least one of {A}, {B}." in str(refused.value)) == (errcode == 86103)
    assert story.a.asked == []
    assert "confirmfile" not in story.calls
    story.client.close()


@pytest.mark.parametrize("errcode", [86103, -1])
def test_a_confirm_file_that_cannot_be_read_is_reported(story, errcode):
    """The refusal stays the error; that no host was asked is a line of it for 86103."""
    story.control.switch(missing_file=errcode)
    story.control.fault(path="/wxa/get_webviewdomain_confirmfile", errcode=45009)

    with pytest.raises(errors.WeChatError, match=str(errcode)) as refused:
        story.use.create(declare(A))

    reported = "No host was probed, because the confirm file is not known: read of the confirm file" in str(
        refused.value
    )
    assert reported == (errcode == 86103)


def test_a_token_that_cannot_be_had_any_more_does_not_hide_the_refusal(wechat_emulator, hosts):
    """get, set and get take a token each; the confirm file finds none."""
    story = Story(wechat_emulator, hosts, tokens=FailingTokens(3))

    with pytest.raises(errors.ConfirmFileRejected, match=f"is not known: {APPID}: the source is gone"):
        story.use.create(declare(A))

    story.client.close()


def test_waiting_ends_with_a_write_once_the_hosts_serve_the_file(story):
    """It is announced with the hosts, pauses double, and the second try is an `add`."""
    story.then = [nothing, story.accept]

    recorded = story.use.create(declare(A, B, confirm_file_timeout=300))

    assert recorded.domains == (A, B)
    assert story.pauses == [2.0, 4.0]
    assert story.calls == ["get", "set", "get", "confirmfile", "get", "add", "effective"]
    assert story.warnings == [
        f"{APPID}: WeChat did not find the confirm file; waiting up to 300 s for {A}, {B} to serve "
        f"/{story.file_name}"
    ]


def test_what_a_refused_write_put_there_is_ours(story):
    """Where WeChat keeps the good part of a refused write, the wait does not forget who sent it."""
    story.control.switch(multi_failure="non-atomic")
    story.control.trust("a.example.com")
    story.then = [story.accept]

    recorded = story.use.create(declare(A, B, mode="additive", confirm_file_timeout=60))
    story.use.delete(recorded)

    assert recorded.added_domains == (A, B)
    assert story.control.live(APPID) == []


def test_waiting_tries_again_when_the_probes_pass_and_once_more_at_the_deadline(story):
    """WeChat may see a host later than this machine does."""
    story.then = [story.serve, story.accept]

    story.use.create(declare(A, confirm_file_timeout=300))

    assert story.pauses == [2.0, 298.0]
    assert [call.action for call in story.control.writes(APPID)] == ["set", "add", "add"]


def test_waiting_tries_at_the_deadline_whatever_the_probes_say(story):
    """A probe never blocks a write that WeChat accepts."""
    story.then = [nothing, lambda: story.control.trust("*")]

    recorded = story.use.create(declare(A, confirm_file_timeout=5))

    assert recorded.domains == (A,)
    assert story.pauses == [2.0, 3.0]


def test_a_wait_in_vain_says_how_long_and_why(story):
    """The message is about the hosts as they are at the end."""
    with pytest.raises(errors.ConfirmFileRejected) as refused:
        story.use.create(declare(A, B, confirm_file_timeout=100))

    assert story.pauses == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 10.0]
    assert "The write was tried 2 times within confirm_file_timeout (100 s)." in str(refused.value)
    assert f"{B}: answers with an HTML page." in str(refused.value)
    assert story.calls == ["get", "set", "get", "confirmfile", "get", "add", "get"]


def test_a_wait_without_probes_tries_at_the_deadline(wechat_emulator, hosts):
    """No host is asked, so only time tells."""
    story = Story(wechat_emulator, hosts, probe=False)
    story.then = [story.accept]

    story.use.create(declare(A, confirm_file_timeout=60))

    assert story.pauses == [60.0]
    assert story.warnings == [
        f"{APPID}: WeChat did not find the confirm file; waiting up to 60 s, then trying again "
        "(the hosts are not probed)"
    ]
    story.client.close()


def test_a_wait_for_hosts_that_look_right_is_announced_as_such(story):
    """Nothing is missing as far as this machine sees."""
    story.serve()
    story.then = [story.accept]

    story.use.create(declare(A, confirm_file_timeout=60))

    assert story.warnings == [
        f"{APPID}: WeChat did not find the confirm file; waiting up to 60 s, although every new host serves "
        f"/{story.file_name}, seen from here"
    ]


def test_another_refusal_while_waiting_is_the_error(story):
    """The wait is over when the file is not the cause any more."""
    story.then = [lambda: story.control.fault(action="add", errcode=89231), story.accept]

    with pytest.raises(errors.WeChatError, match="89231"):
        story.use.create(declare(A, confirm_file_timeout=5))


def test_what_somebody_else_wrote_while_waiting_is_refused(story):
    """Each try observes anew: the lock is not held over the wait."""
    story.then = [lambda: story.control.seed(APPID, live=[C])]

    with pytest.raises(PlanRefused, match=C):
        story.use.create(declare(A, confirm_file_timeout=1))

    assert story.control.live(APPID) == [C]
