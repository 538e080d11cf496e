"""The command `wechat-miniprogram plan`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.exports.stacks import APPID, OTHER, A, B, C, D, export, resource, secret, server

COMMAND = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "plan")


@pytest.fixture
def exported(tmp_path):
    """An export of two apps."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", A, B), resource("pay", A, appid=OTHER, mode="additive")))
    return path


@pytest.fixture
def listed(tmp_path):
    """Writes the new list."""

    def listed(text):
        path = tmp_path / "domains"
        path.write_text(text, encoding="utf-8")
        return path

    return listed


@pytest.mark.parametrize(
    "text", [f"{B}\n\n# new:\nC.example.com  # from May on\n", '["b.example.com", "https://c.example.com/"]']
)
def test_a_plan_is_text_for_a_person(printed, exported, listed, text):
    """From lines with comments, or from JSON; in any spelling that the provider takes."""
    assert printed("plan", exported, "--appid", APPID, "--domains", listed(text)) == (
        0,
        f"update of {APPID} (authoritative), 2 live\n  + {C}\n  - {A}\n  writes: add 1, delete 1\n",
        "",
    )


def test_json_is_the_plan(printed, exported, listed):
    """As every plan of this provider is rendered."""
    code, output, _ = printed("plan", exported, "--appid", APPID, "--domains", listed(A), "--format", "json")

    document = json.loads(output)
    assert code == 0
    assert (document["removed"], document["steps"]) == ([B], [{"action": "delete", "values": [B]}])


def test_markdown_is_for_a_pull_request(printed, exported, listed):
    """A list in the colours of a diff, and what a reviewer has to know."""
    arguments = ("--appid", APPID, "--domains", listed(f"{B}\n{C}"), "--format", "markdown")

    assert printed("plan", exported, *arguments)[1].splitlines() == [
        f"#### update of `{APPID}` (authoritative), 2 live",
        "",
        "```diff",
        f"+ {C}",
        f"- {A}",
        f"  {B}",
        "```",
        "",
        "- New domains are in force after the next release of the Mini Program.",
        "- A removal may take effect immediately. Two updates are safer: add, release, then remove.",
        "- Writes: `add` of 1, `delete` of 1.",
    ]


def test_a_refusal_is_exit_code_1(printed, exported, listed):
    """The plan is shown with its reasons; the up would fail."""
    code, output, errors = printed("plan", exported, "--appid", APPID, "--domains", listed("# none"))

    assert (code, errors) == (1, "")
    assert f"  refused: `domains` of {APPID} is empty and would remove 2 of 2" in output
    assert output.endswith("  writes: none\n")


def test_options_stand_for_the_inputs_of_the_resource(printed, exported, listed):
    """Mode, and the lifted valve."""
    path = listed("# none")

    lifted = printed("plan", exported, "--appid", APPID, "--domains", path, "--allow-mass-removal")
    additive = printed(
        "plan", exported, "--appid", APPID, "--domains", path, "--mode", "additive", "--name", "shop"
    )

    assert (lifted[0], lifted[1].splitlines()[-1]) == (0, "  writes: delete 2")
    assert (additive[0], additive[1].splitlines()[-1]) == (0, "  writes: none")


def test_reserved_hosts_follow_the_settings(printed, exported, listed, monkeypatch):
    """As the check of the program will."""
    arguments = ("plan", exported, "--appid", APPID, "--domains", listed(f"{A}\n{B}\na.test"))

    refused = printed(*arguments)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ALLOW_RESERVED_HOSTS", "true")

    assert (refused[0], "ends in .test" in refused[2]) == (1, True)
    assert printed(*arguments)[0] == 0


@pytest.mark.parametrize("hushed", ["https://hush.example.com", "https://vip.cn"])
def test_a_secret_list_is_not_shown(printed, tmp_path, listed, hushed):
    """It is compared: the export shows it."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", outputs={"domains": secret([hushed])})))

    code, output, _ = printed("plan", path, "--appid", APPID, "--domains", listed(D), "--allow-mass-removal")

    assert code == 0
    assert "  - https://***\n" in output


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "http://a.example.com\nlocalhost",
            "error: `domains` has 2 problems:\n  'http://a.example.com': uses the scheme",
        ),
        ('["a.example.com", 7]', "error: `domains` has 1 problem:\n  7: is a number, not text"),
        ("[1,", "domains is not a JSON array: line 1: Expecting value"),
        ("[" * 100_000, "domains is not a JSON array of domains"),
        (f"[{'3' * 5_000}]", "domains is not a JSON array of domains"),
    ],
)
def test_a_bad_list_is_one_error(printed, exported, listed, text, problem):
    """With every reason."""
    code, output, errors = printed("plan", exported, "--appid", APPID, "--domains", listed(text))

    assert (code, output) == (1, "")
    assert problem in errors


def test_a_list_in_another_encoding_is_one_error(printed, exported, tmp_path):
    """It names the file."""
    path = tmp_path / "list"
    path.write_bytes("m\u00fcnchen.example.com".encode("latin-1"))

    assert printed("plan", exported, "--appid", APPID, "--domains", path) == (
        1,
        "",
        f"error: {path} is not UTF-8 text\n",
    )


def test_the_mark_of_an_editor_is_no_part_of_the_list(printed, exported, listed):
    """Some begin a file in UTF-8 with U+FEFF."""
    code, output, _ = printed("plan", exported, "--appid", APPID, "--domains", listed(f"\ufeff{A}\n{B}"))

    assert (code, output.splitlines()[-1]) == (0, "  writes: none")


@pytest.fixture
def exported_server(tmp_path):
    """An export of an app's server domains."""
    path = tmp_path / "server.json"
    lists = {"request": [A, B], "socket": ["wss://*"], "udp": ["udp://u.net"]}
    path.write_bytes(export(server("hosts", **lists)))
    return path


