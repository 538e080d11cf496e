"""The command `wechat-miniprogram inventory`."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.exports.inventory import App, Host, Listing
from tests.exports.stacks import APPID, OTHER, WEBVIEW_DOMAINS, A, B, C, D, export, resource, secret, urn

COMMAND = (sys.executable, "-c", "from pulumi_wechat_miniprogram.cli import main; main()", "inventory")


@pytest.fixture
def exported(tmp_path):
    """An export of two apps."""
    path = tmp_path / "dev.json"
    path.write_bytes(
        export(
            resource("shop", A, B, effective=[A, D]),
            resource("pay", A, appid=OTHER, mode="additive"),
            resource("till", C, appid=OTHER, mode="additive"),
        )
    )
    return str(path)


def test_the_table_has_one_line_for_each_app(printed, exported):
    """For a person: names, counts, and the totals."""
    code, output, errors = printed("inventory", exported)

    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        "appid                declared by          mode            domains   in force   pending   undeclared   release",
        f"{APPID}   shop/dev: shop       authoritative   2         1          1         1            required",
        f"{OTHER}   shop/dev: pay till   additive        2         2          0         0",
        "",
        "2 Mini Programs, 5 domains (4 different): 3 in force, 1 pending, 1 undeclared",
    ]


def test_the_table_by_host_shows_the_fan_out(printed, exported):
    """How many of WeChat's 100 subjects a domain may occupy."""
    _, output, _ = printed("inventory", exported, "--by", "host", "--host", "a.*")

    assert output.splitlines()[1:] == [
        f"{A}   2 of 100        0         shop/dev: shop pay",
        "",
        "2 Mini Programs, 2 domains (1 different): 2 in force, 0 pending, 0 undeclared",
    ]


def test_the_table_by_release_shows_what_waits(printed, exported):
    """One line for each domain of each app."""
    _, output, _ = printed("inventory", exported, "--by", "release", "--appid", APPID)

    assert output.splitlines()[1:-2] == [
        f"pending      {APPID}   {B}   shop/dev: shop",
        f"undeclared   {APPID}   {D}",
        f"in-force     {APPID}   {A}   shop/dev: shop",
    ]


def test_json_has_a_version_and_every_field(printed, exported):
    """The documented shape."""
    _, output, _ = printed("inventory", exported, "--json", "--release", "pending")

    assert json.loads(output) == {
        "version": 1,
        "by": "app",
        "rows": [
            {
                "appid": APPID,
                "stacks": ["shop/dev"],
                "resources": [urn("shop")],
                "modes": ["authoritative"],
                "in_force": [],
                "pending": [B],
                "undeclared": [],
                "release_required": True,
                "sealed": False,
                "confirm_file": "",
                "channels": ["direct"],
                "platform": False,
            }
        ],
    }


def test_csv_has_the_same_fields(printed, exported):
    """Lists are parted by blanks, flags are true and false."""
    _, output, _ = printed("inventory", exported, "--csv", "--appid", OTHER)

    assert list(csv.DictReader(io.StringIO(output))) == [
        {
            "appid": OTHER,
            "stacks": "shop/dev",
            "resources": f"{urn('pay')} {urn('till')}",
            "modes": "additive",
            "in_force": f"{A} {C}",
            "pending": "",
            "undeclared": "",
            "release_required": "false",
            "sealed": "false",
            "confirm_file": "",
            "channels": "direct",
            "platform": "false",
        }
    ]


def test_csv_without_rows_has_its_heading(printed, exported):
    """So that a reader of columns finds them."""
    assert printed("inventory", exported, "--csv", "--by", "host", "--host", "nobody")[1] == (
        "domain,apps,count,limit,pending,stacks,resources,counted\n"
    )


