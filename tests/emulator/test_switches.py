"""Every switch in every position: one scenario, and what it shows in each."""

from __future__ import annotations

from typing import get_args

import pytest

from pulumi_wechat_miniprogram.emulator import Emulator
from pulumi_wechat_miniprogram.emulator.model.switches import Open, Profile, Switches, open_point
from tests.emulator.conftest import APPID, COMPONENT
from tests.emulator.flow import REFRESH_TOKEN, Flow

A, B, C = (f"https://{name}.example.com" for name in "abc")
D = "https://untrusted.example.com"


class Scene:
    """What a scenario may use: an app whose domains A and B are in force, and trusted hosts a, b, c."""

    def __init__(self, control, wechat):
        """Seed the app."""
        self.control = control
        self.wechat = wechat
        self.url = control.url
        self.flow = Flow(control, wechat)
        control.seed(APPID, live=[A, B])
        control.trust("a.example.com", "b.example.com", "c.example.com", "d")

    def write(self, action, *values):
        """The errcode of a write, the live list after it, and what is in force."""
        errcode = self.wechat.domains(self.url, action, *values)["errcode"]
        return errcode, self.control.live(APPID), self.control.effective(APPID)


def writing(action, *values):
    """A scenario of one write."""
    return lambda scene: scene.write(action, *values)


def shown(scene):
    """A get of an app that has domains of three ways."""
    scene.control.seed(APPID, live=[A], mp=[B], third=[C, A])
    return scene.wechat.domains(scene.url, "get")["webviewdomain"]


def shown_when_empty(scene):
    """A get of an empty list."""
    scene.control.seed(APPID)
    return scene.wechat.domains(scene.url, "get")


def set_again_without_files(scene):
    """A set of the same list when no host serves its file any more."""
    scene.control.trust()
    return scene.write("set", A, B)[0]


def previous_authorizer_token(scene):
    """The first token after a second one was fetched: at once, in 5 minutes, in 2 hours."""
    scene.flow.component_token()
    scene.control.advance(3600)
    scene.flow.authorizer_token()
    first = scene.flow.authorizer
    scene.control.advance(60)
    scene.flow.authorizer_token()
    seen = [scene.flow.get(first)]
    for seconds in (300, 6900):
        scene.control.advance(seconds)
        seen.append(scene.flow.get(first))
    return seen


def previous_component_token(scene):
    """The first component token after a second one was fetched: at once, in 5 minutes."""
    scene.flow.component_token()
    first = scene.flow.component
    scene.flow.component_token()
    page = {"component_appid": COMPONENT, "offset": 0, "count": 1}
    seen = [scene.flow.post("api_get_authorizer_list", first, **page).get("errcode", 0)]
    scene.control.advance(300)
    return [*seen, scene.flow.post("api_get_authorizer_list", first, **page).get("errcode", 0)]


def rotation(scene):
    """Whether the refresh token changes, and the old one after that: at once, in 5 minutes; the list."""
    given = scene.flow.authorizer_token()["authorizer_refresh_token"]
    seen = [given == REFRESH_TOKEN, scene.flow.authorizer_token().get("errcode", 0)]
    scene.control.advance(300)
    seen.append(scene.flow.authorizer_token().get("errcode", 0))
    newest = scene.flow.ask("api_get_authorizer_list", offset=0, count=1)["list"][0]["refresh_token"]
    again = scene.flow.authorizer_token(authorizer_refresh_token=newest)
    return [*seen, again.get("errcode", 0)]


def expired_component_token(scene):
    """A call with a component token after its two hours."""
    scene.flow.component_token()
    scene.control.advance(7200)
    return scene.flow.authorizer_token()["errcode"]


def wrong_secret(scene):
    """A component token with the wrong secret."""
    return scene.flow.component_token(component_appsecret="wrong")["errcode"]


