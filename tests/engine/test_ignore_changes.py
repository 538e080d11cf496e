"""`ignore_changes=["domains"]`: what a refresh took from WeChat passes, whatever the rules say of it."""

from __future__ import annotations

import pytest

from tests.engine.conftest import APPID, A


@pytest.mark.parametrize("live", [[A, "https://shop.example.com:8443", "https://*.example.com"], []])
def test_a_live_list_that_the_rules_refuse_locks_no_stack(project, live):
    """Another team keeps the list; preview, up and destroy go on."""
    project.control.switch(value_form="echo")
    opts = "opts=pulumi.ResourceOptions(ignore_changes=['domains'])"
    project.program(f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains={[A]!r}, {opts})\n")
    project.up()
    project.control.seed(APPID, live=live)
    project.refresh()
    project.calls()

    project.preview()
    assert "2 unchanged" in project.up()

    assert project.calls() == []
    project.destroy()
