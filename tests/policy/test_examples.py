"""What docs and examples show is what the pack takes."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from pulumi_wechat_miniprogram.policy import RULES
from pulumi_wechat_miniprogram.policy.configuration import check_config, parse_config
from tests.exports.stacks import export, resource
from tests.policy.conftest import props
from tests.policy.test_serve import started

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs/guides/policies.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples/policy"


def configured(text):
    """The policies that have something to judge with a configuration, after its check."""
    split = {name: {} if isinstance(value, str) else value for name, value in json.loads(text).items()}
    given = {
        name: {key: each for key, each in value.items() if key != "enforcementLevel"}
        for name, value in split.items()
    }
    check_config(RULES, given)
    return [rule.id for rule in RULES if not parse_config(rule, given.get(rule.id, {})).idle]


def test_the_configuration_of_the_docs_is_right(tmp_path):
    """Each of its policies and properties is there."""
    (text,) = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
    baseline = tmp_path / "baseline.json"
    baseline.write_bytes(export(resource("shop", "https://shop.example.com")))

    assert {"approved-suffixes", "freeze"} <= set(
        configured(text.replace("/srv/acme/baseline.json", str(baseline)))
    )


def test_the_configuration_of_the_example_is_right():
    """And leaves out only what needs more resources, or more names."""
    active = configured((EXAMPLE / "policy.json").read_text(encoding="utf-8"))

    assert {rule.id for rule in RULES} - set(active) == {"denied-suffixes"}


def test_the_pack_of_the_docs_serves(tmp_path):
    """With its name, its version and the policies that it names, and no other."""
    pack = tmp_path / "pack.py"
    pack.write_text(re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)[0], encoding="utf-8")

    with started(sys.executable, str(pack)) as (served, _):
        info = served.info()
        reported = served.analyze(props("a.example.com"))

    assert reported == []
    assert (info.name, info.version) == ("acme-webview", "1.0.0")
    assert [each.name for each in info.policies] == ["approved-suffixes", "freeze"]
