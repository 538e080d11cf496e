"""The command `wechat-miniprogram adopt`."""

from __future__ import annotations

import json

import pytest

from tests.exports.stacks import APPID, OTHER, A, B, C

COMPONENT = "wxc0c0c0c0c0c0c0c0"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(path):
    """Name, appid and domains of each resource of an import file."""
    resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
    return [(each["name"], each["id"], each["inputs"]["domains"]) for each in resources]


def test_a_program_and_an_import_file_are_written(printed, wechat, folder):
    """Named as asked; nothing is written in WeChat; the next step is said."""
    wechat.seed(APPID, live=[B, A], effective=[A])
    wechat.seed(OTHER, live=[C])

    assert printed("adopt", f"shop={APPID}", OTHER) == (
        0,
        "__main__.py, import.json: 2 Mini Programs, 3 domains, 1 of them pending\n"
        "next: pulumi import --file import.json --generate-code=false, then pulumi up\n",
        "",
    )
    program = (folder / "__main__.py").read_text(encoding="utf-8")
    assert program.index('"shop"') < program.index(f'"{OTHER}"')
    assert f'        "{B}",  # pending: in force after the next release\n        "{A}",\n' in program
    assert imported(folder / "import.json") == [("shop", APPID, [B, A]), (OTHER, OTHER, [C])]
    assert sorted(path.name for path in folder.iterdir()) == ["__main__.py", "import.json"]
    assert wechat.writes() == []


def test_server_domains_are_taken_over_too(printed, wechat, folder):
    """A resource for each of both; a list that has nothing, or nothing that can be declared, has none."""
    wechat.seed(APPID, live=[A], server={"direct": {"requestdomain": [B], "udpdomain": ["udp://u.net:0"]}})
    wechat.seed(OTHER, live=["https://c.example.com:8443"], server={"direct": {"requestdomain": [C]}})

    assert printed("adopt", f"shop={APPID}", f"pay={OTHER}") == (
        0,
        "__main__.py, import.json: 2 Mini Programs, 3 domains, 0 of them pending\n"
        "next: pulumi import --file import.json --generate-code=false, then pulumi up\n",
        f"{OTHER}: its webview domains are left out, because these domains are live but cannot be declared: "
        f"'https://c.example.com:8443'\n{APPID}: its server domains are additive, because these domains are "
        "live but cannot be declared: 'udp udp://u.net:0'\n",
    )
    resources = json.loads((folder / "import.json").read_text(encoding="utf-8"))["resources"]
    assert [(each["type"].rpartition(":")[2], each["name"]) for each in resources] == [
        ("MiniProgramServerDomains", "pay"),
        ("MiniProgramWebviewDomains", "shop"),
        ("MiniProgramServerDomains", "shop"),
    ]
    assert wechat.writes() == []


def test_the_registered_channel_is_named_in_remarks(printed, wechat, folder):
    """Its lists are others."""
    wechat.seed(APPID, live=[A], third=[B, "https://c.example.com:8443"])

    code, output, errors = printed("adopt", f"shop={APPID}")

    assert (code, output.partition(" of them")[0]) == (
        0,
        "__main__.py, import.json: 1 Mini Program, 2 domains, 0",
    )
    assert errors == (
        f"{APPID}: its webview domains of the registered channel are additive, because these domains are "
        "live but cannot be declared: 'https://c.example.com:8443'\n"
    )


def test_a_name_that_a_resource_of_the_registered_channel_would_have_is_refused(printed, wechat, folder):
    """Before anything is asked."""
    wechat.clear_calls()

    code, _, errors = printed("adopt", f"shop={APPID}", f"shop-registered={OTHER}")

    assert (code, list(folder.iterdir()), wechat.calls()) == (1, [], [])
    assert (
        "shop-registered is the name of another Mini Program's resource for the registered channel"
        in " ".join(errors.replace("│", " ").split())
    )


