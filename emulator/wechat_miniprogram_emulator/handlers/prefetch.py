"""The hosts whose DNS a Mini Program looks up in advance."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.call import Answer, Call, Refused
from wechat_miniprogram_emulator.model.prefetch import (
    MONTHLY_CHANGES,
    SIZE_LIMIT,
    PrefetchHosts,
    refusal,
)
from wechat_miniprogram_emulator.store.documents import PREFETCH_HOSTS

_EXCEEDED = 9420000
_BAD_FORMAT = 47001
_STATUS = 0


def set_hosts(call: Call) -> Answer:
    """`set_prefetchdnsdomain`: the hosts whose DNS is looked up in advance, as a whole."""
    sent = call.body.get("prefetch_dns_domain")
    items = [item for item in sent if isinstance(item, dict)] if isinstance(sent, list) else []
    if any(item.keys() - {"url"} for item in items):
        raise Refused(_BAD_FORMAT)
    urls = [item.get("url") for item in items]
    hosts = tuple(url for url in urls if isinstance(url, str))
    if not isinstance(sent, list) or len(hosts) < len(sent):
        raise Refused(40097)
    if not hosts and call.world.switches.prefetch_empty == "error":
        raise Refused(40097)
    if errcode := refusal(hosts, call.world.unfiled_hosts):
        raise Refused(errcode)
    call.take("prefetch hosts", "month", MONTHLY_CHANGES, _EXCEEDED)
    call.world.store.documents.write(call.app.appid, PREFETCH_HOSTS, PrefetchHosts(hosts))
    if call.world.switches.prefetch_errcode == "text":
        return Answer({"errcode": "0"}, applied=True, bare=True)
    return Answer(applied=True)


def get_hosts(call: Call) -> Answer:
    """`get_prefetchdnsdomain`: the same, read."""
    hosts = call.world.store.documents.read(call.app.appid, PREFETCH_HOSTS).hosts
    found = [{"url": host, "status": _STATUS} for host in hosts]
    return Answer({"prefetch_dns_domain": found, "size_limit": SIZE_LIMIT})
