"""Token sources: what each gives, what each says when it has nothing, and how seldom it is asked."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext

import httpx
import pytest
from pydantic import SecretStr

from pulumi_wechat_miniprogram.safety.interruption import Interrupted, Interruption
from pulumi_wechat_miniprogram.settings import Settings, SettingsError, mask, redact
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.errors import (
    Call,
    NotSent,
    Offboarded,
    TokenRejected,
    WeChatError,
    wechat_error,
)
from pulumi_wechat_miniprogram.wechat.tokens import Token, Tokens, TokenUnavailable, keeper, open_tokens
from pulumi_wechat_miniprogram.wechat.tokens import command as command_module
from pulumi_wechat_miniprogram.wechat.tokens.command import CommandTokens
from pulumi_wechat_miniprogram.wechat.tokens.keeper import FETCH_SECONDS
from pulumi_wechat_miniprogram.wechat.tokens.source import NoToken, parse_token
from pulumi_wechat_miniprogram.wechat.tokens.url import UrlTokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, OTHER, Bench
from tests.misbehaving import ODD_HEADERS, Misbehaving, Script, answer_of

CANARY = "canary-5f3b9d7e"


class Clock:
    """A clock that sleeping moves."""

    def __init__(self):
        """Begin at zero."""
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds):
        """Move on."""
        self.pauses.append(seconds)
        self.now += seconds

    def attempts(self):
        """Four tries by this clock."""
        return Attempts(4, sleep=self.sleep, clock=lambda: self.now)


@pytest.fixture
def clock():
    """A clock at zero."""
    return Clock()


class Source:
    """Gives a token for each question, or what a test puts in its way; remembers who asked."""

    def __init__(self, seconds=None, answer=None):
        """Take the life of the tokens."""
        self.seconds = seconds
        self.answer = answer or (lambda appid, count: f"{appid}-{count}")
        self.asked: list[str] = []

    def fetch(self, appid):
        """Return the next token of an appid."""
        self.asked.append(appid)
        given = self.answer(appid, self.asked.count(appid))
        if isinstance(given, Exception):
            raise given
        return Token(given, self.seconds)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (f" {CANARY}\n", Token(CANARY)),
        (f'{{"access_token": "{CANARY}"}}', Token(CANARY)),
        (f'{{"errcode": 0, "authorizer_access_token": "{CANARY}", "expires_in": 7200}}', Token(CANARY, 7200)),
        (f'{{"access_token": "{CANARY}", "expires_in": "60"}}', Token(CANARY, 60)),
    ],
)
def test_a_token_may_be_printed_alone_or_as_json(text, token):
    """As WeChat answers, or as a script prints it."""
    assert parse_token(APPID, text) == token


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" \n", "is empty"),
        (f"<html>{CANARY}", "is HTML, such as a login page"),
        (f"token: {CANARY}", "is more than one word; give the value alone"),
        (f"{CANARY}\n{CANARY}", "is more than one word"),
        ("x" * 1025, "is longer than 1024 characters"),
        ("tökén", "contains characters other than printable ASCII"),
        (
            f'{{"token": "{CANARY}"}}',
            "is a JSON object without the text authorizer_access_token or access_token",
        ),
        ('{"access_token": 5}', "is a JSON object without the text"),
        (f'{{"access_token": "{CANARY}"', "starts like a JSON object but is not an answer with a token"),
        ('{"errcode": "busy"}', "starts like a JSON object but is not an answer with a token"),
        ('{"access_token": ""}', "is empty"),
        (
            f'{{"access_token": "{CANARY}", "expires_in": 0}}',
            "has an expires_in that is not a number of seconds",
        ),
        (f'{{"access_token": "{CANARY}", "expires_in": "nan"}}', "has an expires_in that is not a number"),
        (f'{{"access_token": "{CANARY}", "expires_in": []}}', "has an expires_in that is not a number"),
    ],
)
def test_what_is_no_token_is_reported_and_never_shown(text, problem):
    """The text is somebody's, and may hold a secret."""
    with pytest.raises(NoToken) as wrong:
        parse_token(APPID, text)

    assert str(wrong.value).startswith(problem)
    assert CANARY not in str(wrong.value)