def test_an_app_whose_server_domains_cannot_be_read_is_an_error(printed, wechat, folder):
    """Half an app is not taken over."""
    wechat.seed(APPID, live=[A])
    wechat.seed(OTHER, live=[C])
    wechat.fault(appid=APPID, path="get_effective_domain", errcode=61007, times=None)

    code, _, errors = printed("adopt", APPID, OTHER)

    assert code == 1
    assert errors.startswith(f"error: read of the server domains for {APPID} refused: ")
    assert imported(folder / "import.json") == [(OTHER, OTHER, [C])]


def test_every_app_of_the_token_source(printed, wechat, folder):
    """Each under its appid, except for those that are named."""
    wechat.seed(APPID, live=[A])
    wechat.seed(OTHER, live=[C])

    code, output, _ = printed(
        "adopt", "--all", f"pay={OTHER}", "--program", "domains.py", "--import-file", "in.json"
    )

    assert (code, output.splitlines()[0]) == (
        0,
        "domains.py, in.json: 2 Mini Programs, 2 domains, 0 of them pending",
    )
    assert [name for name, _, _ in imported(folder / "in.json")] == ["pay", APPID]


def test_every_app_that_authorises_the_platform(printed, wechat, folder, monkeypatch):
    """By the authorizer list, whose refresh tokens are used and shown nowhere."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_COMPONENT_APPID", COMPONENT)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_COMPONENT_APPSECRET", f"emulator-secret-{COMPONENT}")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_COMPONENT_VERIFY_TICKET", f"emulator-ticket-{COMPONENT}")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_AUTHORIZER_REFRESH_TOKENS", "{}")
    wechat.seed(APPID, live=[A])
    wechat.seed(OTHER, live=[C])

    code, output, errors = printed("adopt", "--all")

    written = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    assert (code, errors) == (0, "")
    assert output.startswith("__main__.py, import.json: 2 Mini Programs")
    assert "emulator-refresh" not in "".join([output, *written])


def test_what_cannot_be_taken_over_is_said(printed, wechat, folder):
    """An app with nothing live is left out; a value that cannot be declared makes its app additive."""
    wechat.seed(OTHER, live=[C, "https://c.example.com:8443"])

    code, output, errors = printed("adopt", APPID, OTHER)

    assert code == 0
    assert output.startswith("__main__.py, import.json: 1 Mini Program, 1 domain, 0 of them pending\n")
    assert errors.splitlines() == [
        f"{APPID}: there are no live domains to take over; left out",
        f"{OTHER}: its webview domains are additive, because these domains are live but cannot be declared: "
        "'https://c.example.com:8443'",
    ]


def test_without_anything_live_no_file_is_written(printed, wechat, folder):
    """That is not an error."""
    code, output, errors = printed("adopt", APPID)

    assert (code, output) == (0, "")
    assert errors.splitlines()[-1] == "there are no live domains to take over; no file was written"
    assert list(folder.iterdir()) == []


def test_a_failing_app_is_an_error_and_the_others_are_written(printed, wechat, folder):
    """Exit code 1, with the files."""
    wechat.seed(APPID, live=[A])
    wechat.fault(appid=OTHER, errcode=61007, times=None)

    code, output, errors = printed("adopt", APPID, OTHER)

    assert code == 1
    assert output.startswith("__main__.py, import.json: 1 Mini Program, ")
    assert errors.startswith(f"error: get for {OTHER} refused: ")
    assert imported(folder / "import.json") == [(APPID, APPID, [A])]


def test_a_file_is_overwritten_only_when_asked(printed, wechat, folder):
    """It is looked for before WeChat is asked."""
    wechat.seed(APPID, live=[A])
    (folder / "__main__.py").write_text("mine", encoding="utf-8")
    (folder / "import.json").write_text("mine", encoding="utf-8")
    wechat.clear_calls()

    code, output, errors = printed("adopt", APPID)
    assert (code, output) == (1, "")
    assert errors == (
        "error: __main__.py and import.json would be overwritten; name other files, or give --force\n"
    )
    assert wechat.calls() == []
    assert (folder / "__main__.py").read_text(encoding="utf-8") == "mine"

    assert printed("adopt", APPID, "--force")[0] == 0
    assert imported(folder / "import.json") == [(APPID, APPID, [A])]


def test_a_folder_that_is_not_there_leaves_nothing_behind(printed, wechat, folder):
    """Neither file, not even the one that could be written."""
    wechat.seed(APPID, live=[A])

    code, _, errors = printed("adopt", APPID, "--import-file", "gone/import.json")

    assert code == 1
    assert "No such file or directory" in errors
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "name a Mini Program, such as shop=wx0123456789abcdef, or give --all"),
        (["shop"], "'shop' is not of the form [NAME=]APPID, such as shop=wx0123456789abcdef"),
        ([f"={APPID}"], f"'={APPID}' is not of the form [NAME=]APPID"),
        ([APPID, f"shop={APPID}"], f"'shop={APPID}' repeats an appid or a name; each may be given only once"),
        ([f"shop={APPID}", f"shop={OTHER}"], f"'shop={OTHER}' repeats an appid or a name"),
    ],
)
def test_wrong_usage_is_exit_code_1(printed, folder, arguments, text):
    """Nothing is asked and nothing written."""
    code, output, errors = printed("adopt", *arguments)

    assert (code, output) == (1, "")
    assert text in " ".join(errors.replace("│", "").split())


def test_a_source_that_cannot_list_its_apps_is_reported(printed, wechat, folder, monkeypatch):
    """A command gives a token for any appid."""
    monkeypatch.delenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND", "print-token")

    code, _, errors = printed("adopt", "--all")

    assert code == 1
    assert "the token source cannot list its Mini Programs" in " ".join(errors.replace("│", "").split())


def test_two_files_of_one_name_are_refused(printed, wechat, folder):
    """The second would overwrite the first; nothing is asked."""
    code, _, errors = printed("adopt", APPID, "--program", "x", "--import-file", "x")

    assert (code, list(folder.iterdir()), wechat.calls()) == (1, [], [])
    assert "--program and --import-file name the same file; name two" in errors


def test_a_name_that_is_another_apps_is_refused(printed, wechat, folder):
    """Two resources of one name do not come up."""
    code, _, errors = printed("adopt", "--all", f"{OTHER}={APPID}")

    assert (code, list(folder.iterdir()), wechat.writes()) == (1, [], [])
    assert f"{OTHER} is the name of another Mini Program" in " ".join(errors.replace("│", " ").split())


def test_an_app_with_nothing_but_odd_values_is_left_out(printed, wechat, folder):
    """In one line, which does not speak of a mode."""
    wechat.seed(APPID, live=["https://a.example.com:8443"])

    assert printed("adopt", APPID) == (
        0,
        "",
        f"{APPID}: there are no live domains to take over (these domains are live but cannot be declared: "
        "'https://a.example.com:8443'); left out\nthere are no live domains to take over; no file was "
        "written\n",
    )


def test_a_folder_that_is_missing_is_reported_before_any_call(printed, wechat, folder):
    """A fleet takes a while to read."""
    wechat.clear_calls()

    assert printed("adopt", APPID, "--program", "gone/__main__.py") == (
        1,
        "",
        "error: gone: No such file or directory\n",
    )
    assert (wechat.calls(), list(folder.iterdir())) == ([], [])


def test_either_face_may_be_written(printed, wechat, folder):
    """A native program and import file on demand; neither names the dynamic provider."""
    wechat.seed(APPID, live=[A])

    assert printed("adopt", f"shop={APPID}", "--face", "native")[0] == 0

    written = [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())]
    assert "from pulumi_wechat_miniprogram import native as wechat\n" in written[0]
    assert '"wechat-miniprogram:index:MiniProgramWebviewDomains"' in written[1]
    assert "__provider" not in written[1]
    assert imported(folder / "import.json") == [("shop", APPID, [A])]