def own_token(scene):
    """A domain endpoint with the account's own token."""
    sent = {"grant_type": "client_credential", "appid": APPID, "secret": f"emulator-secret-{APPID}"}
    answer = scene.wechat.call(scene.url, "/cgi-bin/stable_token", sent, None)
    return scene.flow.get(answer["access_token"])


CASES = [
    ("get_returns", "direct", shown, [A]),
    ("get_returns", "all", shown, [A, B, C]),
    ("add_existing", "reset", writing("add", A), (0, [A, B], [B])),
    ("add_existing", "noop", writing("add", A), (0, [A, B], [A, B])),
    ("add_existing", "error", writing("add", A), (89019, [A, B], [A, B])),
    ("delete_missing", "ok", writing("delete", C), (0, [A, B], [A, B])),
    ("delete_missing", "error", writing("delete", C), (89022, [A, B], [A, B])),
    ("set_empty", "clear", writing("set"), (0, [], [])),
    ("set_empty", "error", writing("set"), (85017, [A, B], [A, B])),
    ("duplicates", "dedupe", writing("set", A, A), (0, [A], [])),
    ("duplicates", "keep", writing("set", A, A), (0, [A, A], [])),
    ("duplicates", "error", writing("set", A, A), (40097, [A, B], [A, B])),
    ("multi_failure", "atomic", writing("add", C, "http://d"), (86100, [A, B], [A, B])),
    ("multi_failure", "non-atomic", writing("add", C, "http://d"), (86100, [A, B, C], [A, B])),
    ("new_effect", "on-release", writing("add", C), (0, [A, B, C], [A, B])),
    ("new_effect", "at-once", writing("add", C), (0, [A, B, C], [A, B, C])),
    ("delete_effect", "at-once", writing("delete", A), (0, [B], [B])),
    ("delete_effect", "on-release", writing("delete", A), (0, [B], [A, B])),
    ("empty_get", "list", shown_when_empty, {"errcode": 0, "errmsg": "ok", "webviewdomain": []}),
    ("empty_get", "omit", shown_when_empty, {"errcode": 0, "errmsg": "ok"}),
    ("value_form", "strict", writing("add", "c.example.com"), (86100, [A, B], [A, B])),
    ("value_form", "echo", writing("add", "c.example.com"), (0, [A, B, "c.example.com"], [A, B])),
    ("set_recheck", "recheck", set_again_without_files, 86103),
    ("set_recheck", "new-only", set_again_without_files, 0),
    ("missing_file", "86103", writing("add", D), (86103, [A, B], [A, B])),
    ("missing_file", "-1", writing("add", D), (-1, [A, B], [A, B])),
    ("previous_authorizer_token", "at-once", previous_authorizer_token, [40001, 40001, 40001]),
    ("previous_authorizer_token", "five-minutes", previous_authorizer_token, [0, 40001, 40001]),
    ("previous_authorizer_token", "until-expiry", previous_authorizer_token, [0, 0, 42001]),
    ("previous_component_token", "at-once", previous_component_token, [40001, 40001]),
    ("previous_component_token", "five-minutes", previous_component_token, [0, 40001]),
    ("previous_component_token", "until-expiry", previous_component_token, [0, 0]),
    ("refresh_token_rotation", "same", rotation, [True, 0, 0, 0]),
    ("refresh_token_rotation", "five-minutes", rotation, [False, 0, 61023, 0]),
    ("refresh_token_rotation", "at-once", rotation, [False, 61023, 61023, 0]),
    ("expired_component_token", "42001", expired_component_token, 42001),
    ("expired_component_token", "42006", expired_component_token, 42006),
    ("wrong_secret", "40125", wrong_secret, 40125),
    ("wrong_secret", "61006", wrong_secret, 61006),
    ("own_token", "48001", own_token, 48001),
    ("own_token", "86000", own_token, 86000),
]


def allowed(switch):
    """The positions that a switch takes."""
    return Switches.model_json_schema()["properties"][switch]["enum"]