@pytest.mark.parametrize(
    ("errcode", "kind"), [(61023, Offboarded), (61003, Offboarded), (40013, WeChatError), (7, WeChatError)]
)
def test_an_error_of_wechat_that_a_source_passes_on_is_typed(errcode, kind):
    """It has meaning and remedy, no secret, and an app that left may be kept."""
    text = json.dumps(
        {"errcode": errcode, "errmsg": f"no, access_token={CANARY} rid: 66cc41ab-6aaf22fd-1ffae523"}
    )

    with pytest.raises(kind) as refused:
        parse_token(APPID, text)

    assert str(refused.value).startswith(
        f"fetch of the access token for {APPID} refused: no, access_token=*** ({errcode}, rid 66cc41ab-"
    )


def test_a_token_shows_in_no_repr():
    """Neither value nor part of it."""
    assert CANARY not in repr(Token(CANARY))


def test_a_token_without_an_end_is_asked_for_once(clock):
    """It is good until WeChat rejects it."""
    source = Source()
    tokens = Tokens(source, clock.attempts())

    given = [tokens.token(APPID), tokens.token(APPID), tokens.token(APPID, rejected=f"{APPID}-1")]

    assert given == [f"{APPID}-1", f"{APPID}-1", f"{APPID}-2"]
    assert source.asked == [APPID, APPID]


@pytest.mark.parametrize(("seconds", "good_for"), [(7200, 6900), (60, 54)])
def test_a_token_with_an_end_is_renewed_a_little_before_it(clock, seconds, good_for):
    """Five minutes early, or a tenth of its life."""
    tokens = Tokens(Source(seconds), clock.attempts())

    tokens.token(APPID)
    clock.now = good_for - 1
    before = tokens.token(APPID)
    clock.now = good_for

    assert (before, tokens.token(APPID)) == (f"{APPID}-1", f"{APPID}-2")


def test_a_ready_token_is_asked_for_each_time(clock):
    """So that a file may be rotated under a running process."""
    tokens = Tokens(Source(seconds=0), clock.attempts())

    assert [tokens.token(APPID), tokens.token(APPID)] == [f"{APPID}-1", f"{APPID}-2"]


def test_a_token_that_comes_for_two_appids_is_refused(clock):
    """Before anything is sent: it would write to another app's live list."""
    tokens = Tokens(Source(answer=lambda *_: CANARY), clock.attempts())
    tokens.token(APPID)

    with pytest.raises(TokenUnavailable) as refused:
        tokens.token(OTHER)

    assert str(refused.value) == (
        f"{OTHER}: its token source returned the token of {APPID}. A token selects the Mini Program by itself, "
        "so nothing was sent. Give each appid its own token"
    )


def test_a_source_that_is_busy_is_asked_again(clock):
    """What passes is waited for; the rest is final."""
    busy = TokenUnavailable(APPID, "busy", passing=True)
    tokens = Tokens(Source(answer=lambda _, count: busy if count < 3 else CANARY), clock.attempts())

    assert tokens.token(APPID) == CANARY
    assert len(clock.pauses) == 2


def test_a_source_that_stays_busy_ends(clock):
    """After four tries with the source's own words."""
    source = Source(answer=lambda *_: TokenUnavailable(APPID, "busy", passing=True))

    with pytest.raises(TokenUnavailable, match=f"^{APPID}: busy$"):
        Tokens(source, clock.attempts()).token(APPID)

    assert len(source.asked) == 4


def test_a_source_that_has_none_is_asked_once(clock):
    """Nothing is gained by asking again."""
    source = Source(answer=lambda *_: TokenUnavailable(APPID, "none"))

    with pytest.raises(TokenUnavailable, match=f"^{APPID}: none$"):
        Tokens(source, clock.attempts()).token(APPID)

    assert len(source.asked) == 1


def test_two_hundred_operations_on_fifty_apps_ask_once_for_each_app_and_end(wechat_emulator):
    """The first token is rejected in all of them; each app's second one is fetched once, for all who wait."""
    appids = [f"wx{number:016x}" for number in range(50)]
    for appid in appids:
        wechat_emulator.seed(appid, live=["https://a.example.com"])
    source = Source(answer=lambda appid, count: f"emulator-{appid}" if count > 1 else f"stale-{appid}")
    bench = Bench(wechat_emulator, source)
    start = threading.Barrier(200)

    def read(appid):
        start.wait()
        return bench.client.live(appid)

    source.seconds = None
    with ThreadPoolExecutor(200) as threads:
        lists = list(threads.map(read, appids * 4))

    assert lists == [("https://a.example.com",)] * 200
    assert sorted(source.asked) == sorted(appids * 2)
    bench.client.close()


