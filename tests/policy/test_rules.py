"""The list of the policies."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pulumi_wechat_miniprogram import policy
from pulumi_wechat_miniprogram.policy import RULES


def test_every_public_name_is_there():
    """`__all__` is sorted, and each name loads."""
    assert policy.__all__ == sorted(policy.__all__)
    assert [getattr(policy, name) for name in policy.__all__]


def test_a_missing_extra_is_named():
    """Whoever installed the package alone learns what to install."""
    program = "import sys; sys.modules['pulumi_policy'] = None; import pulumi_wechat_miniprogram.policy"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: policies need pulumi_policy: pip install 'pulumi-wechat-miniprogram[policy]'"
    )


def test_each_policy_is_there_once_and_by_its_name():
    """Whoever chooses finds all of them."""
    ids = [rule.id for rule in RULES]

    assert len(set(ids)) == len(ids)
    assert [rule for rule in RULES if getattr(policy, _constant(rule.id)) is not rule] == []


def _constant(id_):
    return id_.upper().replace("-", "_")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_policy_says_what_a_person_needs(rule):
    """Sentences that end, tags, and something to judge with."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert [text for text in (rule.description, rule.steps) if not text.endswith(".")] == []
    assert rule.tags
    assert rule.judge or rule.judge_config or rule.judge_stack
    assert bool(rule.remedy) == ("remediation" in rule.tags)
