"""`MiniProgramServerDomains` on the real engine, in both faces: what it calls, refuses and says."""

from __future__ import annotations

import json

import httpx
import pytest

from pulumi_wechat_miniprogram.exports.state import from_wire
from tests.engine.conftest import APPID, A, B, C
from tests.engine.test_command_line import command

WSS = "wss://push.example.com"
EFFECTIVE = "get_effective_domain"


@pytest.fixture
def face(both_faces):
    return both_faces


def server(name="shop", **inputs):
    """A line of a program."""
    return f"MiniProgramServerDomains({name!r}, **{ {'appid': APPID, **inputs}!r})\n"


class Server:
    """The server domains of the project's app."""

    def __init__(self, project):
        self.project = project

    def seed(self, **lists):
        """Let WeChat hold these, in force."""
        names = {"request": "requestdomain", "socket": "wsrequestdomain", "udp": "udpdomain"}
        direct = {names[kind]: values for kind, values in lists.items()}
        self.project.control.seed(APPID, server={"direct": direct})

    def calls(self):
        """The calls since the last look, in one word each."""
        names = [call.action or call.name for call in self.project.control.calls()]
        self.project.control.clear_calls()
        return names

    def live(self):
        """What WeChat holds, by its own names; empty lists are left out."""
        url = f"{self.project.control.url}/wxa/get_effective_domain?access_token=emulator-{APPID}"
        lists = httpx.post(url, json={}).json()["direct_domain"]
        self.project.control.clear_calls()
        return {kind: values for kind, values in lists.items() if values}

    def outputs(self, name="shop"):
        """The outputs that name domains."""
        held = from_wire(self.project.resources()[name]["outputs"])
        keys = ("request", "socket", "udp", "effective", "pending", "added", "release_required", "writes")
        return {key: held[key] for key in keys if key in held}


@pytest.fixture
def live(project):
    return Server(project)


def test_one_life(project, live):
    """Create, no-op, update, refresh, destroy: the calls of each, and what the state says."""
    project.program(server(request=["A.example.com", f"{B}:8443"], socket=[WSS], udp=[]))
    project.preview()
    live.calls()
    project.up()
    created, outputs = live.calls(), live.outputs()
    project.control.release(APPID)
    project.up()
    project.preview()
    unchanged = live.calls()
    project.program(server(request=[A, C], socket=[WSS], udp=[]))
    project.up()
    updated = live.calls()
    project.refresh()
    refreshed, after = live.calls(), live.outputs()
    held = live.live()
    project.destroy()

    assert created == [EFFECTIVE, "add", EFFECTIVE]
    assert outputs == {
        "request": [A, f"{B}:8443"],
        "socket": [WSS],
        "udp": [],
        "effective": {"request": [], "socket": [], "udp": []},
        "pending": {"request": [A, f"{B}:8443"], "socket": [WSS], "udp": []},
        "added": {"request": [A, f"{B}:8443"], "socket": [WSS], "udp": []},
        "release_required": True,
        "writes": 1,
    }
    assert unchanged == []
    assert updated == [EFFECTIVE, "add", "delete", EFFECTIVE]
    assert refreshed == [EFFECTIVE]
    assert after["effective"] == {"request": [A], "socket": [WSS], "udp": []}
    assert after["pending"] == {"request": [C], "socket": [], "udp": []}
    assert after["writes"] == 2
    assert held == {"requestdomain": [A, C], "wsrequestdomain": [WSS]}
    assert live.calls() == [EFFECTIVE, "delete"]
    assert live.live() == {}


def test_all_reasons_in_one_check_failure(project, live):
    """Every problem of every list, in the preview, before any call."""
    project.program(
        server(
            request=["http://a.example.com/x", "192.0.2.1:80", "api.weixin.qq.com"],
            socket=["https://b.example.com", "*.example.com"],
            udp=["u.example.com:70000"],
            mode="some",
        )
    )

    printed = project.preview(fails=True)

    for reason in (
        "`mode` 'some' is neither",
        "`request` has 3 problems:",
        "'http://a.example.com/x': uses the scheme http, but `request` accepts only https; has a path (/x)",
        "'192.0.2.1:80': is an IP address",
        "'api.weixin.qq.com': is api.weixin.qq.com, which WeChat does not accept",
        "'https://b.example.com': uses the scheme https, but `socket` accepts only wss",
        "'*.example.com': has a wildcard: declare each host, because a server domain does not cover its "
        "subdomains",
        "'u.example.com:70000': has a port (:70000), which is not a number from 1 to 65535",
    ):
        assert reason in printed
    assert live.calls() == []


def test_a_resource_without_a_list_is_refused(project, live):
    """Nothing would be managed."""
    project.program(server())

    assert "no list is declared: declare at least one of `request`, `socket`" in project.preview(fails=True)
    assert live.calls() == []


def test_a_port_on_a_socket_warns(project):
    """WeChat needs none there."""
    project.program(server(socket=[f"{WSS}:8443"]))

    printed = project.preview()

    assert f"`socket` has a port in {WSS}:8443, which WeChat does not need" in printed