def ask_together(monkeypatch, tokens, source, callers):
    """Let callers ask for one token; the source answers once all but the first wait for its answer."""
    waiting = threading.Semaphore(0)
    answer = source.answer

    class Counting(Future[str]):
        """A question that tells when somebody waits for its answer."""

        def result(self, timeout=None):
            """Count, and wait."""
            waiting.release()
            return super().result(timeout)

    def answer_late(appid, number):
        for _ in range(callers - 1 if number == 1 else 0):
            assert waiting.acquire(timeout=10)
        return answer(appid, number)

    monkeypatch.setattr(keeper, "Future", Counting)
    source.answer = answer_late

    def ask(_number):
        try:
            return tokens.token(APPID)
        except BaseException as error:  # noqa: BLE001 - compared by the test
            return error

    with ThreadPoolExecutor(callers) as threads:
        return list(threads.map(ask, range(callers)))


def test_those_who_wait_for_a_token_that_cannot_be_had_share_the_failure(clock, monkeypatch):
    """Nobody asks anew: operations on one app would otherwise wait for the time limit one after the other."""
    refused = NotSent(Call(APPID, "fetch"), "host", "refused")
    source = Source(answer=lambda *_: refused)

    errors = ask_together(monkeypatch, Tokens(source, clock.attempts()), source, 4)

    assert len(source.asked) == 4  # the tries of one question
    assert [type(error) for error in errors] == [TokenUnavailable] * 4
    assert {str(error) for error in errors} == {f"{APPID}: no access token is available: {refused}"}
    assert [error.__cause__ for error in errors] == [refused] * 4


def test_a_shared_failure_takes_the_facts_of_one_caller_alone(clock, monkeypatch):
    """Each operation adds what it has written by then, to an error of its own."""
    source = Source(answer=lambda *_: wechat_error(Call(APPID, "fetch"), 61023, "no", None))

    errors = ask_together(monkeypatch, Tokens(source, clock.attempts()), source, 3)
    reported = errors[0].adding("a fact")

    assert (reported.facts, str(reported)) == (("a fact",), f"{errors[0]}\n  a fact")
    assert [error.facts for error in errors] == [()] * 3
    assert {(type(error), error.errcode) for error in (reported, *errors)} == {(Offboarded, 61023)}


def test_a_caller_that_is_ended_leaves_nobody_waiting(clock, monkeypatch):
    """As by Ctrl-C: whoever waited for its answer hears that the run has ended."""

    def end(*_):
        raise KeyboardInterrupt

    source = Source(answer=end)

    errors = ask_together(monkeypatch, Tokens(source, clock.attempts()), source, 2)

    assert sorted(type(error).__name__ for error in errors) == ["Interrupted", "KeyboardInterrupt"]


@pytest.mark.parametrize(("given", "asked"), [(["old", "new"], 2), (["old", "old", "new"], 2)])
def test_an_answer_from_before_a_rejection_is_asked_for_again_once(clock, monkeypatch, given, asked):
    """The question was under way when WeChat rejected the very token that it brings."""
    source = Source(answer=lambda _, number: given[number - 1])
    tokens = Tokens(source, clock.attempts())
    late = threading.Event()
    answer = source.answer

    class Joined(Future[str]):
        """A question that tells when somebody waits for its answer."""

        def result(self, timeout=None):
            """Tell, and wait."""
            late.set()
            return super().result(timeout)

    def answer_late(appid, number):
        assert late.wait(timeout=10)
        return answer(appid, number)

    monkeypatch.setattr(keeper, "Future", Joined)
    source.answer = answer_late
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(tokens.token, APPID)
        while APPID not in tokens._questions:
            pass
        second = threads.submit(tokens.token, APPID, rejected="old")

    assert (first.result(), second.result()) == ("old", given[1])
    assert len(source.asked) == asked


def test_the_time_limit_holds_for_the_token_that_another_one_needs(clock):
    """A platform's own token, which is asked for late, gets what is left of the 60 seconds."""
    busy = TokenUnavailable(OTHER, "busy", passing=True)
    begun = []

    def fail_late(*_):
        begun.append(clock.now)
        clock.now += 25
        return busy

    attempts = clock.attempts()
    platform = Tokens(Source(answer=fail_late), attempts)

    def ask_platform(*_):
        clock.now += 30
        return platform.token(OTHER)

    with pytest.raises(TokenUnavailable):
        Tokens(Source(answer=ask_platform), attempts).token(APPID)

    assert len(begun) == 2
    assert max(begun) < FETCH_SECONDS
    with pytest.raises(TokenUnavailable):
        platform.token(OTHER)
    assert len(begun) == 5