@pytest.mark.parametrize(
    "text",
    [
        f"request {B}\nrequest  C.example.com:8443 # new\nudp\n",
        f'{{"request": ["{B}", "c.example.com:8443"], "udp": []}}',
    ],
)
def test_a_plan_of_server_domains(printed, exported_server, listed, text):
    """By kind; what the file lacks is not managed, and the writes are counted."""
    arguments = ("plan", exported_server, "--appid", APPID, "--server-domains", listed(text))

    code, output, errors = printed(*arguments, "--allow-mass-removal")

    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        f"update of {APPID} (authoritative), 3 live",
        "  + request https://c.example.com:8443",
        f"  - request {A}",
        "  - udp udp://u.net",
        "  writes: add 1, delete 2",
        f"  note: {APPID}: socket wss://* stays on the live list, because `socket` is no longer managed. To remove "
        "domains, declare `socket` without them, or as []",
        "  note: uses 2 of the 50 changes of server domains that WeChat allows an app in a month",
    ]
    assert printed(*arguments, "--format", "json")[0] == 1
    assert printed(*arguments, "--format", "markdown", "--allow-mass-removal")[1].splitlines()[-2:] == [
        f"- Note: {APPID}: socket wss://\\* stays on the live list, because `socket` is no longer managed. To "
        "remove domains, declare `socket` without them, or as \\[\\].",
        "- Note: uses 2 of the 50 changes of server domains that WeChat allows an app in a month.",
    ]


def test_a_plan_of_the_registered_channel_is_about_its_resource(printed, tmp_path, listed):
    """Which is a create where the state has none there; a `set` is never sent."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", A), server("hosts", channel="registered", request=[A])))
    arguments = ("plan", path, "--appid", APPID, "--channel", "registered")

    webview = printed(*arguments, "--domains", listed(A))
    hosts = printed(*arguments, "--server-domains", listed(f"request {A}"))

    assert webview[1] == f"create of {APPID} (authoritative), 0 live\n  + {A}\n  writes: add 1\n"
    assert hosts[1] == f"update of {APPID} (authoritative), 1 live\n  writes: none\n"


def test_server_domains_as_json_have_remarks(printed, exported_server, listed):
    """Beside the plan."""
    path = listed(json.dumps({"request": [A, B], "socket": ["wss://s.net"]}))

    code, output, _ = printed(
        "plan",
        exported_server,
        "--appid",
        APPID,
        "--server-domains",
        path,
        "--mode",
        "additive",
        "--format",
        "json",
    )

    document = json.loads(output)
    assert (code, document["steps"]) == (0, [{"action": "add", "values": ["socket wss://s.net"]}])
    assert document["remarks"][1].startswith("uses 1 of the 50 changes")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "request http://a.example.com\nsocket *.net\nhttps://b.example.com\n",
            [
                "https://b.example.com is not a kind of server domains; the kinds are request, socket, upload",
                "`request` has 1 problem:",
                "`socket` has 1 problem:",
            ],
        ),
        ("# nothing", ["no list of server domains is named; the kinds are request,"]),
        ('{"request": "a.example.com", "tcp": [7]}', ["`request` is not a list", "7: is a number, not text"]),
        ('{"request": [}', ["domains is not a JSON object: line 1: "]),
        ('{"a":' * 100_000, ["domains is not a JSON object of lists of domains by kind"]),
    ],
)
def test_bad_server_domains_are_one_error(printed, exported_server, listed, text, problems):
    """With every reason of every list."""
    code, output, errors = printed(
        "plan", exported_server, "--appid", APPID, "--server-domains", listed(text)
    )

    assert (code, output) == (1, "")
    assert [problem for problem in problems if problem not in errors] == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["--appid", APPID, "--domains", "x", "--server-domains", "y"],
            "--domains and --server-domains are two resources; choose one",
        ),
        (["--appid", APPID], "Missing option '--domains'"),
        (["--domains", "x"], "Missing option '--appid'"),
        (
            ["--appid", "shop", "--domains", "x"],
            "--appid 'shop' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits",
        ),
        (["-", "--appid", APPID, "--domains", "-"], "standard input can be the export or the list, not both"),
        (["--appid", APPID, "--domains", "gone"], "error: gone: No such file or directory"),
    ],
)
def test_wrong_usage_is_exit_code_1(printed, exported, arguments, text):
    """One error, nothing printed."""
    code, output, errors = printed("plan", exported, *arguments)

    assert (code, output) == (1, "")
    assert text in " ".join(errors.replace("│", "").split())


def test_several_resources_are_one_error(printed, tmp_path, listed):
    """With the names to choose from."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("a", A, mode="additive"), resource("b", B, mode="additive")))

    code, _, errors = printed("plan", path, "--appid", APPID, "--domains", listed(A))

    assert (code, errors) == (
        1,
        f"error: {APPID} has 2 resources, a (shop/dev), b (shop/dev); name one of them with --name\n",
    )