@pytest.mark.parametrize(("hush", "seal"), [("hush.example.com", "seal.example.com"), ("vip9.cn", "a9.cn")])
def test_a_secret_of_the_program_is_not_printed(printed, tmp_path, hush, seal):
    """Neither shown secrets nor the parts of encrypted ones that a state holds in clear."""
    path = tmp_path / "dev.json"
    hushed = {"domains": secret([f"https://{hush}"]), "effective_domains": []}
    sealed = {"domains": secret(), "pending_domains": [f"https://{seal}"]}
    path.write_bytes(
        export(
            resource("shop", outputs=hushed), resource("pay", appid=OTHER, outputs=sealed, mode="additive")
        )
    )

    everything = [
        printed("inventory", str(path), "--by", by, *form)
        for by in ("app", "host", "release")
        for form in ([], ["--json"], ["--csv"])
    ]

    assert {code for code, _, _ in everything} == {0}
    assert hush not in str(everything)
    assert seal not in str(everything)
    assert " encrypted\n" in everything[0][1]
    assert "https://***" in everything[3][1]


def test_a_domain_cannot_write_to_the_terminal(printed, tmp_path):
    """What somebody else put on a live list is shown with its control characters visible, and without markup."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", "https://a\x1b]0;x\x07[red].example.com")))

    _, output, _ = printed("inventory", str(path), "--by", "host")

    assert r"https://a\x1b]0;x\x07[red].example.com" in output


def test_a_domain_cannot_pass_for_a_line(printed, tmp_path):
    """A line break in it is visible, in the table and in CSV."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", "https://a\nforged.example.com")))

    texts = [printed("inventory", str(path), "--by", "release", *how)[1] for how in ([], ["--csv"])]

    assert [r"https://a\nforged.example.com" in text for text in texts] == [True, True]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(1)"])
def test_a_spreadsheet_runs_no_domain(printed, tmp_path, value):
    """An apostrophe before what would be a formula makes it a text."""
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource("shop", value)))

    _, output, _ = printed("inventory", str(path), "--csv", "--by", "host")

    assert output.splitlines()[1].startswith("'")


def test_what_utf_8_cannot_hold_is_escaped_in_json(printed, tmp_path):
    """Half a surrogate pair, which a JSON answer may contain, and a control character."""
    path = tmp_path / "dev.json"
    value = "https://\ud800\x9b.example.com"
    path.write_bytes(export(resource("shop", value)))

    code, output, _ = printed("inventory", str(path), "--json", "--by", "host")

    assert (code, output.isascii()) == (0, True)
    assert json.loads(output)["rows"][0]["domain"] == r"https://\ud800\x9b.example.com"


def test_what_a_killed_run_left_is_reported(printed, tmp_path):
    """On standard error, beside the result."""
    pending = [{"type": "creating", "resource": {"urn": urn("half"), "type": WEBVIEW_DOMAINS}}]
    path = tmp_path / "dev.json"
    path.write_bytes(export(pending_operations=pending))

    _, output, errors = printed("inventory", str(path))

    assert errors == f"warning: {path}: a killed run left {urn('half')} half done; run `pulumi up` again\n"
    assert "half" not in output


def test_a_name_cannot_forge_a_line(printed, tmp_path):
    """A resource may be called anything, by the program of somebody else."""
    name = "half\nwarning: forged\x1b[2J"
    pending = [{"type": "creating", "resource": {"urn": urn(name), "type": WEBVIEW_DOMAINS}}]
    path = tmp_path / "dev.json"
    path.write_bytes(export(resource(name, A), pending_operations=pending))

    _, output, errors = printed("inventory", str(path))

    assert r"half\nwarning: forged\x1b[2J" in output
    assert errors.count("\n") == 1
    assert r"::half\nwarning: forged\x1b[2J half done; " in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ["inventory"],
        ["drift"],
        ["report", "-o", "report.html"],
        ["plan", "--appid", APPID, "--domains", "list.txt"],
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ({"domains": A}, "`domains` is not what this provider stores"),
        ({"appid": 7}, "`appid` is not what this provider stores"),
        ({"pending_domains": [None]}, "`pending_domains` is not what this provider stores"),
    ],
)
def test_a_damaged_state_is_one_error(printed, tmp_path, monkeypatch, arguments, damage, problem):
    """Every command that reads one names the resource and the property."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text(A, encoding="utf-8")
    (tmp_path / "dev.json").write_bytes(export(resource("shop\nforged", A, outputs=damage)))

    code, output, errors = printed(arguments[0], "dev.json", *arguments[1:])

    assert (code, output) == (1, "")
    place = urn(r"shop\nforged")
    assert errors == f"error: dev.json is damaged at {place}: {problem}, see `wechat-miniprogram schema`\n"
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "name an export (a file, a folder, or - for standard input) or a --stack"),
        (["x.json", "--json", "--csv"], "--json and --csv are two formats; choose one"),
        (["x.json", "--by", "colour"], "'colour' is not one of 'app', 'host', 'release'"),
        (["x.json"], "error: x.json cannot be read: No such file or directory"),
    ],
)
def test_wrong_usage_and_errors_leave_with_one(printed, arguments, text):
    """On standard error; nothing is printed."""
    code, output, errors = printed("inventory", *arguments)

    assert (code, output) == (1, "")
    assert text in " ".join(errors.replace("│", "").split())


@pytest.mark.parametrize("kind", [App, Host, Listing])
def test_every_field_is_documented(kind):
    """Whoever reads JSON or CSV finds what each field means."""
    page = (Path(__file__).parents[2] / "docs/reference/command-line/inventory.md").read_text(
        encoding="utf-8"
    )

    assert [field.name for field in fields(kind) if f"`{field.name}`" not in page] == []


def process(*arguments, given=b"", **environment):
    """The command as its own process, with standard input."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=given,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