@pytest.mark.parametrize(
    ("switch", "position", "scenario", "seen"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES]
)
def test_each_position_of_a_switch(wechat_emulator, wechat, switch, position, scenario, seen):
    """What a scenario shows in this position."""
    scene = Scene(wechat_emulator, wechat)
    wechat_emulator.switch(**{switch: position})

    assert scenario(scene) == seen


def test_every_position_has_a_case_and_differs():
    """No switch and no position goes untested, and no two positions of a switch show the same."""
    tested = [(switch, position) for switch, position, *_ in CASES]
    told_apart = {(switch, repr(seen)) for switch, _, _, seen in CASES}

    assert sorted(tested) == sorted(
        (switch, position) for switch in Switches.model_fields for position in allowed(switch)
    )
    assert len(told_apart) == len(CASES)


@pytest.mark.parametrize("switch", Switches.model_fields)
def test_a_switch_tells_what_it_is_about(switch):
    """Its question, the reason of its default, and a position that exists in each profile."""
    point = open_point(switch)

    assert isinstance(point, Open)
    assert point.question
    assert point.reason
    assert {point.strict, point.lenient, getattr(Switches(), switch)} <= set(allowed(switch))


@pytest.mark.parametrize("profile", get_args(Profile))
def test_a_profile_sets_every_switch(wechat_emulator, wechat, profile):
    """At the start or later; a switch given beside it wins."""
    wanted = {switch: getattr(open_point(switch), profile) for switch in Switches.model_fields}
    wechat_emulator.profile(profile)
    later = wechat.request("GET", f"{wechat_emulator.url}/_emulator/switches").json()
    with Emulator(profile=profile, switches={"own_token": "86000"}) as emulator:
        start = wechat.request("GET", f"{emulator.url}/_emulator/switches").json()

    assert later == wanted
    assert start == {**wanted, "own_token": "86000"}


def test_an_unknown_profile_is_refused(wechat_emulator):
    """At the start and later, with the two that there are."""
    with pytest.raises(ValueError, match="^profile: easy is unknown; there are strict and lenient$"):
        Emulator(profile="easy")  # type: ignore[arg-type] # a user may err
    with pytest.raises(ValueError, match="^profile: Input should be 'strict' or 'lenient'$"):
        wechat_emulator.profile("easy")


def test_switches_can_be_given_at_the_start_and_are_kept_apart(wechat):
    """A switch given at the start holds until another position is set; the others stay."""
    with Emulator(switches={"empty_get": "omit"}) as emulator:
        emulator.control.seed(APPID)
        emulator.control.switch(set_empty="error")

        assert "webviewdomain" not in wechat.domains(emulator.url, "get")
        assert wechat.domains(emulator.url, "set")["errcode"] == 85017


@pytest.mark.parametrize("switches", [{"colour": "red"}, {"empty_get": "maybe"}])
def test_an_unknown_switch_is_refused_at_the_start(switches):
    """A misspelt switch must not leave the default in place unseen."""
    with pytest.raises(ValueError, match=next(iter(switches))):
        Emulator(switches=switches)


def test_a_check_of_files_is_about_new_hosts(wechat_emulator, wechat):
    """An add of a host that is there, or a delete, asks for no file in either position."""
    scene = Scene(wechat_emulator, wechat)
    wechat_emulator.trust()

    assert scene.write("add", A)[0] == 0
    assert scene.write("delete", A)[0] == 0


def test_a_refused_write_is_logged_as_not_applied(wechat_emulator, wechat):
    """A part of it may have been, where writes are not atomic."""
    scene = Scene(wechat_emulator, wechat)
    scene.write("add", C, "http://d")
    wechat_emulator.switch(multi_failure="non-atomic")
    scene.write("add", C, "http://d")

    assert [(call.errcode, call.applied) for call in wechat_emulator.writes(APPID)] == [
        (86100, False),
        (86100, True),
    ]
