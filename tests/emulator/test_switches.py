"""Every switch in every position: one scenario, and what it shows in each."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.emulator.conftest import APPID, COMPONENT
from tests.emulator.flow import REFRESH_TOKEN, Flow
from wechat_miniprogram_emulator import Emulator
from wechat_miniprogram_emulator.model.open_point import Open, Profile
from wechat_miniprogram_emulator.model.switches import Switches, open_point

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

    def own_token(self):
        """The account's own token."""
        sent = {"grant_type": "client_credential", "appid": APPID, "secret": f"emulator-secret-{APPID}"}
        return self.wechat.call(self.url, "/cgi-bin/stable_token", sent, None)["access_token"]


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
    """The first token after a second one was fetched: immediately, in 5 minutes, in 2 hours."""
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
    """The first component token after a second one was fetched: immediately, in 5 minutes."""
    scene.flow.component_token()
    first = scene.flow.component
    scene.flow.component_token()
    page = {"component_appid": COMPONENT, "offset": 0, "count": 1}
    seen = [scene.flow.post("api_get_authorizer_list", first, **page).get("errcode", 0)]
    scene.control.advance(300)
    return [*seen, scene.flow.post("api_get_authorizer_list", first, **page).get("errcode", 0)]


def rotation(scene):
    """Whether the refresh token changes, and the old one after that: immediately, in 5 minutes; the list."""
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
    return scene.flow.get(scene.own_token())


def shown_states(scene):
    """A get while one domain waits for a release."""
    scene.write("add", C)
    return scene.wechat.domains(scene.url, "get")["webviewdomain"]


def answer_of_a_write(scene):
    """The whole answer of an add."""
    return scene.wechat.domains(scene.url, "add", C)


def host_without_filing(scene):
    """An add of a host below one that has no filing."""
    scene.control.unfiled("example.com")
    return scene.write("add", C)


def file_after_a_day(scene):
    """Whether the confirm file is the same on the next day."""
    before = scene.wechat.confirm_file(scene.url)["file_name"]
    scene.control.advance(86400)
    return scene.wechat.confirm_file(scene.url)["file_name"] == before


def sizes(scene):
    """The codes of sets of 100, 101, 200, 201, 300, 301 domains."""
    scene.control.trust("*")
    names = [f"https://h{n}.example.com" for n in range(301)]
    sent = [names[:size] for size in (100, 101, 200, 201, 300, 301)]
    return [scene.wechat.domains(scene.url, "set", *values)["errcode"] for values in sent]


def changes(scene):
    """The codes of 51 calls, each of which changes two domains."""
    scene.control.trust("*")
    names = [f"https://h{n}.example.com" for n in range(102)]
    return [scene.wechat.domains(scene.url, "add", *names[n : n + 2])["errcode"] for n in range(0, 102, 2)]


def changes_used_up(scene):
    """The code of the 51st change, and of one in the next month."""
    scene.control.switch(month_limit="50")
    used_up = changes(scene)[-1]
    scene.control.advance(31 * 86400)
    return used_up, scene.write("add", "https://next.example.com")[0]


def first_change_that_is_refused(scene):
    """The number of the first call that is refused, each of which changes two domains."""
    scene.control.switch(month_limit="50")
    return [errcode != 0 for errcode in changes(scene)].index(True)


def of_a_person(scene):
    """A get of a Mini Program that belongs to a person."""
    scene.control.seed(APPID, subject="personal")
    return scene.wechat.domains(scene.url, "get")["errcode"]


def held_by_a_hundred(scene):
    """An add of a host that a hundred apps of one other owner have."""
    apps = [{"appid": f"wx{n:016x}", "owner": "them", "live": [C]} for n in range(100)]
    scene.control.sow({"apps": apps})
    return scene.write("add", C)[0]


def in_force_after(scene):
    """Whether a new domain is in force after the write, a submit, a release."""
    seen = [C in scene.write("add", C)[2]]
    for step in (scene.control.submit, scene.control.release):
        step(APPID)
        seen.append(C in scene.control.effective(APPID))
    return seen


