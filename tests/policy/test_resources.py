"""What a policy sees of a resource."""

from __future__ import annotations

from pulumi_policy import proxy

from pulumi_wechat_miniprogram.exports.marks import UNKNOWNS
from pulumi_wechat_miniprogram.exports.properties import Gap
from pulumi_wechat_miniprogram.exports.state import WEBVIEW_DOMAINS_INPUTS
from pulumi_wechat_miniprogram.policy.resources import GUARDS
from pulumi_wechat_miniprogram.policy.rule import unjudged
from tests.policy.conftest import APPID, UNKNOWN, declare, secret


def test_the_marks_of_unknowns_are_pulumis():
    """The policy SDK knows the same ones."""
    theirs = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")}

    assert theirs == UNKNOWNS


def test_the_faces_look_alike_to_a_policy():
    """So each judges both alike; only the guards are named as their inputs spell them."""
    given = {"name": "shop", "appid": secret(APPID), "mode": UNKNOWN}

    assert declare("a.cn", UNKNOWN, **given) == declare("a.cn", UNKNOWN, **given, face="native")


def test_every_switch_among_the_inputs_is_a_guard():
    """A new one that lifts nothing is left out here; any other needs its words in `GUARDS`."""
    switches = {field.name for field in WEBVIEW_DOMAINS_INPUTS if field.schema["type"] == "boolean"}

    assert switches == set(GUARDS)


def test_hosts_are_canonical():
    """A resource whose check failed still reaches a policy, as the program wrote it."""
    declared = declare("https://Shop.Example.com/", "例子.example.com")

    assert declared.hosts == {"shop.example.com", "xn--fsqu00a.example.com"}


def test_a_value_that_no_check_admits_is_kept_as_what_it_names():
    """A refresh brings in live values that others wrote."""
    (domain,) = declare("https://pay.example.com:8443/x").domains

    assert (domain.host, domain.plain) == ("pay.example.com", False)


def test_a_refused_value_is_shown_without_user_info_and_in_one_line():
    """A policy also sees what the check refused, and live values that others wrote."""
    with_password, forged = declare(
        "https://user:pa55/word@Evil.example.com:80", "https://x\n::error::\x1b.example.com"
    ).domains

    assert (with_password.host, with_password.shown) == (
        "evil.example.com",
        "https://***@Evil.example.com:80",
    )
    assert forged.shown == r"https://x\n::error::\x1b.example.com"


def test_unknowns_are_gaps_where_they_stand():
    """An element, a whole list and an appid may each be unknown."""
    element = declare("a.example.com", UNKNOWN, appid=UNKNOWN)
    whole = declare(domains=UNKNOWN)

    assert element.gaps == (Gap("appid", sealed=False), Gap("domains[1]", sealed=False))
    assert whole.gaps == (Gap("domains", sealed=False),)
    assert (element.hosts, element.shown_appid) == ({"a.example.com"}, "an unknown appid")


def test_a_secret_is_judged_and_never_shown():
    """A message names its place."""
    whole = declare(domains=secret(["a.example.com"]), appid=secret(APPID))
    element = declare("a.example.com", secret("b.example.com"))

    assert (whole.hosts, whole.domains[0].shown) == ({"a.example.com"}, "`domains[0]`, a secret,")
    assert (whole.appid, whole.shown_appid) == (APPID, "an appid that is a secret")
    assert [domain.shown for domain in element.domains] == ["a.example.com", "`domains[1]`, a secret,"]


def test_a_secret_of_an_export_is_a_gap():
    """Without the passphrase nobody can read it, and nobody may pass it over."""
    ciphertext = {**secret(""), "ciphertext": "v1:abc"}
    del ciphertext["value"]

    assert declare(domains=ciphertext).gaps == (Gap("domains", sealed=True),)
    assert declare(domains="[secret]").gaps == (Gap("domains", sealed=True),)


def test_the_message_on_gaps_says_what_and_when():
    """Long lists are counted, and the two kinds are kept apart."""
    declared = declare("a.example.com", *[UNKNOWN] * 4, mode="[secret]")

    texts = [finding.text for finding in unjudged(declared, declared.gaps)]

    assert texts == [
        "`domains[1]`, `domains[2]`, `domains[3]` and 1 more of shop are known only during the update: not "
        "checked in this preview, but in the update, before it writes anything.",
        "`mode` of shop is secret and cannot be read here, so it is not checked. Give the stack's "
        "passphrase (PULUMI_CONFIG_PASSPHRASE) or access to its secrets provider.",
    ]


def test_nothing_is_said_where_nothing_is_missing():
    """A resource that is known is judged in silence."""
    assert unjudged(declare("a.example.com"), ()) == []
