"""What only the native plugin can: look in a preview, import, several providers, partial states, quick ends."""

from __future__ import annotations

import json

from tests.engine.conftest import APPID, A, B, C, D

OTHER = "wx00000000000000aa"


TOKEN = "wechat-miniprogram:index:MiniProgramWebviewDomains"


def diagnostics(printed):
    """What the CLI prints below its progress, where it says the same."""
    return printed.partition("Diagnostics:")[2]


def test_a_whole_life(native):
    """Every operation, and no more calls than the dynamic face makes, except for the reads of a preview."""
    native.domains(A, B)
    printed = native.preview("--diff")
    assert native.calls() == ["effective"]
    assert "warning" not in printed

    native.up()
    assert native.calls() == ["get", "set", "effective"]
    assert native.outputs() == {
        "domains": [A, B],
        "effective_domains": [],
        "pending_domains": [A, B],
        "release_required": True,
        "added_domains": [A, B],
    }

    native.up("--expect-no-changes")
    assert native.calls() == []

    native.control.release(APPID)
    native.refresh()
    assert native.calls() == ["get", "effective"]
    assert native.outputs()["effective_domains"] == [A, B]

    native.domains(B, C)
    printed = native.preview("--diff")
    assert native.calls() == ["effective"]
    assert f"- [0]: {json.dumps(A)}" in printed
    assert f"+ [1]: {json.dumps(C)}" in printed
    assert f"{APPID}: {A} is in force and will be removed, while {C} waits for the next release" in printed

    native.up()
    assert native.calls() == ["get", "add", "delete", "effective"]
    assert native.control.live(APPID) == [B, C]

    native.destroy()
    assert native.calls() == ["get", "delete", "effective"]
    assert native.control.live(APPID) == []


def test_a_preview_shows_what_is_certain(native):
    """Pending domains and the release, known before anything is written."""
    native.program(
        f"shop = MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[{A!r}])\n"
        f"file = MiniProgramConfirmFile('file', appid={APPID!r})\n"
        "for name in ('pending_domains', 'release_required', 'added_domains'):\n"
        "    pulumi.export(name, getattr(shop, name))\n"
        "pulumi.export('url', file.url_for('shop.example.com'))\n"
    )

    printed = native.preview("--diff")

    shown = " ".join(printed.partition("--outputs:--")[2].split())
    assert f'pending_domains : [ [0]: "{A}" ]' in shown
    assert "release_required: true" in shown
    assert "added_domains : [unknown]" in shown
    assert 'url : "https://shop.example.com/' in shown
    assert native.control.live(APPID) == []


def test_the_preview_refuses_what_the_update_would(native, golden):
    """Undeclared live domains: reported before anything is applied, and nothing is."""
    native.control.seed(APPID, live=[A, D])
    native.domains(A)

    printed = native.preview(fails=True)

    assert native.calls() == ["effective", "get"]
    golden("native-preview-undeclared", printed)
    assert native.control.live(APPID) == [A, D]


def test_the_preview_names_what_overwrite_existing_removes(native):
    """Also what no state knew."""
    native.control.seed(APPID, live=[A, D], effective=[A, D])
    native.domains(A, overwrite_existing=True)

    printed = native.preview()

    assert (
        f"{APPID}: {D} will be removed (1 in force), although neither this program nor its state" in printed
    )
    assert native.control.live(APPID) == [A, D]


def test_a_preview_without_a_token_warns_once(native):
    """Only refusals fail a preview; two apps without a token are one warning."""
    native.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps({"wx00000000000000ff": "x"})
    native.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[{A!r}])\n"
        f"MiniProgramWebviewDomains('other', appid={OTHER!r}, domains=[{A!r}])\n"
    )

    printed = native.preview()

    assert diagnostics(printed).count("The preview was not compared with the live list") == 1
    assert native.calls() == []


def test_the_reads_of_a_preview_can_be_turned_off(native):
    """Then it is as blind as that of the dynamic face."""
    native.environment["WECHAT_MINIPROGRAM_PREVIEW_READS"] = "false"
    native.control.seed(APPID, live=[A, D])
    native.domains(A)

    native.preview()

    assert native.calls() == []


def test_import_by_id(native):
    """It writes nothing, and the next update of a matching program is unchanged and makes no call."""
    native.control.seed(APPID, live=[A, B], effective=[A])

    native.run("import", TOKEN, "shop", APPID, "--yes", "--generate-code=false", "--protect=false")

    assert set(native.calls()) == {"get", "effective"}
    assert native.outputs()["added_domains"] == []
    assert native.outputs()["pending_domains"] == [B]
    native.domains(A, B)
    native.up("--expect-no-changes")
    assert native.calls() == []


def test_what_cannot_be_imported_is_reported_once_and_clearly(native, golden):
    """A wrong id, and an app that is not authorised."""
    command = ("import", "--yes", "--generate-code=false", TOKEN, "shop")
    golden("native-import-id", native.run(*command, "shop", fails=True))
    golden("native-import-unknown", native.run(*command, OTHER, fails=True))

    assert native.entries() == []


def test_import_in_the_program_then_update(native):
    """`import_` takes what is live, and the program's other domains come by an update."""
    native.control.seed(APPID, live=[A])
    native.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[{A!r}], "
        f"opts=pulumi.ResourceOptions(import_={APPID!r}))\n"
        f"MiniProgramConfirmFile('file', appid={APPID!r}, opts=pulumi.ResourceOptions(import_={APPID!r}))\n"
    )
    native.up()
    assert not {"set", "add", "delete"} & set(native.calls())

    native.domains(A, B)
    native.up()

    assert native.control.live(APPID) == [A, B]