def shown_elsewhere(scene):
    """What two other endpoints show while one domain waits for a release."""
    scene.write("add", C)
    info = scene.flow.ask("api_get_authorizer_info", authorizer_appid=APPID)["authorizer_info"]
    answer = scene.wechat.call(scene.url, "/wxa/getwxadevinfo", {"action": "getbizdomain"})
    return info["MiniProgramInfo"]["network"]["BizDomain"], answer["bizdomain"]


def info_by_own_token(scene):
    """`getwxadevinfo` by the account's own token."""
    answer = scene.wechat.call(scene.url, "/wxa/getwxadevinfo", {}, scene.own_token())
    return answer["errcode"]


def mode_one(action, *values):
    """A scenario of one write in mode one: its code, and the list of mode one."""

    def scenario(scene):
        scene.control.platform(jump_hosts=["example.com"])
        scene.control.seed(APPID, third=[A, B])
        answer = scene.wechat.call(
            scene.url, "/wxa/setwebviewdomain", {"action": action, "webviewdomain": list(values)}
        )
        return answer["errcode"], list(scene.control.state(APPID).third)

    return scenario


def release_of_unlisted(scene):
    """The lists of mode one and of the console after a release, when the platform lists one host."""
    scene.control.platform(jump_hosts=["a.example.com"])
    scene.control.seed(APPID, live=[C], mp=[B], third=[A, B])
    scene.control.release(APPID)
    state = scene.control.state(APPID)
    return state.third, state.mp, state.effective


def nothing_left(scene):
    """A server domain in mode one that the platform does not list."""
    sent = {"action": "add", "requestdomain": [A]}
    return scene.wechat.call(scene.url, "/wxa/modify_domain", sent)["errcode"]


def server_write(action, before=None, **lists):
    """A scenario of one write of server domains in mode two: the answer without its rid."""

    def scenario(scene):
        scene.control.unfiled("b.example.com")
        scene.control.seed(
            APPID, server={"direct": before or {"requestdomain": [A], "udpdomain": ["udp://u.net"]}}
        )
        sent = {"action": action, **lists}
        answer = scene.wechat.call(scene.url, "/wxa/modify_domain_directly", sent)
        live = scene.wechat.call(scene.url, "/wxa/get_effective_domain", {})["direct_domain"]
        held = {kind: values for kind, values in live.items() if values}
        reported = {name: answer[name] for name in answer if name[:3] in ("inv", "no_") and answer[name]}
        return answer["errcode"], len(answer), held, reported

    return scenario


def platform_write(action, *values):
    """A scenario of one write on the platform's list: the answer without its rid."""

    def scenario(scene):
        scene.control.platform(jump_hosts=["a.example.com"])
        sent = {"action": action, "wxa_jump_h5_domain": ";".join(values)}
        answer = scene.flow.ask("modify_wxa_jump_domain", **sent)
        shown = answer.get("testing_wxa_jump_h5_domain"), answer.get("invalid_wxa_jump_h5_domain")
        return answer["errcode"], *shown

    return scenario


def published_together(scene):
    """A write on both lists of a platform that is not published: the code, and the list for testing."""
    scene.control.platform(published=False)
    sent = {"wxa_jump_h5_domain": "b.example.com", "is_modify_published_together": True}
    answer = scene.flow.ask("modify_wxa_jump_domain", action="add", **sent)
    listed = scene.flow.ask("modify_wxa_jump_domain", action="get")
    return answer["errcode"], listed["testing_wxa_jump_h5_domain"]


def deleted_in_mode_one(scene):
    """A delete of a server domain that mode one does not have: the code, and how many fields there are."""
    sent = {"action": "delete", "requestdomain": [A]}
    answer = scene.wechat.call(scene.url, "/wxa/modify_domain", sent)
    return answer["errcode"], len(answer)


def no_prefetch_hosts(scene):
    """The code of a call without hosts."""
    answer = scene.wechat.call(scene.url, "/wxa/set_prefetchdnsdomain", {"prefetch_dns_domain": []})
    return answer["errcode"]


