"""The provider reads what the corpus has, and its table of codes means what the sources say."""

from __future__ import annotations

import re

import httpx
import pytest
from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES
from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, WeChatError
from pulumi_wechat_miniprogram.wechat.models import (
    AuthorizerPage,
    AuthorizerToken,
    ComponentToken,
    ConfirmFile,
    EffectiveLists,
    LiveList,
    PlatformHosts,
    PlatformServerHosts,
    PlatformWebviewHosts,
    PrefetchHosts,
    Reply,
    ServerWrite,
    split_rid,
)
from pulumi_wechat_miniprogram.wechat.wire import Post, Wire
from tests.corpus.entries import ENTRIES, Entry
from tests.emulator.conftest import APPID

MODELS: dict[str, type[Reply]] = {
    "/wxa/setwebviewdomain": LiveList,
    "/wxa/setwebviewdomain_directly": LiveList,
    "/wxa/get_effective_webviewdomain": EffectiveLists,
    "/wxa/get_webviewdomain_confirmfile": ConfirmFile,
    "/wxa/modify_domain": ServerWrite,
    "/wxa/modify_domain_directly": ServerWrite,
    "/wxa/get_prefetchdnsdomain": PrefetchHosts,
    "/cgi-bin/component/modify_wxa_jump_domain": PlatformWebviewHosts,
    "/cgi-bin/component/modify_wxa_server_domain": PlatformServerHosts,
    "/cgi-bin/component/api_component_token": ComponentToken,
    "/cgi-bin/component/api_authorizer_token": AuthorizerToken,
    "/cgi-bin/component/api_get_authorizer_list": AuthorizerPage,
}
WHOLE = [entry for entry in ENTRIES if not entry.cut]
GOOD = [entry for entry in WHOLE if not entry.code]
FOREIGN = [e for e in GOOD if e.endpoint not in MODELS and "errcode" not in e.document()]
"""Answers of endpoints that the provider never calls, known by their own fields alone."""
REFUSALS = [entry for entry in ENTRIES if entry.code]
RID = re.compile(r" ?rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})$")


def model_of(entry: Entry) -> type[Reply]:
    """What the provider reads an endpoint's answer as."""
    return MODELS.get(entry.endpoint, Reply)


def read(entry: Entry) -> Reply:
    """Let the provider's client receive an entry's bytes."""
    content = (entry.response or entry.expected).encode()
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=content))
    wire = Wire(Settings(endpoint="http://127.0.0.1:1"), transport=transport, warn=pytest.fail)
    try:
        return wire.post(Post(Call(APPID, "get"), entry.endpoint), model_of(entry))
    finally:
        wire.close()


def plain(value: object) -> object:
    """A field's value as JSON has it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("entry", [e for e in GOOD if e not in FOREIGN], ids=lambda entry: entry.id)
def test_a_good_answer_is_read_field_by_field(entry):
    """Each field has its value, errcode also where it is absent or text."""
    reply = read(entry)

    document = entry.document()
    fields = {name for name in document if model_of(entry) is not Reply or name in Reply.model_fields}
    if isinstance(reply, AuthorizerPage):
        listed = document.pop("list")
        fields.remove("list")
        assert [each.authorizer_appid for each in reply.authorizers] == [
            e["authorizer_appid"] for e in listed
        ]
    reported = {name: document[name] for name in fields} | {"errcode": int(str(document.get("errcode", 0)))}
    had = {name: plain(value) for name, value in reply.model_dump(by_alias=True).items() if name in reported}
    if isinstance(reply, PlatformHosts):
        had |= {name: ";".join(hosts) for name, hosts in had.items() if isinstance(hosts, list)}
    if isinstance(reply, PrefetchHosts):
        had["prefetch_dns_domain"] = [{"url": host, "status": 0} for host in reply.hosts]
    assert had == reported


@pytest.mark.parametrize("entry", FOREIGN, ids=lambda entry: entry.id)
def test_an_answer_to_another_call_is_no_answer(entry):
    """Without an errcode, the fields of the very call decide."""
    with pytest.raises(BadReply, match="neither an errcode nor a field of this call's answer"):
        read(entry)


@pytest.mark.parametrize("entry", REFUSALS, ids=lambda entry: entry.id)
def test_a_refusal_is_a_typed_error(entry):
    """With WeChat's code, its text and, apart from that, the rid."""
    with pytest.raises(WeChatError) as refused:
        read(entry)

    errmsg = str(entry.document()["errmsg"])
    rid = RID.search(errmsg)
    error = refused.value
    assert (error.errcode, error.errmsg, error.rid) == (
        entry.code,
        RID.sub("", errmsg),
        rid[1] if rid else None,
    )
    assert split_rid(errmsg) == (error.errmsg, error.rid)


@pytest.mark.parametrize("entry", REFUSALS, ids=lambda entry: entry.id)
def test_the_table_of_codes_means_what_the_sources_say(entry):
    """Each word that a source's explanation comes down to is in the meaning."""
    row = ERRCODES[entry.code]

    assert [word for word in entry.means if word.lower() not in row.meaning.lower()] == []


def test_every_code_has_such_words():
    """At least one entry of each code says what it means."""
    explained = {entry.code for entry in REFUSALS if entry.means}

    assert {entry.code for entry in REFUSALS} == explained


def test_every_model_reads_something():
    """No model goes without a text that WeChat is known to have sent."""
    shown = {model_of(entry) for entry in ENTRIES if not entry.code and entry.grade != "D"}

    assert shown == {Reply, *MODELS.values()}
