"""Every command that reads exports, on resources of either face."""

from __future__ import annotations

import functools
import re

import pytest

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from tests.exports.stacks import APPID, OTHER, A, B, C, D, confirm_file, export, native, resource, secret

TYPES = (TOKENS["dynamic"]["webview-domains"], TOKENS["native"]["webview-domains"])
TIMES = re.compile(r'"(time": ".*|seconds": [\d.]+)')
PENDING = [{"type": "creating", "resource": resource("half", A)}]
BEFORE = export(resource("shop", A, effective=[]))
NOW = export(
    resource("shop", A, B, effective=[A, D], outputs={"added_domains": [B], "shared_domains": {A: ["pay"]}}),
    resource("pay", A, C, appid=OTHER, mode="additive", outputs={"declared_as": "pay"}),
    resource("sealed", appid="wx00000000000000ff", outputs={"domains": secret()}),
    confirm_file("file"),
    pending_operations=PENDING,
)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ["inventory", "now.json"]),
        (0, ["inventory", "now.json", "--by", "host", "--json"]),
        (0, ["inventory", "now.json", "--by", "release", "--csv"]),
        (0, ["inventory", "now.json", "--json"]),
        (1, ["drift", "now.json", "--json"]),
        (2, ["drift", "now.json", "--appid", APPID]),
        (0, ["report", "now.json", "--since", "before.json", "-o", "fleet.html"]),
        (0, ["plan", "now.json", "--appid", APPID, "--domains", "new.txt"]),
        (0, ["plan", "now.json", "--appid", OTHER, "--domains", "new.txt", "--format", "json"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize(
    "stored", [native, functools.partial(native, spell=dict)], ids=["native", "moved to native"]
)
def test_a_command_tells_the_same_of_either_face(
    printed, wechat, tmp_path, monkeypatch, stored, code, arguments
):
    """The type of a resource, in its URN, is the only difference."""
    monkeypatch.chdir(tmp_path)
    wechat.seed(APPID, live=[A, D])
    wechat.seed(OTHER, live=[A, C])
    (tmp_path / "new.txt").write_text(f"{C}\n", encoding="utf-8")

    def reported(of_face):
        for name, content in (("before.json", BEFORE), ("now.json", NOW)):
            (tmp_path / name).write_bytes(of_face(content))
        result = (TIMES.sub("", each) if isinstance(each, str) else each for each in printed(*arguments))
        page = tmp_path / "fleet.html"
        return (*result, page.read_text(encoding="utf-8") if page.exists() else "")

    dynamic, other = reported(bytes), reported(stored)

    assert other == tuple(each.replace(*TYPES) if isinstance(each, str) else each for each in dynamic)
    assert dynamic[0] == code
    assert "".join(map(str, dynamic[1:]))
