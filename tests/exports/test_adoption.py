"""Taking over what is live: the declaration, the program and the import file."""

from __future__ import annotations

import ast
import json

import pytest

from pulumi_wechat_miniprogram.exports.adoption import (
    Adopted,
    NotAdopted,
    adopt,
    adopt_all,
    import_file,
    program,
)
from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.lifecycle.reconcile import Recorded
from tests.bench import Bench
from tests.exports.stacks import APPID, OTHER, A, B, C, D
from tests.strategies import observation_of

PORT = "https://a.example.com:8443"
HOSTILE = "https://x\nimport os; os.abort() #\u2028.example.com"
HEAD = '''"""The webview domains of Mini Programs, taken over as they are by `wechat-miniprogram adopt`.

protect=True: a `pulumi destroy` would take live domains away.
"""

import pulumi

'''
IMPORTS = {
    "dynamic": "import pulumi_wechat_miniprogram as wechat\n",
    "native": "from pulumi_wechat_miniprogram import native as wechat\n",
}


def seen(*live, appid=APPID, effective=None, mp=()):
    """An observation; all that is live is in force unless said otherwise."""
    effective = live if effective is None else effective
    return observation_of([*live, *mp], direct=live, others=mp, effective=effective, appid=appid)


def test_what_is_live_is_declared_in_its_order():
    """Canonical; whatever waits is known as pending; nothing counts as added."""
    adopted = adopt("shop", seen("https://B.example.com/", A, effective=[A]))

    assert (adopted.declaration.appid, adopted.declaration.mode) == (APPID, "authoritative")
    assert adopted.declaration.domains == (B, A)
    assert adopted.recorded == Recorded(
        APPID, (B, A), effective_domains=(A,), pending_domains=(B,), release_required=True
    )
    assert (adopted.elsewhere, adopted.refused) == ((), ())


def test_what_only_other_modes_list_is_left_alone():
    """It is never ours."""
    adopted = adopt("shop", seen(A, mp=[D, A]))

    assert adopted.declaration.domains == (A,)
    assert adopted.elsewhere == (D,)


def test_a_live_value_that_cannot_be_declared_makes_it_additive():
    """An authoritative create would have to remove it."""
    adopted = adopt("shop", seen(A, PORT))

    assert (adopted.declaration.mode, adopted.declaration.domains) == ("additive", (A,))
    assert [(error.shown, error.reasons[0].id) for error in adopted.refused] == [(repr(PORT), "port")]
    assert adopted.recorded.mode == "additive"


@pytest.mark.parametrize(("allowed", "mode"), [(True, "authoritative"), (False, "additive")])
def test_reserved_names_follow_the_settings(allowed, mode):
    """As the check of the program will."""
    assert adopt("shop", seen("https://a.test"), allow_reserved=allowed).declaration.mode == mode


@pytest.mark.parametrize("face", TOKENS)
def test_the_program_says_what_waits_and_what_is_left_alone(face):
    """One resource an app, one domain a line."""
    shop = adopt("shop", seen(A, B, effective=[A], mp=[D]))
    pay = adopt('the "pay"', seen(C, PORT, appid=OTHER))

    assert (
        program([shop, pay], face)
        == HEAD
        + IMPORTS[face]
        + f"""
# Left alone, since only the console or mode one lists it: '{D}'
wechat.MiniProgramWebviewDomains(
    "shop",
    appid="{APPID}",
    domains=[
        "{A}",
        "{B}",  # pending: in force after the next release
    ],
    opts=pulumi.ResourceOptions(protect=True),
)

# Additive, since these are live and cannot be declared; they stay as they are:
#   '{PORT}': port
wechat.MiniProgramWebviewDomains(
    "the \\"pay\\"",
    appid="{OTHER}",
    mode="additive",
    domains=[
        "{C}",
    ],
    opts=pulumi.ResourceOptions(protect=True),
)
"""
    )


def test_no_live_value_gets_out_of_a_comment():
    """A live list is anybody's text."""
    adopted = [adopt("shop", seen(A, HOSTILE)), adopt("pay", seen(B, appid=OTHER, mp=[HOSTILE]))]

    text = program(adopted, "dynamic")

    statements = ast.parse(text).body
    assert [type(statement).__name__ for statement in statements] == [
        "Expr",
        "Import",
        "Import",
        "Expr",
        "Expr",
    ]
    assert text.count("import os") == 2
    assert text.isascii()


@pytest.mark.parametrize("face", TOKENS)
def test_the_import_file_holds_the_state_of_such_a_create(face):
    """Inputs and outputs, so that the engine reads and calls nothing; the dynamic provider in both."""
    inputs = {
        "appid": APPID,
        "domains": [A, B],
        "mode": "authoritative",
        "overwrite_existing": False,
        "allow_mass_removal": False,
        "channel": "direct",
        "confirm_file_timeout": 0.0,
    }
    outputs = {
        **inputs,
        "effective_domains": [A],
        "pending_domains": [B],
        "release_required": True,
        "added_domains": [],
        "shared_domains": {},
        "declared_as": "shop",
    }

    stored = to_wire if face == "native" else {"__provider": PROVIDERS["webview-domains"]}.__or__

    assert json.loads(import_file([adopt("shop", seen(A, B, effective=[A]))], face)) == {
        "resources": [
            {
                "type": TOKENS[face]["webview-domains"],
                "name": "shop",
                "id": APPID,
                "inputs": stored({**inputs, "__name": "shop"}),
                "outputs": stored(outputs),
            }
        ]
    }


def test_an_app_without_domains_is_in_neither():
    """An empty authoritative list would be refused, and declares nothing."""
    empty = adopt("shop", seen(mp=[D]))

    assert empty.declaration.domains == ()
    assert program([empty], "dynamic") == HEAD + IMPORTS["dynamic"]
    assert json.loads(import_file([empty], "dynamic")) == {"resources": []}


def test_many_apps_are_read_and_a_failing_one_is_told(wechat_emulator):
    """The others are taken over all the same."""
    bench = Bench(wechat_emulator)
    bench.control.seed(APPID, live=[A])
    gone = "wx0000000000000000"

    def observe(appid):
        return None if appid == gone else bench.use.observe(appid)

    shop, left = adopt_all({APPID: "shop", gone: "gone"}, observe, Pace(1))
    bench.use.close()

    assert isinstance(shop, Adopted)
    assert (shop.name, shop.declaration.domains) == ("shop", (A,))
    assert left == NotAdopted(gone, *2 * ["it left the third-party platform"])


def test_what_the_user_can_mend_is_the_problem(wechat_emulator):
    """In the words of the error."""
    bench = Bench(wechat_emulator)
    bench.control.fault(errcode=45009, times=None)

    (failed,) = adopt_all({APPID: "shop"}, bench.use.observe, Pace(1))
    bench.use.close()

    assert isinstance(failed, NotAdopted)
    assert failed.appid == APPID
    assert failed.problem.startswith(f"get for {APPID} refused: ")