def test_an_interrupted_run_asks_for_no_token(clock):
    """Neither at first nor again."""
    attempts = clock.attempts()

    def interrupt(*_):
        attempts.interruption.interrupt()
        return TokenUnavailable(APPID, "busy", passing=True)

    source = Source(answer=interrupt)
    for _ in range(2):
        with pytest.raises(Interrupted):
            Tokens(source, attempts).token(APPID)

    assert len(source.asked) == 1


def command(program, seconds=30.0):
    """A source that runs a Python program."""
    return CommandTokens((sys.executable, "-c", program), seconds)


def test_a_command_prints_the_token_of_the_appid_in_its_environment():
    """The variable `WECHAT_APPID` names it; nothing is to be read from stdin."""
    program = "import os, sys; print(sys.stdin.read() + os.environ['WECHAT_APPID'] + '-token')"

    assert command(program).fetch(APPID) == Token(f"{APPID}-token")


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (
            f"import sys; print('{CANARY}'); sys.stderr.write('1\\n2\\n3\\n4\\n5\\naccess_token={CANARY}'); sys.exit(3)",
            "ended with exit status 3\n  stderr: 2\n  stderr: 3\n  stderr: 4\n  stderr: 5\n  stderr: access_token=***",
        ),
        ("import os; os.kill(os.getpid(), 9)", "ended with signal 9"),
        (f"print('no {CANARY}')", "printed is more than one word"),
        ("import sys; sys.stderr.write('log in first')", "printed is empty\n  stderr: log in first"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "printed is UTF-16 text; UTF-8 is expected"),
    ],
)
def test_a_command_that_gives_no_token_shows_its_stderr_redacted(program, problem):
    """Its end and the last five lines of stderr; stdout never."""
    with pytest.raises(TokenUnavailable) as failed:
        command(program).fetch(APPID)

    assert str(failed.value).startswith(f"{APPID}: wechat-miniprogram:accessTokenCommand: ")
    assert problem in str(failed.value)
    assert CANARY not in str(failed.value)


def test_a_program_that_cannot_run_is_named(tmp_path):
    """A file that is there, and why it cannot run."""
    (tmp_path / "get-token").write_bytes(b"\x7fELF")
    (tmp_path / "get-token").chmod(0o700)

    with pytest.raises(TokenUnavailable, match=": get-token cannot be started: Exec format error"):
        CommandTokens((f"{tmp_path}/get-token",), 1).fetch(APPID)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("no-such-program", "the command cannot be started: No such file or directory"),
        ("/no/such/get-token.py", "the command cannot be started: No such file or directory"),
        (CANARY, "the command cannot be started: No such file or directory"),
        (CANARY * 3, "the command cannot be started: No such file or directory"),
        (
            f"/no/such/get --password {CANARY}",
            "the command cannot be started: No such file or directory. Its first word contains spaces: give a "
            "JSON array with one entry for each word",
        ),
        ("no-such-\udc80", "the command cannot be started: No such file or directory"),
        ("no-such-\ud800", "the command cannot be started: UnicodeEncodeError"),
    ],
)
def test_of_a_command_no_more_is_shown_than_the_programs_name(word, shown):
    """What is not a program may be a token, or a whole command in wrong quotes."""
    with pytest.raises(TokenUnavailable) as failed:
        CommandTokens((word, CANARY), 1).fetch(APPID)

    assert str(failed.value) == f"{APPID}: wechat-miniprogram:accessTokenCommand: {shown}"


@pytest.mark.parametrize(
    ("argument", "printed"),
    [
        ("http://127.0.0.1:1/t?k=word-one", "curl http://127.0.0.1:1/t?k=word-one"),
        ("http://127.0.0.1:1/t?k=word-one", "no access for word-one here"),
        ("http://127.0.0.1:1/t?k=word%2Done", "no access for word-one here"),
        ("-pword-one", "+ mysql -pword-one"),
        ("curl -H 'X-Any: word-one' https://e.com", "curl: bad header X-Any: word-one"),
        ("{'x': 'word-one'}", "got word-one"),
    ],
)
def test_what_a_command_repeats_of_its_own_words_is_masked(argument, printed):
    """As `set -x` and `curl -v` do; by no name can one tell that it is a key."""
    with pytest.raises(TokenUnavailable) as failed:
        CommandTokens((sys.executable, "-c", f"import sys; sys.exit({printed!r})", argument), 30).fetch(APPID)

    assert "***" in str(failed.value)
    assert "word-one" not in str(failed.value)


