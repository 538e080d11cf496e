"""`fleet` without its extra."""

from __future__ import annotations

import sys

import pytest


@pytest.mark.parametrize("missing", ["distributed", "psutil"])
def test_the_extra_is_named(printed, monkeypatch, tmp_path, missing):
    """The other commands work without it."""
    for name in [name for name in sys.modules if name.startswith("pulumi_wechat_miniprogram.fleet")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "pulumi_wechat_miniprogram.cli.fleet.driver", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)

    code, _, reported = printed("fleet", "preview", "--manifest", tmp_path / "fleet.yaml")

    assert code == 1
    assert f"`fleet` needs {missing}" in " ".join(reported.replace("│", "").split())
    assert "pulumi-wechat-miniprogram[fleet]" in reported
    assert printed("schema")[0] == 0