def test_the_list_comes_through_a_pipe(exported):
    """As `… | wechat-miniprogram plan dev.json --domains -`."""
    done = subprocess.run(
        [*COMMAND, exported, "--appid", APPID, "--domains", "-"],
        input=f"{A}\n{B}\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "  writes: none")


MANIFEST = f"""\
project: shop
shards: 1
apps:
  - {{ appid: {APPID}, domains: [{B}, {C}] }}
"""


@pytest.fixture
def manifest(tmp_path):
    """A manifest that changes one app and drops the other."""
    path = tmp_path / "fleet.yaml"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


def test_a_plan_of_everything(printed, exported, manifest):
    """Every app that changes or goes, with what is in force until then."""
    assert printed("plan", exported, "--manifest", manifest) == (
        0,
        "2 Mini Programs would change: +1 \u22121 domains (1 in force)\n"
        "\n"
        "Mini Program         change    domains\n"
        f"{APPID}   changed   + {C}\n"
        f"                               \u2212 {A} (in force)\n"
        f"{OTHER}   removed\n",
        "",
    )


def test_a_plan_of_everything_for_a_pull_request(printed, exported, manifest):
    """And for machines."""
    code, output, _ = printed("plan", exported, "--manifest", manifest, "--format", "markdown")
    assert code == 0
    assert f"| {APPID} | changed | + `{C}`<br>\u2212 `{A}` in force |" in output

    code, output, _ = printed("plan", exported, "--manifest", manifest, "--format", "json")
    assert code == 0
    assert [each["appid"] for each in json.loads(output)["changes"]] == [APPID, OTHER]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_plan_of_everything_that_would_be_refused(printed, exported, manifest, form):
    """Each reason once, with its apps."""
    manifest.write_text(MANIFEST.replace(f"[{B}, {C}]", "[]"), encoding="utf-8")

    code, output, _ = printed("plan", exported, "--manifest", manifest, "--format", form)

    assert code == 1
    assert "allow_mass_removal" in output.replace("\\", "")
    assert APPID in output


def test_a_preview_is_planned_from_a_file(printed, tmp_path, monkeypatch):
    """Without any export, and from a pipe."""
    path = tmp_path / "preview.json"
    steps = [{"op": "delete", "urn": "u", "oldState": resource("shop", A)}]
    path.write_text(json.dumps({"steps": steps}), encoding="utf-8")
    reported = f"1 Mini Program would change: +0 \u22121 domains (1 in force)\n\nMini Program         change    domains\n{APPID}   removed   \u2212 {A} (in force)\n"

    assert printed("plan", "--preview", path) == (0, reported, "")
    monkeypatch.setattr(sys, "stdin", path.open(encoding="utf-8"))
    with sys.stdin:
        assert printed("plan", "--preview", "-") == (0, reported, "")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_refusal_is_shown_as_it_is(printed, tmp_path, form):
    """The name of a resource may be part of its domains. What two share is said once."""
    path = tmp_path / "preview.json"
    diagnostics = [
        {
            "severity": "error",
            "urn": f"urn:pulumi:s::p::t::{name}",
            "message": f"https://{name}.example.com moved",
        }
        for name in ("shop", "cafe")
    ]
    path.write_text(json.dumps({"steps": [], "diagnostics": diagnostics}), encoding="utf-8")

    code, output, _ = printed("plan", "--preview", path, "--format", form)

    assert code == 1
    assert "2 apps (shop, cafe) refused: https://shop.example.com moved" in output.replace("&#8203;", "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--preview", "BAD"], "is not the output of `pulumi preview --json`"),
        (["--preview", "BAD", "EXPORT"], "give neither exports"),
        (["EXPORT", "--manifest", "BAD"], "fleet.yaml:1: "),
        (["EXPORT", "--manifest", "BAD", "--appid", APPID], "use only one of them"),
        (["EXPORT"], "Missing option '--appid', or '--manifest' or '--preview' for all of them"),
    ],
)
def test_a_wrong_use_is_one_error(printed, exported, manifest, arguments, problem):
    """And no traceback."""
    manifest.write_text("not: a manifest", encoding="utf-8")
    names = {"BAD": manifest, "EXPORT": exported}

    code, _, errors = printed("plan", *(names.get(each, each) for each in arguments))

    assert code in {1, 2}
    assert problem in " ".join(errors.replace("\u2502", " ").split())
    assert "Traceback" not in errors