def test_what_tells_why_a_command_failed_stays(tmp_path):
    """The name of its program, of an option, and the appid; what stdout holds does not."""
    (tmp_path / "get").write_text(
        f"#!/bin/sh\necho {APPID} so-it-is; echo get: {APPID}: no option $1 so-it-is >&2"
    )
    (tmp_path / "get").chmod(0o700)

    with pytest.raises(TokenUnavailable) as failed:
        CommandTokens((f"{tmp_path}/get", "--option", f"{APPID}:", "--option"), 30).fetch(APPID)

    assert str(failed.value).endswith(f"stderr: get: {APPID}: no option --option ***")


def test_a_command_whose_outputs_share_a_beginning_is_masked_in_time():
    """Each word of stdout is searched for in stderr: 64 KiB of both."""
    program = (
        "import sys; print(*(f'aaaaaaaa{number:05}' for number in range(4600)));"
        "sys.stderr.write('a' * 65_000); sys.exit(1)"
    )
    began = time.process_time()

    with pytest.raises(TokenUnavailable, match="exit status 1"):
        command(program).fetch(APPID)

    assert time.process_time() - began < 5


def test_of_a_long_stderr_the_end_is_shown():
    """A program says last why it gave up; the line of which the beginning is gone is left out."""
    program = "import sys; sys.stderr.write('x' * 100_000 + '\\nlast line'); sys.exit(1)"

    with pytest.raises(TokenUnavailable) as failed:
        command(program).fetch(APPID)

    assert str(failed.value).endswith("ended with exit status 1\n  stderr: last line")


def test_what_a_command_prints_twice_is_masked_in_its_own_stderr_alone():
    """Ordinary words of a failing command are no secret of the process."""
    program = "import sys; print('permission denied'); sys.stderr.write('permission denied'); sys.exit(1)"

    with pytest.raises(TokenUnavailable) as failed:
        command(program).fetch(APPID)

    assert str(failed.value).endswith("stderr: *** denied")
    assert mask("permission") == "permission"


def test_a_command_that_hangs_is_ended_with_its_children():
    """A child that keeps the pipes open does not keep the operation."""
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import signal; signal.pause()'])"

    with pytest.raises(
        TokenUnavailable, match=r"did not end within 0.3 s \(wechat-miniprogram:requestTimeout\)"
    ):
        command(child, seconds=0.3).fetch(APPID)


def test_a_command_that_leaves_something_running_ends_in_time():
    """A grandchild with a session of its own keeps the pipes open, and nobody waits for it."""
    program = "import os, signal; os.fork() or (os.setsid(), signal.alarm(5), signal.pause()); print('t-1')"

    with pytest.raises(
        TokenUnavailable, match=r"did not end within 0.3 s \(wechat-miniprogram:requestTimeout\)"
    ):
        command(program, seconds=0.3).fetch(APPID)


@pytest.mark.parametrize(
    "program",
    [
        "trap '' TERM INT HUP; while :; do sleep 9; done",
        "exec >&- 2>&-; sleep 9",
        "while :; do echo; done",
        "yes >&2 & yes",
    ],
)
def test_no_command_outlives_its_time(program):
    """Not by ignoring signals, by closing its output, by a drip or by a flood of it."""
    began = time.monotonic()

    with pytest.raises(TokenUnavailable, match="did not end within 0.3 s"):
        CommandTokens(("sh", "-c", program), 0.3).fetch(APPID)

    assert time.monotonic() - began < 1.3


@pytest.mark.parametrize("program", ["sleep 9", "exec >&- 2>&-; sleep 9"])
def test_an_interruption_ends_a_command(tmp_path, program):
    """With its children, whether or not its output is still open."""
    os.mkfifo(tmp_path / "life")
    interruption = Interruption()
    words = ("sh", "-c", f"exec 3>{tmp_path}/life; echo >&3; {program}")
    began = time.monotonic()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(CommandTokens(words, 30, interruption=interruption).fetch, APPID)
        with (tmp_path / "life").open() as life:
            life.readline()
            interruption.interrupt()
            assert isinstance(running.exception(timeout=5), Interrupted)
            assert life.read() == ""  # until nobody holds it open

    assert time.monotonic() - began < 5