def test_unmanaged_lists_and_the_empty_one(project, live):
    """`[]` empties a list by `delete`, a list that is left out stays as it is."""
    live.seed(request=[A], socket=[WSS], udp=["udp://u.example.com"])
    project.program(server(request=[A], socket=[WSS]))
    project.up()
    live.calls()
    project.program(server(socket=[], allow_mass_removal=True))
    printed = project.up()

    assert live.calls() == [EFFECTIVE, "delete", EFFECTIVE]
    assert live.live() == {"requestdomain": [A], "udpdomain": ["udp://u.example.com"]}
    assert f"request {A} stays on the live list, because `request` is no longer managed" in printed
    assert "request" not in live.outputs()
    assert live.outputs()["socket"] == []


def test_emptying_a_list_needs_leave(project, live):
    """In the preview already: the check compares with the state."""
    project.program(server(request=[A, B]))
    project.up()
    live.calls()
    project.program(server(request=[]))

    printed = project.preview(fails=True)

    assert f"`request` of {APPID} is empty and would remove 2 of 2: request {A}, request {B}." in printed
    assert live.calls() == []


def test_create_refuses_over_what_nobody_declared(project, live):
    """`overwrite_existing` lifts it, `additive` avoids it."""
    live.seed(request=[A], socket=[WSS])
    project.program(server(request=[B], socket=[WSS]))
    printed = project.up(fails=True)
    project.program(server(request=[B], socket=[WSS], mode="additive"))
    project.up()
    added = live.live()
    project.destroy()
    left = live.live()
    project.program(server(request=[B], socket=[WSS], overwrite_existing=True))
    project.up()

    assert f"create would remove request {A} from {APPID}, which this program does not declare." in printed
    assert added == {"requestdomain": [A, B], "wsrequestdomain": [WSS]}
    assert left == {"requestdomain": [A], "wsrequestdomain": [WSS]}
    assert live.live() == {"requestdomain": [B], "wsrequestdomain": [WSS]}


def test_update_refuses_what_the_state_has_never_seen(project, live):
    """After a refresh the preview shows the removal."""
    project.program(server(request=[A]))
    project.up()
    live.seed(request=[A, C])
    project.program(server(request=[A, B]))
    printed = project.up(fails=True)
    project.refresh()
    project.up()

    assert f"request {C} on the live list of {APPID} was added outside Pulumi" in printed
    assert live.live() == {"requestdomain": [A, B]}


def test_a_partial_success_fails_and_is_known(project, live):
    """WeChat reports success and leaves a host out: it is named, and the next run sends only that one."""
    project.control.switch(server_partial="listed")
    project.control.unfiled("b.example.com")
    project.program(server(request=[A, B], socket=[WSS]))
    printed = project.up(fails=True)
    first = live.calls()
    project.control.unfiled()
    project.up()
    second = [call.domains for call in project.control.writes(APPID)]
    live.calls()
    project.up()

    assert first == [EFFECTIVE, "add", EFFECTIVE]
    assert "was done only in part, although WeChat reported success (errcode 0)" in printed
    assert f"request {B}: it has no ICP filing" in printed
    assert f"The live list was read again: request {A}, socket {WSS}." in printed
    assert second == [(B,)]
    assert live.calls() == []
    assert live.outputs()["request"] == [A, B]


def test_the_native_state_keeps_what_was_accepted(project, live):
    """Of a create that failed in part; the dynamic face can store nothing."""
    project.control.switch(server_partial="listed")
    project.control.unfiled("b.example.com")
    project.program(server(request=[A, B]))
    project.up(fails=True)

    stored = project.resources()
    if project.face:
        assert live.outputs()["added"] == {"request": [A]}
    else:
        assert stored == {}


def test_the_month_is_used_up(project, live):
    """86102 is one error, after one write."""
    project.control.fault(errcode=86102, action="add")
    project.program(server(request=[A]))

    printed = project.up(fails=True)

    assert live.calls() == [EFFECTIVE, "add", EFFECTIVE]
    assert "86102" in printed
    assert "this month's changes of domains are used up" in printed


def test_a_rename_without_an_alias_keeps_the_lists(project, live):
    """Created under the new name, then deleted under the old one, in one run."""
    project.program(server(request=[A], socket=[WSS]))
    project.up()
    project.program(server("store", request=[A], socket=[WSS]))
    project.up()

    assert live.live() == {"requestdomain": [A], "wsrequestdomain": [WSS]}


def test_the_faces_are_one_resource(project, live):
    """The other face's class takes it over by alias, without a call; and back."""
    text = server(request=[A], udp=[])
    project.program(text)
    project.up()
    live.calls()
    mine = project.face
    project.face = "" if mine else ".native"
    project.program(text)
    project.up()
    project.face = mine
    project.program(text)
    project.up()
    project.up()

    assert live.calls() == []
    assert live.outputs()["request"] == [A]


