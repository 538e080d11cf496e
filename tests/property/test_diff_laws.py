"""The detailed diff of the native plugin, for any lists."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.plugin.diff import detailed
from tests.strategies import APPID, canonical

lists = st.lists(canonical, unique=True, max_size=12)
spelled = lists.map(lambda domains: [f"{domain.upper().replace('HTTPS', 'https')}/" for domain in domains])


@given(lists | spelled, lists)
def test_paths_name_what_goes_and_what_comes_and_nothing_else(before, now):
    """Each index at most once, so that none hides the other."""
    paths = detailed({"appid": APPID, "domains": before}, {"appid": APPID, "domains": now})

    old = [domain.lower().rstrip("/") for domain in before]
    at = {path: int(match[1]) for path in paths if (match := re.fullmatch(r"domains\[(\d+)\]", path))}
    gone = {old[index] for path, index in at.items() if paths[path] in {"DELETE", "UPDATE"}}
    new = {now[index] for path, index in at.items() if paths[path] in {"ADD", "UPDATE"}}
    assert at.keys() == paths.keys()
    assert gone == {*old} - {*now}
    assert new == {*now} - {*old}
