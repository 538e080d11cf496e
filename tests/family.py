"""The lists of the whole family, as tests that hold for each of them see them: declared, faulty, looked at.

A host that is on some list is an entry, `server third requestdomain https://a.example.com`, so that whatever
an operation loses shows, on its own list or on another one.
"""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpx

from pulumi_wechat_miniprogram.exports.kinds import Kind
from tests.bench import APPID

COMPONENT = "wxc0c0c0c0c0c0c0c0"
A, B, C, D = (f"{name}.example.com" for name in "abcd")
FOREIGN = "somebody.example.com"
"""On every list except those that a resource owns as a whole."""
TOKENS = json.dumps({APPID: f"emulator-{APPID}", COMPONENT: f"emulator-component-{COMPONENT}"})
"""What a run needs for all of them, as `accessTokens`."""
PLATFORM = {
    "/cgi-bin/component/modify_wxa_jump_domain": "wxa_jump_h5_domain",
    "/cgi-bin/component/modify_wxa_server_domain": "wxa_server_domain",
}
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback speaks plain HTTP, and the system's authorities take 50 ms to load."""


@dataclass(frozen=True)
class Family:
    """One list: the resource that manages it, its inputs, and the entries that a host has on it."""

    kind: Kind
    name: str
    path: str
    entries_of: tuple[str, ...]
    account: str = APPID
    scheme: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    calls: tuple[str, ...] = ("read", "add", "delete", "read")
    """Those of an update that adds and removes."""
    published: bool = True

    @property
    def id(self):
        """The id of its resource."""
        return f"{self.account}/registered" if self.more.get("channel") == "registered" else self.account

    def declare(self, *hosts, **more):
        """Inputs of a resource that declares these hosts and may remove what it drops."""
        account = "appid" if self.account == APPID else "component_appid"
        return {account: self.account, self.name: self.hosts(*hosts), **self.more, **more}

    def hosts(self, *hosts):
        """Hosts as its inputs and outputs spell them."""
        return [f"{self.scheme}{host}" for host in hosts]

    def entries(self, *hosts):
        """The entries of hosts that are wholly on it."""
        return {f"{way} {self.scheme}{host}" for host in hosts for way in self.entries_of}

    def seed(self, control):
        """Put app and platform in place. The platform lists what the registered channel needs."""
        hosts = [FOREIGN] if self.account == COMPONENT else [FOREIGN, "example.com"]
        control.platform(published=self.published, jump_hosts=hosts, server_hosts=hosts)
        ways = {"direct", "mp", "third"} - {word for way in self.entries_of for word in way.split()}
        url = f"https://{FOREIGN}"
        held = {way: [url] if way in ways else [] for way in ("direct", "mp", "third")}
        server = {way: {"requestdomain": values} for way, values in held.items()}
        control.seed(APPID, live=held["direct"], mp=held["mp"], third=held["third"], server=server)
        control.clear_calls()


def everything(control):
    """Every entry of every list, and what is in force. The calls for it are forgotten, with all before."""
    app = control.state(APPID)
    found = {
        f"{way} {value}" for way in ("direct", "mp", "third", "effective") for value in getattr(app, way)
    }
    reply = _ask(control, "POST", "/wxa/get_effective_domain", body={})
    found |= {
        f"server {way} {kind} {value}"
        for way in ("direct", "mp", "third", "effective")
        for kind, values in reply[f"{way}_domain"].items()
        for value in values
    }
    reply = _ask(control, "GET", "/wxa/get_prefetchdnsdomain")
    found |= {f"prefetch {each['url']}" for each in reply["prefetch_dns_domain"]}
    for path, name in PLATFORM.items():
        token = f"component_access_token=emulator-component-{COMPONENT}"
        lists = _ask(control, "POST", path, token, {"action": "get"})
        shown = {key: text for key, text in lists.items() if key.endswith(name)}
        found |= {f"{key} {host}" for key, text in shown.items() for host in text.split(";") if host}
    control.clear_calls()
    return found


def _ask(control, method, path, token="", body=None):
    url = f"{control.url}{path}?{token or f'access_token=emulator-{APPID}'}"
    return httpx.request(method, url, json=body, verify=NOBODY, trust_env=False).json()


def write(control, family, action, host):
    """Let somebody else write one host; only prefetch hosts have no such call."""
    token, values = "", family.hosts(host)
    field: dict[str, Any] = {"webviewdomain": values, "requestdomain": values}
    if family.path in PLATFORM:
        token = f"component_access_token=emulator-component-{COMPONENT}"
        field = {PLATFORM[family.path]: host, "is_modify_published_together": family.published}
    _ask(control, "POST", family.path, token, {"action": action, **field})


def hosts_of(entries):
    """The bare hosts of entries."""
    return {entry.rpartition(" ")[2].rpartition("//")[2] for entry in entries}


def _channel(kind: Kind, name, path, entries_of, channel):
    more = {"allow_mass_removal": True, "channel": channel}
    return Family(kind, name, path, entries_of, scheme="https://", more=more)


def _platform(kind: Kind, path, *, published=True):
    stages = ("testing", "published") if published else ("testing",)
    ways = tuple(f"{stage}_{PLATFORM[path]}" for stage in stages)
    may = {"allow_removal": True}
    return Family(kind, "domains", path, ways, account=COMPONENT, more=may, published=published)


_JUMP, _SERVER = PLATFORM
FAMILY = {
    "registered webview": _channel(
        "webview-domains", "domains", "/wxa/setwebviewdomain", ("third",), "registered"
    ),
    "server": _channel(
        "server-domains", "request", "/wxa/modify_domain_directly", ("server direct requestdomain",), "direct"
    ),
    "registered server": _channel(
        "server-domains", "request", "/wxa/modify_domain", ("server third requestdomain",), "registered"
    ),
    "platform webview": _platform("platform-webview-domains", _JUMP),
    "platform server": _platform("platform-server-domains", _SERVER),
    "unpublished platform": _platform("platform-webview-domains", _JUMP, published=False),
    "prefetch": Family(
        "prefetch-domains",
        "hosts",
        "/wxa/set_prefetchdnsdomain",
        ("prefetch",),
        calls=("read", "set", "read"),
    ),
}
