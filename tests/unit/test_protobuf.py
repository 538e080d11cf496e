"""The messages of the engine's protocol, without the SDK where that can be done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

PROGRAM = """
import sys
{before}
from pulumi_wechat_miniprogram.resources.protobuf import provider_pb2
print(provider_pb2.__name__, hasattr(sys.modules["pulumi"], "Output"))
"""
ELSEWHERE = f"""
__file__ = {pulumi.__file__!r}
__path__ = [{str(Path(pulumi.__file__).parent)!r}]
exec(compile(open(__file__, encoding="utf-8").read(), __file__, "exec"))
"""


@pytest.mark.parametrize(
    ("before", "layout", "has_sdk"),
    [("", "", False), ("import pulumi", "", True), ("", ELSEWHERE, True)],
    ids=["alone", "beside the SDK", "another layout"],
)
def test_the_messages_are_found(tmp_path, monkeypatch, before, layout, has_sdk):
    """With a layout of the SDK that is not known, the whole SDK is loaded."""
    if layout:
        package = tmp_path / "pulumi"
        package.mkdir()
        package.joinpath("__init__.py").write_text(layout, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["pulumi.runtime.proto.provider_pb2", str(has_sdk)]