def test_an_export_comes_through_a_pipe():
    """As `pulumi stack export | wechat-miniprogram inventory -`."""
    done = process("-", "--csv", "--by", "host", given=export(resource("shop", A)))

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[1].startswith(f"{A},{APPID},1,100,")


@pytest.mark.parametrize("how", [[], ["--json"], ["--csv"]])
def test_an_output_of_ascii_gets_the_rest_escaped(how):
    """As in a log without UTF-8: the name of the resource is not ASCII."""
    done = process("-", *how, given=export(resource("\u5e97", A)), PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u5e97" in done.stdout


def test_a_narrow_terminal_cuts_nothing():
    """FORCE_COLOR replaces a terminal here, which breaks the lines itself."""
    done = process("-", "--by", "release", given=export(resource("shop", A)), FORCE_COLOR="1", COLUMNS="30")

    assert f"{APPID}   {A}   shop/dev: shop" in done.stdout.decode()


def test_a_closed_output_is_no_error():
    """As `>&-` in a shell."""
    done = subprocess.run(
        ["sh", "-c", '"$0" "$@" >&-', *COMMAND, "-"],
        input=export(resource("shop", A)),
        stderr=subprocess.PIPE,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [["inventory", "FILE"], ["report", "FILE"], ["plan", "--appid", APPID, "--domains", "LIST", "FILE"]],
)
def test_a_closed_input_is_no_error(tmp_path, arguments):
    """As `<&-` in a shell."""
    (tmp_path / "FILE").write_bytes(export(resource("shop", A)))
    (tmp_path / "LIST").write_text(A)

    assert closed_input(tmp_path, *arguments) == (0, "")


def test_a_closed_input_that_is_to_be_read_is_an_error(tmp_path):
    """It is not an empty one."""
    assert closed_input(tmp_path, "inventory", "-") == (
        1,
        "error: standard input cannot be read: it is closed\n",
    )


def closed_input(folder, *arguments):
    """Exit status and stderr of a command without standard input."""
    done = subprocess.run(
        ["sh", "-c", '"$0" "$@" <&-', *COMMAND[:-1], *arguments], cwd=folder, capture_output=True, check=False
    )
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)],
)
def test_colours_come_to_a_terminal_only(environment, coloured):
    """FORCE_COLOR replaces a terminal here; NO_COLOR takes colours away."""
    done = process("-", given=export(resource("shop", A, effective=[])), **environment)

    assert (b"\x1b[33m" in done.stdout) == coloured


def test_a_reader_that_has_enough_ends_the_command_quietly():
    """As `… | head`."""
    content = export(*(resource(f"r{n}", A, B, C, appid=f"wx{n:016x}") for n in range(3000)))
    arguments = [*COMMAND, "-", "--by", "release", "--csv"]

    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(content)
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()

    assert errors == b""
