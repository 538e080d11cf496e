"""Whatever ends a calibration, the lists are as they were: immediately, or after the next start."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.calibration import probes
from pulumi_wechat_miniprogram.calibration.app import NotRestored
from pulumi_wechat_miniprogram.calibration.journal import LATE_SECONDS, Entry, Journal, JournalUnreadable
from pulumi_wechat_miniprogram.calibration.probes import FEWEST_WRITES
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable
from tests.bench import Line
from tests.calibration.runs import APPID, FOREIGN, SERVED, Run, scene

FOR_EVER = 10_000


class Killed(BaseException):
    """The process is gone: nothing that it would still send arrives."""


class Meddling(Line):
    """A way on which others work too: right after the first write."""

    def __init__(self, meddle):
        """Know what they do."""
        super().__init__()
        self.meddle = meddle

    def handle_request(self, request):
        """Let them work once."""
        response = super().handle_request(request)
        if self.meddle and b"add" in request.read():
            self.meddle()
            self.meddle = None
        return response


def calls_of(control, folder, most):
    """How many calls a run makes, and which of them are writes."""
    scene(control, app=FOREIGN)
    with Run(control, folder) as run:
        run.write(most=most)
        control.clear_calls()
        run.write(most=most)
    return [call.action in {"add", "set", "delete"} for call in control.calls(APPID)]


def test_a_kill_at_any_call_is_made_good_by_the_next_start(wechat_emulator, tmp_path):
    """Before each call of a short run, and after each write of a long one."""
    places = [(6, number, "before") for number in range(len(calls_of(wechat_emulator, tmp_path, 6)))]
    writes = calls_of(wechat_emulator, tmp_path, 40)
    places += [(40, number, "after") for number, is_write in enumerate(writes) if is_write]
    for most, number, when in places:
        scene(wechat_emulator, app=FOREIGN)
        with Run(wechat_emulator, tmp_path) as run:
            before = run.lists()
            run.line.fail(number, when, Killed(), times=FOR_EVER)
            with pytest.raises(Killed):
                run.write(most=most)
            run.line.heal()
            run.open().restore(wechat_emulator.url)

            assert run.lists() == before, (most, number, when)
            run.now += LATE_SECONDS
            run.open().restore(wechat_emulator.url)
            assert list(tmp_path.iterdir()) == []


def test_an_interrupt_is_made_good_at_once(wechat_emulator, tmp_path):
    """After each write of a short run, whose answer did not come."""
    writes = calls_of(wechat_emulator, tmp_path, 8)
    for number in [number for number, is_write in enumerate(writes) if is_write]:
        scene(wechat_emulator, app=FOREIGN)
        with Run(wechat_emulator, tmp_path) as run:
            before = run.lists()
            run.line.fail(number, "after", KeyboardInterrupt())
            with pytest.raises(KeyboardInterrupt):
                run.write(most=8)

            assert run.lists() == before


def test_a_write_that_arrives_late_is_removed_by_a_later_start(wechat_emulator, tmp_path):
    """Nobody knows when a write without an answer takes effect, so the journal stays for a minute."""
    scene(wechat_emulator, app=FOREIGN)
    with Run(wechat_emulator, tmp_path) as run:
        run.line.fail(9, "before", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            run.write()
        run.now += LATE_SECONDS - 1
        assert run.open().restore(wechat_emulator.url) == []
        assert run.write().notes == [
            "a write of an interrupted run may still take effect: run this again in a minute"
        ]
        run.now += 1
        wechat_emulator.seed(APPID, **{**FOREIGN, "live": [*FOREIGN["live"], f"https://{SERVED}"]})

        assert run.open().restore(wechat_emulator.url) == [f"https://{SERVED}"]
        assert wechat_emulator.live(APPID) == FOREIGN["live"]
        assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_said_and_tried_again(wechat_emulator, tmp_path):
    """The journal stays until it is gone."""
    scene(wechat_emulator, app=FOREIGN)
    wechat_emulator.fault(action="delete", times=None, errcode=45009)
    with Run(wechat_emulator, tmp_path) as run:
        with pytest.raises(NotRestored) as raised:
            run.write()
        wechat_emulator.clear_faults()
        removed = run.open().restore(wechat_emulator.url)

    assert f"still there: https://{SERVED}" in str(raised.value)
    assert str(tmp_path / f"calibrate-{APPID}.json") in str(raised.value)
    assert removed == [f"https://{SERVED}"]
    assert SERVED not in str(wechat_emulator.state(APPID))


def test_a_journal_of_another_endpoint_is_kept(wechat_emulator, tmp_path):
    """What was added to the live service is not looked for in an emulator."""
    scene(wechat_emulator)
    with Run(wechat_emulator, tmp_path) as run:
        run.line.fail(9, "after", Killed(), times=FOR_EVER)
        with pytest.raises(Killed):
            run.write()
        run.line.heal()
        with pytest.raises(NotRestored, match="it was added at .*, and this is https://api.weixin.qq.com"):
            run.open().restore("https://api.weixin.qq.com")

        assert run.open().restore(wechat_emulator.url) == [f"https://{SERVED}"]


def test_a_host_that_is_on_a_list_is_left_alone(wechat_emulator, tmp_path):
    """In any spelling, on any list: it is neither written nor removed."""
    scene(wechat_emulator, app={"mp": [f"https://{SERVED}/"], "effective": []})
    with Run(wechat_emulator, tmp_path) as run:
        outcome = run.write(SERVED)

    assert outcome.notes[0] == f"left alone, since they are among the webview domains already: {SERVED}"
    assert not [call for call in wechat_emulator.writes(APPID) if "webview" in call.path]


@pytest.mark.parametrize("most", range(FEWEST_WRITES, 12))
def test_the_budget_is_kept_and_still_restores(wechat_emulator, tmp_path, most):
    """Each write counts, those that restore too."""
    scene(wechat_emulator)
    with Run(wechat_emulator, tmp_path) as run:
        before = run.lists()
        outcome = run.write(most=most)

        assert run.lists() == before
    assert len(wechat_emulator.writes(APPID)) == outcome.writes <= most
    assert any("--max-writes" in note for note in outcome.notes)


def test_a_change_by_others_ends_the_writes(wechat_emulator, tmp_path):
    """What they added stays."""
    scene(wechat_emulator)
    theirs = "https://theirs.example.org"
    with Run(wechat_emulator, tmp_path) as run:
        run.line = Meddling(lambda: wechat_emulator.seed(APPID, live=[theirs]))
        outcome = run.write()

    assert "domains that this run did not add have changed meanwhile" in outcome.notes[-1]
    assert wechat_emulator.live(APPID) == [theirs]
    assert [call.action for call in wechat_emulator.writes(APPID)] == ["add"]


def test_a_damaged_journal_stops_every_run(wechat_emulator, tmp_path):
    """Nobody knows what it held."""
    path = tmp_path / f"calibrate-{APPID}.json"
    path.write_bytes(b"{\xff")
    with Run(wechat_emulator, tmp_path) as run, pytest.raises(JournalUnreadable) as raised:
        run.open().restore(wechat_emulator.url)

    assert str(raised.value).startswith(f"{path}: damaged")


@pytest.mark.parametrize("mp", ["", '"mp_webviewdomain":null,'])
def test_what_no_list_shows_is_removed_all_the_same(wechat_emulator, tmp_path, mp):
    """Nothing more is written then, and never a `set`."""
    scene(wechat_emulator, switches={"get_state": "in-force"})
    body = f'{{"errcode":0,{mp}"direct_webviewdomain":[],"effective_webviewdomain":[]}}'
    wechat_emulator.fault("get_effective_webviewdomain", skip=2, times=None, body=body)
    with Run(wechat_emulator, tmp_path) as run:
        outcome = run.write()

    webview = [call.action for call in wechat_emulator.writes(APPID) if "webview" in call.path]
    assert webview == ["add", "delete"]
    assert wechat_emulator.live(APPID) == []
    assert outcome.notes[-1].startswith(f"WeChat accepted https://{SERVED}, and no list shows it")


def test_lists_that_are_not_proven_empty_see_no_set(wechat_emulator, tmp_path):
    """An answer may lack a way of configuring domains, and that way may have some."""
    scene(wechat_emulator)
    lists = (
        f'"direct_webviewdomain":["https://{SERVED}"],"third_webviewdomain":[],"effective_webviewdomain":[]'
    )
    wechat_emulator.fault("get_effective_webviewdomain", skip=2, times=None, body=f'{{"errcode":0,{lists}}}')
    with Run(wechat_emulator, tmp_path) as run, pytest.raises(NotRestored):
        run.write()

    webview = [call.action for call in wechat_emulator.writes(APPID) if "webview" in call.path]
    assert webview
    assert "set" not in webview


@pytest.mark.parametrize(
    ("answer", "sets"),
    [
        ('{"errcode":0,"prefetch_dns_domain":[],"size_limit":5}', 1),
        ('{"errcode":0,"prefetch_dns_domain":[{"url":"theirs.example.org","status":0}],"size_limit":5}', 0),
        ('{"errcode":0,"size_limit":5}', 0),
    ],
)
def test_prefetch_hosts_are_emptied_only_where_they_are_proven_empty(wechat_emulator, tmp_path, answer, sets):
    """Each write replaces the whole list."""
    scene(wechat_emulator)
    wechat_emulator.fault("get_prefetchdnsdomain", times=None, body=answer)
    with Run(wechat_emulator, tmp_path) as run:
        run.write()

    paths = [call.path for call in wechat_emulator.calls(APPID)]
    assert paths.count("/wxa/set_prefetchdnsdomain") == sets


LIVE = "https://shop.example.com"
LACKING = [
    (
        "get_effective_domain",
        '"mp_domain":{},"third_domain":{},"effective_domain":{}',
        {"server": {"direct": {"requestdomain": [LIVE]}}},
    ),
    (
        "get_effective_webviewdomain",
        '"mp_webviewdomain":[],"third_webviewdomain":[],"effective_webviewdomain":[]',
        {"live": [LIVE]},
    ),
    (
        "get_effective_webviewdomain",
        '"mp_webviewdomain":[],"third_webviewdomain":[],"direct_webviewdomain":[],'
        f'"effective_webviewdomain":[],"plugin_webviewdomain":["{LIVE}"]',
        {"live": [LIVE]},
    ),
]


@pytest.mark.parametrize(("endpoint", "lists", "app"), LACKING, ids=["server", "webview", "unknown list"])
def test_a_host_that_an_answer_leaves_out_is_left_alone(wechat_emulator, tmp_path, endpoint, lists, app):
    """What is on no list of an answer that lacks one may be on that one."""
    scene(wechat_emulator, app=app)
    wechat_emulator.fault(endpoint, times=None, body=f'{{"errcode":0,"errmsg":"ok",{lists}}}')
    wechat_emulator.fault(action="get", times=None, errcode=-1)
    with Run(wechat_emulator, tmp_path) as run:
        before = wechat_emulator.state(APPID)
        outcome = run.write(LIVE.removeprefix("https://"))
        wechat_emulator.clear_faults()

        assert any(
            "does not contain exactly the known lists of" in note and "nothing is written to them" in note
            for note in outcome.notes
        )
        assert wechat_emulator.state(APPID).direct == before.direct
        assert run.lists()[1].direct_domain.requestdomain == tuple(
            app.get("server", {}).get("direct", {}).get("requestdomain", ())
        )


def test_a_live_host_in_another_spelling_is_left_alone(wechat_emulator, tmp_path):
    """WeChat may show a name as it was written."""
    scene(wechat_emulator, app={"live": ["https://商店.example.com."]}, switches={"value_form": "echo"})
    with Run(wechat_emulator, tmp_path) as run:
        outcome = run.write("xn--czrs0t.example.com")

    assert "left alone, since they are among the webview domains already" in outcome.notes[0]
    assert wechat_emulator.live(APPID) == ["https://商店.example.com."]


def test_whatever_prevents_restoring_is_reported_with_the_way_out(wechat_emulator, tmp_path):
    """A token that is gone, too."""
    scene(wechat_emulator)
    with Run(wechat_emulator, tmp_path) as run:
        app = run.open()
        refused = TokenUnavailable(APPID, "the source is gone")
        run.line.fail(9, "before", refused, times=FOR_EVER)
        with pytest.raises(NotRestored) as raised:
            probes.write(app, (SERVED,), wechat_emulator.url, 20)

    assert "what calibrate added to" in str(raised.value)
    assert "delete served.example.org from the app's domains yourself" in str(raised.value)


def test_the_journal_of_another_app_is_not_followed(wechat_emulator, tmp_path):
    """Its hosts may be this app's own."""
    scene(wechat_emulator, app={"live": [LIVE]})
    entry = Entry(
        appid="wxfedcba9876543210",
        endpoint=wechat_emulator.url,
        webview_hosts=(LIVE.removeprefix("https://"),),
        server_hosts=(),
    )
    (tmp_path / f"calibrate-{APPID}.json").write_text(entry.model_dump_json(), encoding="utf-8")
    with (
        Run(wechat_emulator, tmp_path) as run,
        pytest.raises(NotRestored, match=("the journal belongs to wxfed")),
    ):
        run.open().restore(wechat_emulator.url)

    assert wechat_emulator.live(APPID) == [LIVE]


def test_only_one_run_at_a_time(tmp_path):
    """The other one would take its journal for that of a killed run."""
    journal = Journal(tmp_path / "new", APPID)
    with journal.held():
        running = "another `calibrate` of wx0123456789abcdef is running"
        with pytest.raises(UserError, match=running), Journal(tmp_path / "new", APPID).held():
            pass
        with Journal(tmp_path / "new", "wxfedcba9876543210").held():
            pass
    with journal.held():
        pass
