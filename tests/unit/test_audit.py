"""The audit log: a line for each write, whatever becomes of it."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import threading

import httpx
import pytest

from pulumi_wechat_miniprogram.lifecycle.reconcile import HalfDone, Recorded
from pulumi_wechat_miniprogram.lifecycle.server_domain import read_server
from pulumi_wechat_miniprogram.safety.audit import FIELDS, AuditLog, acting, read_lines, unwritable, who
from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.settings import SettingsError
from pulumi_wechat_miniprogram.wechat.errors import Call, CallFailed
from pulumi_wechat_miniprogram.wechat.models import Reply
from pulumi_wechat_miniprogram.wechat.wire import Post
from tests.bench import APPID, A, B, Bench, C, RotatingTokens, declare

FACTS = {"appid": APPID, "action": "add", "domains": (A,), "result": "done", "errcode": 0, "refused": ()}


@pytest.fixture
def path(tmp_path):
    """Where the log is."""
    return tmp_path / "audit.jsonl"


@pytest.fixture
def bench(wechat_emulator, path):
    """A bench that keeps an audit log."""
    bench = Bench(wechat_emulator, live=[A], audit_log=path, max_attempts=2)
    yield bench
    bench.use.close()


def lines(path):
    """What the log says."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def reported(path, *names):
    """Some fields of each line."""
    return [tuple(line[name] for name in names) for line in lines(path)]


def recorded(*domains):
    """The state of a resource that owns these."""
    return Recorded(APPID, domains, effective_domains=domains, added_domains=domains)


def test_each_write_is_a_line(bench, path):
    """With the list before and after; reads are none."""
    bench.use.update(recorded(A), declare(B, name="shop"))

    assert reported(path, "operation", "action", "domains", "before", "after", "result", "errcode") == [
        ("update", "add", [B], [A], [A, B], "done", 0),
        ("update", "delete", [A], [A, B], [B], "done", 0),
    ]
    assert (
        reported(path, "version", "appid", "list", "resource", "stack", "urn", "refused")
        == [(1, APPID, "webview", "shop", None, None, [])] * 2
    )
    assert [*lines(path)[0]] == [*FIELDS]


def test_a_refused_write_is_a_line(bench, path):
    """With errcode and rid; what WeChat took of several domains is not known."""
    bench.control.fault(action="add", errcode=86103)
    with pytest.raises(CallFailed):
        bench.use.update(recorded(A), declare(A, B))
    bench.control.fault(action="add", errcode=86103)
    with pytest.raises(CallFailed):
        bench.use.update(recorded(A), declare(A, B, C))

    assert reported(path, "domains", "before", "after", "result", "errcode") == [
        ([B], [A], [A], "refused", 86103),
        ([B, C], [A], None, "refused", 86103),
    ]
    first, second = lines(path)
    assert first["error"].startswith(f"add of 1 domain for {APPID} refused: ")
    assert first["rid"] != second["rid"]
    assert first["resource"] is None


def test_a_write_in_doubt_is_a_line(bench, path):
    """And the one that follows it."""
    bench.line.fail(1, "after", httpx.ReadError("cut"))

    bench.use.update(recorded(A), declare(A, B))

    assert reported(path, "action", "after", "result", "errcode", "rid") == [
        ("add", None, "in doubt", None, None)
    ]
    assert bench.control.live(APPID) == [A, B]


def test_a_write_that_was_not_sent_is_a_line(bench, path):
    """Since the user asked for it; the list is as before."""
    bench.line.fail(1, "before", httpx.ConnectError("refused"))

    bench.use.update(recorded(A), declare(A, B))

    assert reported(path, "result", "after") == [("not sent", [A]), ("done", [A, B])]


def test_the_end_of_the_process_during_a_write_is_a_line(bench, path):
    """SIGTERM ends it as SystemExit does."""
    bench.line.fail(1, "before", SystemExit(143))

    with pytest.raises(SystemExit):
        bench.use.update(recorded(A), declare(A, B))

    assert reported(path, "result", "error") == [("in doubt", "the process was ended")]