def platform_get(scene):
    """The fields of a get of the platform's list."""
    return sorted(scene.flow.ask("modify_wxa_jump_domain", action="get"))


def prefetch_answer(scene):
    """The answer to a set of prefetch hosts."""
    sent = {"prefetch_dns_domain": [{"url": "a.example.com"}]}
    return scene.wechat.call(scene.url, "/wxa/set_prefetchdnsdomain", sent)


UDP = {"udpdomain": ["udp://u.net"]}
SET_SERVER = server_write("set", requestdomain=[C], udpdomain=[])
SET_ABSENT = server_write("set", requestdomain=[C])
ADD_SERVER = server_write("add", requestdomain=[C])
ADD_BAD = server_write("add", requestdomain=[B, C, "c.example.com"])

CASES = [
    ("get_returns", "direct", shown, [A]),
    ("get_returns", "all", shown, [A, B, C]),
    ("get_state", "configured", shown_states, [A, B, C]),
    ("get_state", "in-force", shown_states, [A, B]),
    ("write_answer", "bare", answer_of_a_write, {"errcode": 0, "errmsg": "ok"}),
    ("write_answer", "list", answer_of_a_write, {"errcode": 0, "errmsg": "ok", "webviewdomain": [A, B, C]}),
    ("add_existing", "reset", writing("add", A), (0, [A, B], [B])),
    ("add_existing", "noop", writing("add", A), (0, [A, B], [A, B])),
    ("add_existing", "error", writing("add", A), (89019, [A, B], [A, B])),
    ("delete_missing", "ok", writing("delete", C), (0, [A, B], [A, B])),
    ("delete_missing", "error", writing("delete", C), (89022, [A, B], [A, B])),
    ("set_unchanged", "accept", writing("set", B, A), (0, [B, A], [])),
    ("set_unchanged", "error", writing("set", B, A), (89019, [A, B], [A, B])),
    ("set_empty", "clear", writing("set"), (0, [], [])),
    ("set_empty", "error", writing("set"), (85017, [A, B], [A, B])),
    ("duplicates", "dedupe", writing("set", A, A), (0, [A], [])),
    ("duplicates", "keep", writing("set", A, A), (0, [A, A], [])),
    ("duplicates", "error", writing("set", A, A), (40097, [A, B], [A, B])),
    ("multi_failure", "atomic", writing("add", C, "http://d"), (86100, [A, B], [A, B])),
    ("multi_failure", "non-atomic", writing("add", C, "http://d"), (86100, [A, B, C], [A, B])),
    ("new_effect", "on-release", in_force_after, [False, False, True]),
    ("new_effect", "on-submit", in_force_after, [False, True, True]),
    ("new_effect", "at-once", in_force_after, [True, True, True]),
    ("delete_effect", "at-once", writing("delete", A), (0, [B], [B])),
    ("delete_effect", "on-release", writing("delete", A), (0, [B], [A, B])),
    ("empty_get", "list", shown_when_empty, {"errcode": 0, "errmsg": "ok", "webviewdomain": []}),
    ("empty_get", "omit", shown_when_empty, {"errcode": 0, "errmsg": "ok"}),
    ("value_form", "strict", writing("add", "c.example.com"), (86100, [A, B], [A, B])),
    ("value_form", "normalise", writing("add", "C.example.com/"), (0, [A, B, C], [A, B])),
    ("value_form", "echo", writing("add", "c.example.com"), (0, [A, B, "c.example.com"], [A, B])),
    ("bad_value", "86100", writing("add", "c.example.com"), (86100, [A, B], [A, B])),
    ("bad_value", "86103", writing("add", "c.example.com"), (86103, [A, B], [A, B])),
    ("bad_value", "85301", writing("add", "c.example.com"), (85301, [A, B], [A, B])),
    ("unfiled_host", "refuse", host_without_filing, (45082, [A, B], [A, B])),
    ("unfiled_host", "accept", host_without_filing, (0, [A, B, C], [A, B])),
    ("set_recheck", "recheck", set_again_without_files, 86103),
    ("set_recheck", "new-only", set_again_without_files, 0),
    ("missing_file", "86103", writing("add", D), (86103, [A, B], [A, B])),
    ("missing_file", "-1", writing("add", D), (-1, [A, B], [A, B])),
    ("confirm_file_life", "for-ever", file_after_a_day, True),
    ("confirm_file_life", "a-day", file_after_a_day, False),
    ("domain_limit", "300", sizes, [0, 0, 0, 0, 0, 89029]),
    ("domain_limit", "200", sizes, [0, 0, 0, 89029, 89029, 89029]),
    ("domain_limit", "100", sizes, [0, 89029, 89029, 89029, 89029, 89029]),
    ("limit_code", "89029", sizes, [0, 0, 0, 0, 0, 89029]),
    ("limit_code", "85016", sizes, [0, 0, 0, 0, 0, 85016]),
    ("month_limit", "none", changes, [0] * 51),
    ("month_limit", "50", changes, [*[0] * 50, 89030]),
    ("month_counts", "calls", first_change_that_is_refused, 50),
    ("month_counts", "domains", first_change_that_is_refused, 25),
    ("month_code", "89030", changes_used_up, (89030, 0)),
    ("month_code", "45104", changes_used_up, (45104, 0)),
    ("month_code", "86102", changes_used_up, (86102, 0)),
    ("personal_owner", "refuse", of_a_person, 89231),
    ("personal_owner", "accept", of_a_person, 0),
    ("fanout_counts", "subjects", held_by_a_hundred, 0),
    ("fanout_counts", "apps", held_by_a_hundred, 506015),
    ("info_shows", "in-force", shown_elsewhere, ([A, B], [A, B])),
    ("info_shows", "configured", shown_elsewhere, ([A, B, C], [A, B, C])),
    ("devinfo_token", "any", info_by_own_token, 0),
    ("devinfo_token", "authorizer", info_by_own_token, 48001),
    ("third_set_empty", "clear", mode_one("set"), (0, [])),
    ("third_set_empty", "error", mode_one("set"), (85017, [A, B])),
    ("third_delete_missing", "error", mode_one("delete", A, C), (89022, [A, B])),
    ("third_delete_missing", "ok", mode_one("delete", A, C), (0, [B])),
    ("release_filter", "drop", release_of_unlisted, ((A,), (), (C, A))),
    ("release_filter", "keep", release_of_unlisted, ((A, B), (B,), (C, B, A))),
    ("server_nothing_left", "85301", nothing_left, 85301),
    ("server_nothing_left", "85017", nothing_left, 85017),
    ("server_nothing_left", "85018", nothing_left, 85018),
    ("server_set_empty", "keep", SET_SERVER, (0, 15, {"requestdomain": [C], **UDP}, {})),
    ("server_set_empty", "clear", SET_SERVER, (0, 15, {"requestdomain": [C]}, {})),
    ("server_set_absent", "keep", SET_ABSENT, (0, 15, {"requestdomain": [C], **UDP}, {})),
    ("server_set_absent", "clear", SET_ABSENT, (0, 15, {"requestdomain": [C]}, {})),
    ("server_answer", "full", ADD_SERVER, (0, 15, {"requestdomain": [A, C], **UDP}, {})),
    ("server_answer", "codes", ADD_SERVER, (0, 2, {"requestdomain": [A, C], **UDP}, {})),
    ("server_partial", "error", ADD_BAD, (45082, 2, {"requestdomain": [A], **UDP}, {})),
    (
        "server_partial",
        "listed",
        ADD_BAD,
        (
            0,
            15,
            {"requestdomain": [A, C], **UDP},
            {"invalid_requestdomain": ["c.example.com"], "no_icp_domain": [B]},
        ),
    ),
    (
        "server_add_existing",
        "ok",
        server_write("add", requestdomain=[A]),
        (0, 15, {"requestdomain": [A], **UDP}, {}),
    ),
    (
        "server_add_existing",
        "85301",
        server_write("add", requestdomain=[A]),
        (85301, 2, {"requestdomain": [A], **UDP}, {}),
    ),
    (
        "server_delete_missing",
        "ok",
        server_write("delete", requestdomain=[C]),
        (0, 15, {"requestdomain": [A], **UDP}, {}),
    ),
    (
        "server_delete_missing",
        "85301",
        server_write("delete", requestdomain=[C]),
        (85301, 2, {"requestdomain": [A], **UDP}, {}),
    ),
    (
        "server_socket",
        "prefix",
        server_write("add", UDP, wsrequestdomain=["s.net"]),
        (0, 15, {"wsrequestdomain": ["wss://s.net"], **UDP}, {}),
    ),
    ("server_third_delete_missing", "error", deleted_in_mode_one, (85301, 15)),
    ("server_third_delete_missing", "ok", deleted_in_mode_one, (0, 15)),
    ("server_socket", "keep", server_write("add", UDP, wsrequestdomain=["s.net"]), (86100, 2, UDP, {})),
    ("platform_add_existing", "ok", platform_write("add", "a.example.com"), (0, "a.example.com", None)),
    ("platform_add_existing", "error", platform_write("add", "a.example.com"), (89019, None, None)),
    ("platform_set_empty", "clear", platform_write("set"), (0, "", None)),
    ("platform_set_empty", "error", platform_write("set"), (85017, None, None)),
    ("platform_missing_file", "-1", platform_write("set", "b.example.com", "x.org"), (-1, None, None)),
    (
        "platform_missing_file",
        "invalid",
        platform_write("set", "b.example.com", "x.org"),
        (0, "b.example.com", "x.org"),
    ),
    ("platform_unpublished", "61028", published_together, (61028, "")),
    ("platform_unpublished", "testing", published_together, (0, "b.example.com")),
    ("platform_invalid", "listed", platform_write("set", "b.example.com", "-"), (0, "b.example.com", "-")),
    ("platform_invalid", "error", platform_write("set", "b.example.com", "-"), (9410016, None, "-")),
    ("platform_scheme", "accept", platform_write("set", A, "b.example.com"), (0, f"{A};b.example.com", None)),
    ("platform_scheme", "refuse", platform_write("set", A, "b.example.com"), (0, "b.example.com", A)),
    ("platform_get", "bare", platform_get, ["published_wxa_jump_h5_domain", "testing_wxa_jump_h5_domain"]),
    (
        "platform_get",
        "full",
        platform_get,
        ["errcode", "errmsg", "published_wxa_jump_h5_domain", "testing_wxa_jump_h5_domain"],
    ),
    ("prefetch_empty", "clear", no_prefetch_hosts, 0),
    ("prefetch_empty", "error", no_prefetch_hosts, 40097),
    ("prefetch_errcode", "number", prefetch_answer, {"errcode": 0, "errmsg": "ok"}),
    ("prefetch_errcode", "text", prefetch_answer, {"errcode": "0"}),
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


ELSEWHERE = {
    ("redirects", "refuse"),
    ("redirects", "follow"),
    ("plain_http", "refuse"),
    ("plain_http", "accept"),
}
ELSEWHERE |= {("file_seconds", "5"), ("file_seconds", "1")}
ELSEWHERE |= {("parallel_writes", position) for position in ("serial", "lost", "refused")}
"""Tested where hosts serve files: test_confirm_files.py."""


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
    distinguished = {(switch, repr(seen)) for switch, _, _, seen in CASES}

    assert sorted([*tested, *ELSEWHERE]) == sorted(
        (switch, position) for switch in Switches.model_fields for position in allowed(switch)
    )
    assert len(distinguished) == len(CASES)


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
    with pytest.raises(ValueError, match="^profile: must be 'strict' or 'lenient'$"):
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


def test_a_delete_works_where_new_domains_are_in_force_at_once(wechat_emulator, wechat):
    """The two switches are independent."""
    scene = Scene(wechat_emulator, wechat)
    wechat_emulator.switch(new_effect="at-once")

    assert scene.write("delete", A) == (0, [B], [B])


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
