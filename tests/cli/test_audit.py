"""The command `wechat-miniprogram audit`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.safety.audit import FIELDS, AuditLog, acting
from tests.exports.stacks import APPID, OTHER, A, B

DONE = {"result": "done", "errcode": 0, "refused": ()}


@pytest.fixture
def path(tmp_path):
    """A log of three writes: two of them a day apart, the third one just now."""
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    with acting(operation="update", resource="shop", stack="shop/dev", before=[], after=[A]):
        log.add({"appid": APPID, "action": "add", "domains": (A,), **DONE})
        log.add(
            {
                "appid": OTHER,
                "action": "delete",
                "domains": (B,),
                **DONE,
                "result": "in doubt",
                "errcode": None,
            }
        )
    log.add(
        {
            "appid": APPID,
            "action": "add",
            "domains": (B,),
            **DONE,
            "result": "refused",
            "errcode": 86103,
            "rid": "r-1",
        }
    )
    first, second, third = path.read_text(encoding="utf-8").splitlines()
    old = [
        json.dumps({**json.loads(line), "time": f"2026-01-{day}T06:00:00Z", "user": "li"})
        for day, line in ((30, first), (31, second))
    ]
    path.write_text("\n".join([*old, third, ""]), encoding="utf-8")
    return path


def rows(output):
    """The cells of a table's rows."""
    _, *lines, _, _ = output.splitlines()
    return [line.split() for line in lines]


def test_a_table_has_every_write(printed, path, monkeypatch):
    """Of the file that the setting names."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_AUDIT_LOG", str(path))

    code, output, errors = printed("audit")

    assert (code, errors) == (0, "")
    assert output.splitlines()[0].split() == [
        *("time", "appid", "operation", "action", "domains", "result", "errcode", "rid", "by", "resource")
    ]
    assert rows(output)[:2] == [
        ["2026-01-30T06:00:00Z", APPID, "update", "add", A, "done", "0", "li", "shop/dev", "shop"],
        ["2026-01-31T06:00:00Z", OTHER, "update", "delete", B, "in", "doubt", "li", "shop/dev", "shop"],
    ]
    assert rows(output)[2][1:6] == [APPID, "add", B, "refused", "86103"]
    assert output.splitlines()[-1] == "3 writes"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--appid", OTHER], [B]),
        (["--appid", "wx0*"], [A, B]),
        (["--action", "delete"], [B]),
        (["--action", "delete", "--action", "add"], [A, B, B]),
        (["--errcode", "86103"], [B]),
        (["--errcode", "0"], [A]),
        (["--since", "2026-01-31"], [B, B]),
        (["--since", "2026-01-31T06:00:01Z"], [B]),
        (["--since", "1h"], [B]),
        (["--until", "2026-01-31T06:00:00Z"], [A]),
        (["--since", "2026-01-30", "--until", "2026-01-31"], [A]),
    ],
)
def test_writes_are_filtered(printed, path, arguments, found):
    """Conditions are all met."""
    code, output, _ = printed("audit", path, *arguments, "--format", "json")

    document = json.loads(output)
    assert (code, document["version"]) == (0, 1)
    assert [domain for line in document["writes"] for domain in line["domains"]] == found


def test_rotated_files_are_read_together(printed, path, tmp_path):
    """By time, whatever their order."""
    first, *others = path.read_text(encoding="utf-8").splitlines()
    (tmp_path / "audit.jsonl.1").write_text(first, encoding="utf-8")
    path.write_text("\n".join(others), encoding="utf-8")

    _, output, _ = printed("audit", path, tmp_path / "audit.jsonl.1")

    assert [row[1] for row in rows(output)] == [APPID, OTHER, APPID]


def test_damaged_lines_are_left_out_and_reported(printed, path):
    """One warning for a file."""
    path.write_text('{"version": 1, "ti\n' + path.read_text(encoding="utf-8") + "null\n", encoding="utf-8")

    code, output, errors = printed("audit", path)

    assert (code, len(rows(output))) == (0, 3)
    assert errors == f"warning: {path}: not a line of an audit log, left out: 1, 5\n"


def test_a_line_from_standard_input(printed, path, monkeypatch):
    """Such as of `zcat`."""
    with path.open(encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        _, output, _ = printed("audit", "-", "--action", "delete")

    assert len(rows(output)) == 1


def test_a_value_forges_no_line(printed, path):
    """Live values may be anything."""
    line = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    path.write_text(json.dumps({**line, "domains": ["x\n::error::forged\x1b[31m"]}), encoding="utf-8")

    _, output, _ = printed("audit", path)

    assert r"x\n::error::forged\x1b[31m" in output


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "name a file, or set WECHAT_MINIPROGRAM_AUDIT_LOG"),
        (["no.jsonl"], "no.jsonl: No such file or directory"),
        (["."], ".: it is a folder"),
        (
            [".", "--since", "soon"],
            "--since 'soon' is not a time such as 2026-01-31, 2026-01-31T06:00:00Z or 24h",
        ),
    ],
)
def test_wrong_usage_is_exit_code_1(printed, arguments, problem):
    """One error."""
    code, output, errors = printed("audit", *arguments)

    assert (code, output) == (1, "")
    assert problem in " ".join(errors.replace("│", "").split())


def test_every_field_is_documented():
    """Whoever reads the file finds what each field means."""
    page = (Path(__file__).parents[2] / "docs/reference/command-line/audit.md").read_text(encoding="utf-8")

    assert [name for name in FIELDS if f"`{name}`" not in page] == []