def test_an_interruption_before_a_write_is_no_line(bench, path):
    """Nothing was sent."""
    bench.attempts.interruption.interrupt()

    with pytest.raises(Interrupted):
        bench.client._wire.post(Post(Call(APPID, "add", (B,)), "/wxa/setwebviewdomain_directly"), Reply)

    assert lines(path) == []


def test_a_rejected_token_is_a_line_and_no_token_is(wechat_emulator, path):
    """Each time something was sent; WeChat may repeat the token, and the log does not."""
    wechat_emulator.fault(action="add", errcode=40001, errmsg=f"invalid credential emulator-{APPID}")
    tokens = RotatingTokens(f"emulator-{APPID}", f"emulator-{APPID}", f"emulator-{APPID}-2")
    bench = Bench(wechat_emulator, tokens, live=[A], audit_log=path)

    with pytest.raises(CallFailed):
        bench.use.update(recorded(A), declare(A, B))
    bench.use.close()

    assert reported(path, "result", "errcode")[0] == ("refused", 40001)
    assert f"emulator-{APPID}" not in path.read_text(encoding="utf-8")


def test_what_wechat_left_out_is_named(wechat_emulator, path):
    """WeChat reports success, and what the list holds now is not known."""
    bench = Bench(wechat_emulator, audit_log=path)
    wechat_emulator.switch(server_partial="listed")
    wechat_emulator.unfiled("b.example.com")
    domains = tuple(read_server("request", f"https://{name}.example.com") for name in "ab")

    with pytest.raises(HalfDone):
        bench.use.of("server").create(declare(*domains, managed=("request",)))
    bench.use.close()

    assert reported(path, "list", "result", "errcode", "refused", "after") == [
        ("server", "done", 0, ["https://b.example.com"], None)
    ]


def test_a_file_that_cannot_be_written_stops_the_write(wechat_emulator, tmp_path):
    """Nothing is sent that nobody would know of; the error names the setting."""
    bench = Bench(wechat_emulator, live=[A], audit_log=tmp_path / "no/audit.jsonl")
    bench.control.clear_calls()

    with pytest.raises(SettingsError) as refused:
        bench.use.update(recorded(A), declare(A, B))
    bench.use.close()

    assert bench.control.writes() == []
    assert str(refused.value) == (
        f"wechat-miniprogram:auditLog: {tmp_path}/no/audit.jsonl cannot be written: No such file or "
        f"directory\n  Therefore this call was not sent: add of 1 domain for {APPID}. Make the file "
        "writable, then run the command again."
    )