def test_two_resources_with_different_lists(project, live):
    """Each manages its own: neither sees the other's domains as foreign."""
    project.program(server("calls", request=[A]) + server("sockets", socket=[WSS]))
    project.up()
    project.program(server("calls", request=[A, B]))
    project.up()

    assert live.live() == {"requestdomain": [A, B]}


def test_values_that_are_known_late(project, live):
    """An unknown list is not judged in the preview; `up` writes it."""
    project.program(
        "from pulumi_wechat_miniprogram import MiniProgramConfirmFile as File\n"
        f"file = File('file', appid={APPID!r})\n"
        "host = file.file_name.apply(lambda name: name and 'a.example.com')\n"
        f"MiniProgramServerDomains('shop', appid={APPID!r}, request=[host], socket=['push.example.com'])\n"
    )
    project.preview()
    project.up()

    assert live.live() == {"requestdomain": [A], "wsrequestdomain": [WSS]}


def test_a_secret_stays_secret(project, live):
    """In the state and in what is printed, also where other outputs name it."""
    project.program(
        f"MiniProgramServerDomains('shop', appid={APPID!r}, request=[pulumi.Output.secret('a.example.com')])\n"
    )
    printed = project.preview() + project.up() + project.refresh()
    held = str(project.resources()["shop"])

    assert live.live() == {"requestdomain": [A]}
    if project.face:
        assert "a.example.com" not in printed
        assert "a.example.com" not in held
    assert "a.example.com" not in str(project.resources()["shop"]["inputs"])


def test_webview_domains_and_server_domains_do_not_mix(project, live):
    """Both of one app, in one program: what one drops, the other does not spare."""
    webview = f"MiniProgramWebviewDomains('pages', appid={APPID!r}, domains={[A, B]!r})\n"
    project.program(webview + server(request=[A, B]))
    project.up()
    project.program(webview + server(request=[A]))
    project.up()

    assert live.live() == {"requestdomain": [A]}
    assert project.control.live(APPID) == [A, B]


def stored(project):
    """The inputs and outputs of the app's resources."""
    entries = [each for each in project.export()["deployment"]["resources"] if each.get("id") == APPID]
    return {each["urn"]: (each["inputs"], each["outputs"]) for each in entries}


def test_both_ways_of_an_adopted_app_write_nothing(project, live, face):
    """Both kinds of lists in both channels: an import without a call, or a create that adopts; one state."""
    direct = {"requestdomain": ["https://B.example.com:8443", A], "wsrequestdomain": [WSS]}
    third = {"requestdomain": [B], "tcpdomain": ["tcp://t.example.com"]}
    mp = {"requestdomain": [C], "udpdomain": ["udp://u.example.com"]}
    held = {"direct": direct, "third": third, "mp": mp}
    project.control.seed(APPID, live=[A], third=[B], server=held)
    url = f"{project.control.url}/wxa/modify_domain_directly?access_token=emulator-{APPID}"
    httpx.post(url, json={"action": "add", "requestdomain": ["https://waits.example.com"]})
    code, output, errors = command(
        project, "adopt", f"shop={APPID}", "--face", "native" if face else "dynamic"
    )
    live.calls()

    project.run("import", "--file", "import.json", "--generate-code=false", "--yes", "--skip-preview")
    assert "5 unchanged" in project.up()
    assert live.calls() == []
    imported = stored(project)
    project.refresh()
    assert "5 unchanged" in project.up()
    project.run("state", "unprotect", "--all", "--yes")
    for urn in imported:
        project.run("state", "delete", urn, "--yes")
    project.control.clear_calls()
    project.up()

    assert (code, errors) == (0, "")
    assert output.startswith("__main__.py, import.json: 1 Mini Program, 8 domains, 1 of them pending\n")
    assert stored(project) == imported
    assert project.control.writes() == []
    assert command(project, "drift", "--stack", "test")[0] == 0
    assert live.live() == {**direct, "requestdomain": [*direct["requestdomain"], "https://waits.example.com"]}


def test_a_plan_names_the_writes_of_the_up(project, live):
    """As many as the state then says, each with its domains; a list that is left out stays."""
    live.seed(request=[A, B], socket=[WSS])
    project.program(server(request=[A, B], socket=[WSS], udp=["udp://u.example.com"]))
    project.up()
    (project.folder / "lists").write_text(f"request {B}\nrequest {C}\nudp\n", encoding="utf-8")
    live.calls()

    arguments = ["--appid", APPID, "--server-domains", "lists", "--format", "json", "--allow-mass-removal"]
    code, output, _ = command(project, "plan", "--stack", "test", *arguments)

    project.program(server(request=[B, C], udp=[], allow_mass_removal=True))
    project.up()
    plan = json.loads(output)
    assert code == 0
    assert plan["steps"] == [
        {"action": "add", "values": [f"request {C}"]},
        {"action": "delete", "values": [f"request {A}", "udp udp://u.example.com"]},
    ]
    assert plan["remarks"][1].startswith(f"uses {live.outputs()['writes']} of the 50 changes")
    assert live.calls() == [EFFECTIVE, "add", "delete", EFFECTIVE]
    assert live.live() == {"requestdomain": [B, C], "wsrequestdomain": [WSS]}
