"""The plugin's schema, as the CLI reads it."""

from __future__ import annotations

import json
import subprocess

from pulumi_wechat_miniprogram.plugin.schema import schema
from tests.contract.plugin_process import EXECUTABLE
from tests.engine.conftest import environment_of


def test_the_cli_gets_the_schema_and_finds_no_fault(tmp_path):
    """With nothing but the plugin's path; no warning either."""

    def run(*command):
        return subprocess.run(
            ["pulumi", *command],
            cwd=tmp_path,
            env=environment_of(tmp_path),
            capture_output=True,
            text=True,
            check=True,
        )

    reported = run("package", "get-schema", str(EXECUTABLE))
    file = tmp_path / "schema.json"
    file.write_text(reported.stdout, encoding="utf-8")
    checked = run("schema", "check", str(file))

    assert json.loads(reported.stdout).keys() >= schema().keys() - {"meta"}
    assert json.loads(reported.stdout)["resources"].keys() == schema()["resources"].keys()
    assert "warning" not in (checked.stdout + checked.stderr).lower()