def test_a_line_that_cannot_be_added_is_a_warning_and_the_last_write(bench, path):
    """The write is done, so the state has to know of it; the next one is not sent."""
    path.write_text("x\n", encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(HalfDone, match="an earlier line could not be added") as refused:
            bench.use.update(recorded(A), declare(B))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert bench.control.live(APPID) == [A, B]
    assert "Part of this change has been written" in str(refused.value)
    assert bench.warnings == [
        f"wechat-miniprogram:auditLog: {path} could not be extended: No space left on device. The missing "
        f"line records the add of 1 domain for {APPID}, done: {B}. This process will not write to WeChat "
        "again"
    ]
    assert path.read_text(encoding="utf-8") == "x\n"


def test_a_full_disk_leaves_no_half_a_line(path):
    """Also where not one byte fits."""
    path.write_text("x\n", encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            AuditLog(path).add(FACTS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert path.read_text(encoding="utf-8") == "x\n"


def test_a_line_that_a_killed_process_left_is_ended(path):
    """Nothing is changed in it, and the next line is whole."""
    path.write_text('{"version": 1, "ti', encoding="utf-8")

    AuditLog(path).add(FACTS)

    with path.open("rb") as file:
        assert [(number, bool(line)) for number, line in read_lines(file)] == [(1, False), (2, True)]


def test_a_rotated_file_is_left_alone(path):
    """Whoever moves it away need not tell this process."""
    log = AuditLog(path)
    log.add(FACTS)
    path.rename(f"{path}.1")
    log.add(FACTS)

    assert (len(lines(path)), len(lines(path.with_name("audit.jsonl.1")))) == (1, 1)


def test_many_writers_keep_their_lines_apart(path):
    """As the four threads of a plugin, and the stacks of a fleet."""
    log = AuditLog(path)
    threads = [
        threading.Thread(target=log.add, args=({**FACTS, "appid": f"{n:03}" * 500},)) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(line["appid"][:3] for line in lines(path)) == [f"{n:03}" for n in range(20)]


def test_a_lock_that_is_never_given_back_is_an_error(path):
    """After five seconds."""
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    log = AuditLog(path, clock=lambda: now[0], sleep=sleep)
    with path.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another process has held its lock for 5 s"):
            log.add(FACTS)

    assert 5 <= now[0] < 5.1


def test_what_is_no_file_is_refused(tmp_path):
    """A pipe without a reader is not waited for."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="it is not a regular file"):
        AuditLog(tmp_path / "pipe").check()


def test_only_its_owner_may_read_a_new_file(path):
    """Whoever wants others to read it makes it before."""
    AuditLog(path).check()

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_preview_can_tell_that_a_file_cannot_be_written(tmp_path):
    """Without making it."""
    (tmp_path / "there").touch()
    (tmp_path / "folder").mkdir()

    assert unwritable(tmp_path / "there") == unwritable(tmp_path / "new") == ""
    assert unwritable(tmp_path / "folder") == f"{tmp_path}/folder is not a regular file"
    assert unwritable(tmp_path / "no/new") == f"the folder {tmp_path}/no does not exist"
    assert [each.name for each in sorted(tmp_path.iterdir())] == ["folder", "there"]


def test_facts_of_a_block_are_those_of_its_lines(path):
    """Inner ones beside outer ones."""
    with acting(stack="shop/dev"):
        with acting(urn="urn", before=["x"]):
            AuditLog(path).add(FACTS)
        AuditLog(path).add(FACTS)

    assert reported(path, "stack", "urn", "before") == [("shop/dev", "urn", ["x"]), ("shop/dev", None, None)]


@pytest.mark.parametrize(
    ("variables", "run", "by"),
    [
        ({}, None, None),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "shop/domains",
                "GITHUB_RUN_ID": "7",
                "GITHUB_ACTOR": "octocat",
            },
            "https://github.com/shop/domains/actions/runs/7",
            "octocat",
        ),
        (
            {
                "GITLAB_CI": "true",
                "CI_JOB_URL": "https://gitlab.example.com/-/jobs/7",
                "GITLAB_USER_LOGIN": "root",
            },
            "https://gitlab.example.com/-/jobs/7",
            "root",
        ),
        (
            {"JENKINS_URL": "https://ci", "BUILD_URL": "https://u:s3cret-s3cret@ci/7"},
            "https://u:***@ci/7",
            None,
        ),
        (
            {
                "TF_BUILD": "True",
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/shop/",
                "SYSTEM_TEAMPROJECT": "domains",
                "BUILD_BUILDID": "7",
            },
            "https://dev.azure.com/shop/domains/_build/results?buildId=7",
            None,
        ),
    ],
)
def test_a_run_of_a_ci_system_is_named(variables, run, by):
    """From what it sets; a login in its address is masked."""
    known = who({"PULUMI_PROJECT": "shop", **variables})

    assert (known["project"], known["ci_run"], known["ci_user"]) == ("shop", run, by)


def test_a_user_without_a_name_is_a_number(monkeypatch):
    """As in a container."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", dict[int, str]().__getitem__)

    assert who({})["user"] == str(os.getuid())


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"version": 2}',
        json.dumps({**dict.fromkeys(FIELDS), "version": 1}).encode(),
    ],
    ids=lambda line: line[:20].decode(),
)
def test_what_is_no_line_is_distinguished(line):
    """Whatever it is."""
    assert list(read_lines([line])) == [(1, None)]