def test_no_command_is_started_while_the_process_ends(monkeypatch):
    """Nobody would end it."""
    running = command_module._Running()
    monkeypatch.setattr(command_module, "_RUNNING", running)
    running.end_all()

    with pytest.raises(Interrupted):
        CommandTokens(("true",), 1).fetch(APPID)


def test_the_end_of_the_process_ends_commands_of_threads_that_it_cuts_off(tmp_path):
    """A daemon thread runs no `finally` then."""
    os.mkfifo(tmp_path / "life")
    words = ("sh", "-c", f"exec 3>{tmp_path}/life; echo >&3; sleep 9")
    program = (
        "import threading\n"
        "from pulumi_wechat_miniprogram.wechat.tokens.command import CommandTokens\n"
        f"fetch = CommandTokens({words!r}, 30).fetch\n"
        "threading.Thread(target=fetch, args=('wx',), daemon=True).start()\n"
        "input()\n"
    )
    began = time.monotonic()

    with (
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as process,
        (tmp_path / "life").open() as life,
    ):
        life.readline()
        process.communicate(b"\n", timeout=5)
        assert life.read() == ""

    assert process.returncode == 0
    assert time.monotonic() - began < 8


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # as it says
def test_a_command_that_may_not_be_ended_is_left(monkeypatch):
    """As one that runs as another user, by sudo: it is not waited for either."""
    left = []

    def refuse(pid, _signal):
        left.append(pid)
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "killpg", refuse)
        began = time.monotonic()
        with pytest.raises(TokenUnavailable, match="did not end within 0.2 s"):
            CommandTokens(("sleep", "2"), 0.2).fetch(APPID)

    assert time.monotonic() - began < 1.8
    os.waitpid(left[0], 0)


def test_a_command_that_never_stops_printing_fills_no_memory():
    """What is of no use is dropped, and the end comes in time."""
    with pytest.raises(TokenUnavailable, match="did not end within 0.5 s"):
        CommandTokens(("yes",), 0.5).fetch(APPID)


def service(answer, url=f"https://t.example.com/tokens/{{appid}}?key={CANARY}", bearer=None):
    """A source whose token service answers as the test says."""
    settings = Settings(access_token_url=url, access_token_url_bearer=bearer and SecretStr(bearer))
    return UrlTokens(settings, url, transport=httpx.MockTransport(answer))


def test_the_appid_may_stand_in_the_query():
    """It is not secret, and is shown."""
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(200, text="t-1")

    assert service(answer, url="https://t.example.com/?app={appid}").fetch(APPID) == Token("t-1")
    assert asked == [f"https://t.example.com/?app={APPID}"]


def test_a_token_service_is_asked_for_the_appid_with_the_bearer():
    """The appid is where the URL says, and nowhere else."""
    asked = []

    def answer(request):
        asked.append((str(request.url), request.headers["authorization"]))
        return httpx.Response(200, json={"access_token": "t-1", "expires_in": 100})

    assert service(answer, bearer=CANARY).fetch(APPID) == Token("t-1", 100)
    assert asked == [(f"https://t.example.com/tokens/{APPID}?key={CANARY}", f"Bearer {CANARY}")]


def test_a_key_in_the_url_shows_in_no_text(caplog):
    """Not in the settings' repr, and not in the library's log of the whole URL."""
    source = service(lambda _request: httpx.Response(200, text="t-1"))

    with caplog.at_level(logging.DEBUG):
        source.fetch(APPID)

    assert f"https://***{APPID}?key=***" in caplog.text
    assert CANARY not in caplog.text + repr(Settings(access_token_url=f"https://e.com/{{appid}}?k={CANARY}"))


@pytest.mark.parametrize(
    "url",
    [
        "https://t.example.com/hook/plain-words/{appid}",
        "https://t.example.com/{appid}/plain-words",
        "https://t.example.com/plain-words?app={appid}",
        "https://t.example.com/{appid}?k=plain-words",
        "https://t.example.com/?plain-words{appid}",
    ],
)
@pytest.mark.parametrize(
    "answer", [httpx.Response(403), httpx.ConnectError("no way"), httpx.Response(200, text="")]
)
def test_of_a_url_the_host_is_shown(caplog, url, answer):
    """A hook may have its key in the path. Nor does the library's log show it."""

    def respond(request):
        logging.getLogger("httpx").info("GET %s", request.url)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with caplog.at_level(logging.DEBUG), pytest.raises(TokenUnavailable) as failed:
        service(respond, url=url).fetch(APPID)

    assert str(failed.value).startswith(f"{APPID}: wechat-miniprogram:accessTokenUrl: https://t.example.com")
    assert "t.example.com/" not in str(failed.value)
    assert "plain-words" not in str(failed.value) + caplog.text