def test_a_live_value_that_no_program_may_declare_is_imported(native):
    """It stays in the state and on the list."""
    native.control.seed(APPID, live=[A, "http://old.example.com:8080"])

    native.run("import", TOKEN, "shop", APPID, "--yes", "--generate-code=false", "--protect=false")

    assert native.outputs()["domains"] == [A, "http://old.example.com:8080"]
    assert native.control.live(APPID) == [A, "http://old.example.com:8080"]


def test_get_reads_what_another_stack_manages(native):
    """A destroy leaves it alone."""
    native.control.seed(APPID, live=[A, B], effective=[A])
    native.program(
        f"seen = MiniProgramWebviewDomains.get('seen', {APPID!r})\n"
        "pulumi.export('domains', seen.domains)\npulumi.export('pending', seen.pending_domains)\n"
        f"pulumi.export('file', MiniProgramConfirmFile.get('file', {APPID!r}).file_name)\n"
    )
    native.up()
    exports = native.exports()
    assert exports["domains"] == [A, B]
    assert exports["pending"] == [B]
    assert exports["file"].endswith(".txt")

    native.destroy()

    assert native.control.live(APPID) == [A, B]


def test_two_platforms_in_one_program(native):
    """Each provider resource has its own credentials; the environment's are for the rest."""
    native.control.seed(OTHER)
    native.program(
        f"acme = Provider('acme', access_tokens={{{OTHER!r}: 'emulator-{OTHER}'}})\n"
        f"MiniProgramWebviewDomains('other', appid={OTHER!r}, domains=[{B!r}], "
        "opts=pulumi.ResourceOptions(provider=acme))\n"
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[{A!r}])\n"
    )
    native.preview()
    native.up()
    assert native.control.live(OTHER) == [B]
    assert native.control.live(APPID) == [A]
    assert f"emulator-{OTHER}" not in json.dumps(native.export())

    native.refresh()
    native.up("--expect-no-changes")


def test_a_rotated_token_of_a_provider_is_no_diff_of_its_resources(native):
    """And it is used from then on, by a refresh too."""
    program = (
        "acme = Provider('acme', access_tokens={{{0!r}: '{1}'}})\n"
        "MiniProgramWebviewDomains('shop', appid={0!r}, domains=[{2!r}], "
        "opts=pulumi.ResourceOptions(provider=acme))\n"
    )
    native.program(program.format(APPID, f"emulator-{APPID}", A))
    native.up()
    native.calls()

    native.program(program.format(APPID, "rotated", A))
    printed = native.preview("--diff")

    assert native.calls() == []
    assert "replace" not in printed
    assert "MiniProgramWebviewDomains" not in printed
    native.up()
    assert native.calls() == []
    assert "40001" in native.refresh(fails=True)  # the emulator does not know the new one


def test_a_wrong_setting_is_reported_by_the_provider_once(native):
    """For two resources too."""
    native.environment["WECHAT_MINIPROGRAM_REQUEST_TIMEOUT"] = "soon"
    native.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[{A!r}])\n"
        f"MiniProgramWebviewDomains('other', appid={OTHER!r}, domains=[{A!r}])\n"
    )

    printed = native.preview(fails=True)

    assert diagnostics(printed).count("WECHAT_MINIPROGRAM_REQUEST_TIMEOUT") == 1


def test_secret_domains_stay_secret_in_every_list(native):
    """Those that WeChat's answers fill too."""
    native.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=pulumi.Output.secret([{A!r}]))\n"
    )
    native.up()
    native.control.release(APPID)
    native.refresh()

    assert A not in json.dumps(native.export())


def test_a_half_done_update_is_in_the_state(native):
    """The addition is recorded with the error; the next update does what is left."""
    native.domains(A)
    native.up()
    native.domains(B)
    native.control.fault(action="delete", errcode=85015)
    printed = native.up(fails=True)
    assert "85015" in printed
    entry = native.resources()["shop"]
    assert entry["initErrors"]
    assert native.outputs()["domains"] == [A, B]
    assert native.outputs()["added_domains"] == [A, B]
    native.calls()

    native.up()

    assert native.calls() == ["get", "delete", "effective"]
    assert native.control.live(APPID) == [B]
    assert "initErrors" not in native.resources()["shop"]


def test_no_stack_trace_is_stored(native):
    """It is a third of a state, with file names of the machine; the dynamic face leaves it out too."""
    native.domains(A)
    native.up()
    assert "stackTrace" not in native.resources()["shop"]
    native.face = ""
    native.domains(B, name="dynamic", mode="additive")
    native.up()
    assert "stackTrace" not in native.resources()["dynamic"]


def test_a_function_of_another_provider_reads_there(native):
    """While that provider's settings are unknown, so is the answer; the plain form says what to call."""
    other = "opts=pulumi.InvokeOptions(provider=acme)"
    program = (
        f"file = MiniProgramConfirmFile('file', appid={APPID!r})\n"
        "acme = Provider('acme', access_tokens={"
        f"{OTHER!r}: file.id.apply(lambda _: 'emulator-{OTHER}')}})\n"
        f"pulumi.export('seen', get_webview_domains_output({OTHER!r}, {other}).domains)\n"
        f"pulumi.export('apps', list_authorizers_output({other}))\n"
    )
    native.control.seed(OTHER, live=[B])
    native.program(f"{program}list_authorizers({other})\n")

    reported = native.preview(fails=True)
    native.program(program)
    native.preview()
    native.up()

    assert "settings are not known before the update" in reported
    assert native.exports() == {"seen": [B], "apps": [OTHER]}
