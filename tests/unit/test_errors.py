"""Every code of WeChat as a typed error with its meaning and remedy."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.wechat import errcodes, errors
from pulumi_wechat_miniprogram.wechat.models import split_rid
from tests.bench import APPID, A, B

CALL = errors.Call(APPID, "add", (A,))


@pytest.mark.parametrize("row", errcodes.ERRCODES.values(), ids=lambda row: str(row.code))
def test_every_code_is_typed_and_explained(row):
    """Each row of the table runs through the mapping with code, text, rid, meaning and remedy."""
    error = errors.wechat_error(CALL, row.code, "text", "66cc41ab-6aaf22fd-1ffae523")

    named = f"\n  This concerns {A}." if row.kind in {"confirm-file", "domain"} else ""
    assert str(error) == (
        f"add of 1 domain for {APPID} refused: text ({row.code}, rid 66cc41ab-6aaf22fd-1ffae523): "
        f"{row.meaning}\n  {row.remedy}.{named}"
    )
    assert errors.may_repeat(error) == row.repeat


def test_a_code_that_the_table_lacks():
    """It is a typed error too, without rid and text if WeChat gave none."""
    error = errors.wechat_error(errors.Call(APPID, "delete", (A, B)), 999, "", None)

    assert type(error) is errors.WeChatError
    assert str(error).startswith(
        f"delete of 2 domains for {APPID} refused: no errmsg (999): a code that this provider does not know\n"
    )
    assert errors.may_repeat(error) is False


@pytest.mark.parametrize(
    ("errmsg", "parts"),
    [
        ("check confirmfile fail! rid: 66cc41ab-6aaf22fd-1ffae523", ("check confirmfile fail!", True)),
        (" rid: 66cc41ab-6aaf22fd-1ffae523", ("", True)),
        ("not support single hint: [zhBYra05324525]", ("not support single hint: [zhBYra05324525]", False)),
    ],
)
def test_the_rid_is_kept(errmsg, parts):
    """The rid is WeChat's reference for support."""
    text, rid = split_rid(errmsg)

    assert (text, rid == "66cc41ab-6aaf22fd-1ffae523") == parts


def test_errors_with_the_same_headline_are_alike():
    """What was found out about one app does not tell its error from that of another app."""
    assert UserError("No token.").adding("It is wxa.").alike == UserError("No token.", "Set one.").alike