def test_the_parameters_of_a_url_hide_nothing_else():
    """Only what looks like a credential is masked in other texts."""
    service(None, url="https://t.example.com/{appid}?environment=production&api_key=open-sesame&x=Zq7Kk2Lp9a")

    text = "environment production open-sesame Zq7Kk2Lp9a"
    assert mask(text) == "environment production *** ***"
    assert redact(text) == "environment production *** ***"


HTML = httpx.Response(200, html=f"<html>Log in {CANARY}</html>")


@pytest.mark.parametrize(
    ("answer", "problem", "passing"),
    [
        (HTML, ": its answer is HTML, such as a login page", False),
        (httpx.Response(200, text=f"a b {CANARY}"), ": its answer is more than one word", False),
        (
            httpx.Response(200, content=b"x" * 100_000),
            " gave an answer that cannot be used: it is longer than 65536 bytes",
            False,
        ),
        (httpx.Response(403, text=CANARY), " answered with HTTP status 403", False),
        (httpx.Response(429), " answered with HTTP status 429", True),
        (httpx.Response(502, text=CANARY), " answered with HTTP status 502", True),
        (
            httpx.ConnectError(f"no way ?access_token={CANARY}"),
            " gave no answer: no way ?access_token=***",
            True,
        ),
        (httpx.ReadTimeout(""), " gave no answer: ReadTimeout", True),
        (
            httpx.InvalidURL(f"no\n?access_token={CANARY}"),
            r" gave no answer: InvalidURL: no\n?access_token=***",
            True,
        ),
    ],
)
def test_a_token_service_that_gives_none(answer, problem, passing):
    """Which host was asked, without path and query, and what came; whether asking again may help."""

    def respond(_request):
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(TokenUnavailable) as failed:
        service(respond).fetch(APPID)

    where = f"{APPID}: wechat-miniprogram:accessTokenUrl: https://t.example.com"
    assert str(failed.value).startswith(where + problem)
    assert failed.value.passing == passing
    assert CANARY not in str(failed.value)


def test_a_token_service_that_redirects_is_not_followed():
    """Scheme and host are named, and nothing else of the address."""
    answer = answer_of("302 Found", f"Location: https://u:{CANARY}@login.example.com/{CANARY}?t={CANARY}")

    with Misbehaving(Script(parts=(answer,))) as server:
        source = UrlTokens(Settings(), f"{server.url}/{{appid}}")
        with pytest.raises(TokenUnavailable) as failed:
            source.fetch(APPID)

    assert str(failed.value).endswith(
        f"{server.url} redirects to https://login.example.com; configure the final URL"
    )


@pytest.mark.parametrize("header", ODD_HEADERS.values(), ids=ODD_HEADERS)
def test_a_token_service_that_answers_with_odd_headers_gives_no_token(header):
    """An app's link, or a cookie that Python cannot read: an error of ours, not of a library."""
    with Misbehaving(Script(parts=(answer_of("302 Found", header),))) as server:
        source = UrlTokens(Settings(), f"{server.url}/{{appid}}")
        with pytest.raises(
            TokenUnavailable, match=f"{server.url} (redirects to an address|answered with HTTP status)"
        ):
            source.fetch(APPID)


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        (["good"], None),
        (["old", "good"], None),
        (["old", "old"], TokenRejected),
        (["old", "older"], TokenRejected),
        (["busy", "busy", "good"], None),
        (["hang", "good"], None),
        (["hang"] * 4, TokenUnavailable),
        (["html"], TokenUnavailable),
        (["old", "html"], TokenUnavailable),
    ],
)
def test_a_token_service_in_every_mood(wechat_emulator, given, ends):
    """It hands out old tokens, is busy, hangs or answers HTML: one renewal for a rejected token, and an end."""
    answers = {
        "good": httpx.Response(200, text=f"emulator-{APPID}"),
        "old": httpx.Response(200, text="old-token"),
        "older": httpx.Response(200, text="older-token"),
        "busy": httpx.Response(503),
        "hang": httpx.ReadTimeout("timed out"),
        "html": HTML,
    }
    moods = iter(given)

    def respond(_request):
        answer = answers[next(moods)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    bench = Bench(wechat_emulator, service(respond))

    with pytest.raises(ends) if ends else nullcontext():
        bench.client.live(APPID)

    assert list(moods) == []
    bench.client.close()


def test_a_token_service_that_ends_its_tokens_after_each_call(wechat_emulator):
    """Each call renews once and goes through: the new token is good for one."""
    tokens = [f"token-{number}" for number in range(9)]
    wechat_emulator.seed(APPID, token=tokens[0])
    given = iter(tokens)
    bench = Bench(wechat_emulator, service(lambda _request: httpx.Response(200, text=next(given))))
    bench.control.seed(APPID, token=tokens[0])

    for number in range(1, 4):
        bench.client.live(APPID)
        bench.control.seed(APPID, token=tokens[number])

    assert bench.calls == ["get", "get", "get", "get", "get"]
    bench.client.close()


def open_with(clock, **settings):
    """Tokens as the settings have them, and a wire without a server."""
    chosen = Settings(endpoint="http://127.0.0.1:9", **settings)
    wire = Wire(chosen, attempts=clock.attempts(), warn=print)
    return open_tokens(chosen, wire, warn=print)


@pytest.mark.parametrize(
    "settings",
    [
        {"access_token": "t-1", "access_token_appid": APPID},
        {"access_tokens": {APPID: "t-1"}},
        {"access_token_command": [sys.executable, "-c", "print('t-1')"]},
    ],
)
def test_the_settings_choose_the_source(clock, settings):
    """Each gives the token of its own app."""
    assert open_with(clock, **settings).token(APPID) == "t-1"


def test_a_url_in_the_settings_is_asked(clock):
    """A closed port is a busy service: tried four times, then reported."""
    tokens = open_with(clock, access_token_url="http://127.0.0.1:9/{appid}")

    with pytest.raises(TokenUnavailable, match="accessTokenUrl: http://127.0.0.1:9 gave no"):
        tokens.token(APPID)

    assert len(clock.pauses) == 3


@pytest.mark.parametrize(
    "settings", [{"access_token": "t-1", "access_token_appid": APPID}, {"access_tokens": {APPID: "t-1"}}]
)
def test_an_app_without_a_token(clock, settings):
    """The error names the appids that have one."""
    with pytest.raises(TokenUnavailable) as none:
        open_with(clock, **settings).token(OTHER)

    assert (
        str(none.value) == f"{OTHER}: the configured access tokens belong to {APPID}; add one for this appid"
    )


def test_no_source_at_all(clock):
    """Every way is named, and where to read on."""
    with pytest.raises(TokenUnavailable) as none:
        open_with(clock).token(APPID)

    assert str(none.value) == (
        f"{APPID}: no access token is configured. Set one of WECHAT_MINIPROGRAM_ACCESS_TOKEN, "
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS, WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND, "
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL, WECHAT_MINIPROGRAM_COMPONENT_APPID (in stack config "
        "wechat-miniprogram:accessToken and so on): https://github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram/blob/main/docs/guides/credentials.md"
    )


def test_an_empty_map_of_tokens_belongs_to_nobody(clock):
    """A JSON object without entries is a source without tokens."""
    with pytest.raises(TokenUnavailable, match="the access tokens are an empty map; add one for this appid"):
        open_with(clock, access_tokens={}).token(APPID)


def test_a_token_file_that_is_gone_is_reported(clock, tmp_path):
    """When it is used, by its path."""
    tokens = open_with(clock, access_tokens=json.dumps({APPID: f"file:{tmp_path / 'gone'}"}))

    with pytest.raises(SettingsError, match="gone cannot be read: No such file or directory"):
        tokens.token(APPID)


def test_a_wechat_out_of_reach_gives_no_component_token(clock):
    """Tried four times; the text says which call found nobody."""
    tokens = open_with(
        clock,
        component_appid=OTHER,
        component_appsecret=CANARY,
        component_verify_ticket=CANARY,
        authorizer_refresh_tokens={APPID: CANARY},
    )

    with pytest.raises(TokenUnavailable) as failed:
        tokens.token(APPID)

    assert (
        "no access token is available: fetch of the component access token for wxfedcba9876543210 not sent"
        in str(failed.value)
    )
    assert CANARY not in str(failed.value)
