"""The resources that a Pulumi program declares."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import pulumi
from pulumi import dynamic

from pulumi_wechat_miniprogram.dynamic.program import announce
from pulumi_wechat_miniprogram.exports.kinds import MODULE, PROVIDERS, SIBLINGS_KEY, TOKENS, Kind
from pulumi_wechat_miniprogram.exports.state import OUTPUTS
from pulumi_wechat_miniprogram.lifecycle.domain import read_listed
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.lifecycle.state import ListName, list_name

_Init = TypeVar("_Init", bound=Callable[..., None])


def untraced(init: _Init) -> _Init:
    """Keep the SDK's stack trace out of the state, a third of it: 1 kB with file names of a machine.

    The SDK takes the frames above the third function named `__init__` (`_get_stack_trace` in
    pulumi/runtime/resource.py), which a constructor with another name in its code is not. A component of the
    program that makes the resource in its own constructor is one; then the trace stays.
    """
    init.__code__ = init.__code__.replace(co_name="declare")
    return init


class MiniProgramWebviewDomains(dynamic.Resource, module=MODULE, name="MiniProgramWebviewDomains"):
    """The webview (business) domains of one Mini Program.

    Owns the whole list: a live domain that `domains` lacks is removed; with `mode="additive"` it owns what
    it lists, no more. Create adopts what is live, writes only what differs, and refuses to remove what
    nobody declared. A new domain is effective after the app's next release, see `release_required`.
    The whole walk: docs/lifecycle.md.

    Attributes:
        appid: the authorizer's appid, as declared.
        domains: declared, canonical (`https://` and a lower-case A-label host), in declared order.
        channel: as declared.
        mode: as declared.
        effective_domains: in force now, that is since the last release; canonical.
        pending_domains: declared, not in force until the next release; canonical.
        release_required: true when a release would change what is in force.
        added_domains: put on the list by this resource, not there before it; canonical.
        shared_domains: declared by other resources of the program too, with the names of these resources.
        declared_as: the name by which `shared_domains` of other resources names this one.
    """

    appid: pulumi.Output[str]
    domains: pulumi.Output[list[str]]
    channel: pulumi.Output[str]
    mode: pulumi.Output[str]
    overwrite_existing: pulumi.Output[bool]
    confirm_file_timeout: pulumi.Output[float]
    allow_mass_removal: pulumi.Output[bool]
    effective_domains: pulumi.Output[list[str]]
    pending_domains: pulumi.Output[list[str]]
    release_required: pulumi.Output[bool]
    added_domains: pulumi.Output[list[str]]
    shared_domains: pulumi.Output[dict[str, list[str]]]
    declared_as: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token: the SDK gives a subclass another one, which no policy or export knows."""
        super().__init_subclass__(module=MODULE, name="MiniProgramWebviewDomains")

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        appid: pulumi.Input[str],
        domains: pulumi.Input[Sequence[pulumi.Input[str]]],
        channel: Literal["direct", "registered"] = "direct",
        mode: pulumi.Input[Literal["authoritative", "additive"]] = "authoritative",
        overwrite_existing: pulumi.Input[bool] = False,
        confirm_file_timeout: pulumi.Input[float] = 0,
        allow_mass_removal: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the webview domains of one Mini Program.

        Args:
            resource_name: the logical name; a later rename needs `aliases` in `opts`.
            appid: the authorizer's appid, `wx` and 16 hex digits; a change replaces the resource.
            domains: at most 300 of `https://host` or `host`; order is kept and never compared.
            channel: `direct` (mode two), or `registered` (mode one): the platform's own list comes first. It
                never changes: see docs/channels.md.
            mode: `authoritative` owns the whole list, `additive` only the listed domains.
            overwrite_existing: authoritative only: may remove live domains that nobody declared.
            confirm_file_timeout: seconds from 0 to 3600 to wait for new hosts to serve the confirm file,
                once WeChat did not find it (86103).
            allow_mass_removal: lifts the safety valve (over 30 % of 10 or more domains, or an empty list).
            opts: Pulumi's resource options.
        """
        props = domains_props(
            "webview-domains",
            resource_name,
            opts,
            appid=appid,
            domains=domains,
            channel=channel,
            mode=mode,
            overwrite_existing=overwrite_existing,
            confirm_file_timeout=confirm_file_timeout,
            allow_mass_removal=allow_mass_removal,
        )
        _register(self, "webview-domains", resource_name, props, opts)


class MiniProgramServerDomains(dynamic.Resource, module=MODULE, name="MiniProgramServerDomains"):
    """The server domains of one Mini Program: the hosts that its code may call, in six lists by kind.

    A list that is not declared is not managed: nothing of it is sent, removed or reported. An empty list is
    managed and to be empty. Owns each managed list as a whole: a live domain that it lacks is removed; with
    `mode="additive"` it owns what it lists, no more. Create adopts what is live, writes only what differs,
    and refuses to remove what nobody declared. Unlike a webview domain, a server domain does not cover its
    subdomains. A new domain is effective after the app's next release, see `release_required`. WeChat
    allows 50 changes of server domains a month for an app; an operation sends two at most, see `writes`.
    The whole walk: docs/server-domains.md.

    Attributes:
        appid: the authorizer's appid, as declared.
        request: declared, canonical (`https://` and a lower-case A-label host, the port unless it is 443), in
            declared order; None if not managed. The same for each of the other lists.
        socket: declared, `wss://`.
        upload: declared, `https://`.
        download: declared, `https://`.
        udp: declared, `udp://`.
        tcp: declared, `tcp://`.
        channel: as declared.
        mode: as declared.
        effective: in force now, that is since the last release, by kind: `{"request": [...], ...}`.
        pending: declared, not in force until the next release, by kind.
        release_required: true when a release would change what is in force.
        added: put on the lists by this resource, not there before it, by kind.
        writes: changes that the last create or update sent; WeChat allows 50 a month.
        shared_domains: declared by other resources of the program too, with the names of these resources.
        declared_as: the name by which `shared_domains` of other resources names this one.
    """

    appid: pulumi.Output[str]
    request: pulumi.Output[list[str] | None]
    socket: pulumi.Output[list[str] | None]
    upload: pulumi.Output[list[str] | None]
    download: pulumi.Output[list[str] | None]
    udp: pulumi.Output[list[str] | None]
    tcp: pulumi.Output[list[str] | None]
    channel: pulumi.Output[str]
    mode: pulumi.Output[str]
    overwrite_existing: pulumi.Output[bool]
    allow_mass_removal: pulumi.Output[bool]
    effective: pulumi.Output[dict[str, list[str]]]
    pending: pulumi.Output[dict[str, list[str]]]
    release_required: pulumi.Output[bool]
    added: pulumi.Output[dict[str, list[str]]]
    writes: pulumi.Output[int]
    shared_domains: pulumi.Output[dict[str, list[str]]]
    declared_as: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="MiniProgramServerDomains")

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        appid: pulumi.Input[str],
        request: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        socket: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        upload: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        download: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        udp: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        tcp: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        channel: Literal["direct", "registered"] = "direct",
        mode: pulumi.Input[Literal["authoritative", "additive"]] = "authoritative",
        overwrite_existing: pulumi.Input[bool] = False,
        allow_mass_removal: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare server domains of one Mini Program, in at least one list.

        Args:
            resource_name: the logical name; a later rename needs `aliases` in `opts`.
            appid: the authorizer's appid, `wx` and 16 hex digits; a change replaces the resource.
            request: for wx.request: at most 200 of `https://host`, `https://host:port` or `host`. None: this
                list is not managed; []: it is to be empty.
            socket: for wx.connectSocket: `wss://host`, which allows every port of the host.
            upload: for wx.uploadFile: as `request`.
            download: for wx.downloadFile: as `request`.
            udp: for wx.createUDPSocket: `udp://host:port`.
            tcp: for wx.createTCPSocket: `tcp://host:port`.
            channel: `direct` (mode two), or `registered` (mode one): the platform's own list comes first. It
                never changes: see docs/channels.md.
            mode: `authoritative` owns each managed list, `additive` only the listed domains.
            overwrite_existing: authoritative only: may remove live domains that nobody declared.
            allow_mass_removal: lifts the safety valve (over 30 % of 10 or more domains of a list, or all of
                them by []).
            opts: Pulumi's resource options.
        """
        props = domains_props(
            "server-domains",
            resource_name,
            opts,
            appid=appid,
            request=request,
            socket=socket,
            upload=upload,
            download=download,
            udp=udp,
            tcp=tcp,
            channel=channel,
            mode=mode,
            overwrite_existing=overwrite_existing,
            allow_mass_removal=allow_mass_removal,
        )
        _register(self, "server-domains", resource_name, props, opts)


class MiniProgramConfirmFile(dynamic.Resource, module=MODULE, name="MiniProgramConfirmFile"):
    """The confirm file of one Mini Program, which every webview domain serves at its root.

    Reads it from WeChat and writes nothing there; a delete is local.

    Attributes:
        appid: the authorizer's appid, as declared.
        file_name: ten letters or digits and `.txt`; case matters.
        file_content: 32 lower-case hex digits, to be served byte for byte.
    """

    appid: pulumi.Output[str]
    file_name: pulumi.Output[str]
    file_content: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="MiniProgramConfirmFile")

    @untraced
    def __init__(
        self, resource_name: str, *, appid: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Read the confirm file of one Mini Program.

        Args:
            resource_name: the logical name.
            appid: the authorizer's appid, `wx` and 16 hex digits; a change replaces the resource.
            opts: Pulumi's resource options.
        """
        props: dict[str, Any] = {"appid": appid, "file_name": None, "file_content": None}
        _register(self, "confirm-file", resource_name, props, opts)

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL under which WeChat fetches the file from `domain` (`https://host` or `host`)."""
        return confirm_file_url(domain, self.file_name)


class MiniProgramPrefetchDomains(dynamic.Resource, module=MODULE, name="MiniProgramPrefetchDomains"):
    """The hosts whose DNS one Mini Program looks up beforehand, so that its first request is faster.

    Owns the whole list, which WeChat replaces at once, and which is in force at once. One resource for each
    app. WeChat allows 50 changes a month. More: docs/channels.md.

    Attributes:
        appid: the authorizer's appid, as declared.
        hosts: declared, canonical (lower-case A-label hosts, no scheme), in declared order.
        declared_as: the name of this resource in its program.
    """

    appid: pulumi.Output[str]
    hosts: pulumi.Output[list[str]]
    overwrite_existing: pulumi.Output[bool]
    declared_as: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="MiniProgramPrefetchDomains")

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        appid: pulumi.Input[str],
        hosts: pulumi.Input[Sequence[pulumi.Input[str]]],
        overwrite_existing: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the prefetch hosts of one Mini Program.

        Args:
            resource_name: the logical name; a later rename needs `aliases` in `opts`.
            appid: the authorizer's appid, `wx` and 16 hex digits; a change replaces the resource.
            hosts: `host` or `https://host`, as many as WeChat takes for the app, usually 5.
            overwrite_existing: may remove live hosts that nobody declared.
            opts: Pulumi's resource options.
        """
        props = domains_props(
            "prefetch-domains",
            resource_name,
            opts,
            appid=appid,
            hosts=hosts,
            overwrite_existing=overwrite_existing,
        )
        _register(self, "prefetch-domains", resource_name, props, opts)


class ThirdPartyPlatformWebviewDomains(
    dynamic.Resource, module=MODULE, name="ThirdPartyPlatformWebviewDomains"
):
    """The hosts that a third-party platform lists for the web views of its Mini Programs.

    Every Mini Program of the platform takes from this list what it has in the registered channel (mode one).
    So by default this adds, and takes nothing off: a host that leaves the list leaves each of these apps at
    its next release. A host covers those below it. Each host serves the platform's confirm file,
    see `ThirdPartyPlatformConfirmFile`.
    The whole walk: docs/channels.md.

    Attributes:
        component_appid: the third-party platform's appid, as declared.
        domains: declared, canonical (lower-case A-label hosts, no scheme), in declared order.
        mode: as declared.
        publish: as declared.
        testing_domains: on the list for testing.
        published_domains: on the published list.
        pending_domains: declared, and waiting until the platform is published.
        added_domains: put on the list by this resource, not there before it.
        writes: changes that the last create or update sent.
        shared_domains: declared by other resources of the program too, with the names of these resources.
        declared_as: the name by which `shared_domains` of other resources names this one.
    """

    component_appid: pulumi.Output[str]
    domains: pulumi.Output[list[str]]
    mode: pulumi.Output[str]
    publish: pulumi.Output[bool]
    overwrite_existing: pulumi.Output[bool]
    allow_removal: pulumi.Output[bool]
    testing_domains: pulumi.Output[list[str]]
    published_domains: pulumi.Output[list[str]]
    pending_domains: pulumi.Output[list[str]]
    added_domains: pulumi.Output[list[str]]
    writes: pulumi.Output[int]
    shared_domains: pulumi.Output[dict[str, list[str]]]
    declared_as: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="ThirdPartyPlatformWebviewDomains")

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        component_appid: pulumi.Input[str],
        domains: pulumi.Input[Sequence[pulumi.Input[str]]],
        mode: pulumi.Input[Literal["authoritative", "additive"]] = "additive",
        publish: pulumi.Input[bool] = True,
        overwrite_existing: pulumi.Input[bool] = False,
        allow_removal: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare hosts of the platform's own list.

        Args:
            resource_name: the logical name; a later rename needs `aliases` in `opts`.
            component_appid: the third-party platform's appid; a change replaces the resource.
            domains: at most 300 of `host` or `https://host`; order is kept and never compared.
            mode: `additive` owns what it lists, `authoritative` the whole list.
            publish: on the published list too. False: on the list for testing only.
            overwrite_existing: authoritative only: may remove live hosts that nobody declared.
            allow_removal: may take hosts off the list. Every app that has one loses it at its next release.
            opts: Pulumi's resource options.
        """
        props = domains_props(
            "platform-webview-domains",
            resource_name,
            opts,
            component_appid=component_appid,
            domains=domains,
            mode=mode,
            publish=publish,
            overwrite_existing=overwrite_existing,
            allow_removal=allow_removal,
        )
        _register(self, "platform-webview-domains", resource_name, props, opts)


class ThirdPartyPlatformServerDomains(
    dynamic.Resource, module=MODULE, name="ThirdPartyPlatformServerDomains"
):
    """The hosts that a third-party platform lists for the code of its Mini Programs to call.

    Every Mini Program of the platform takes from this list what it has in the registered channel (mode one).
    So by default this adds, and takes nothing off: a host that leaves the list leaves each of these apps at
    its next release. A host covers those below it. WeChat allows 50 changes a month.
    The whole walk: docs/channels.md.

    Attributes:
        component_appid: the third-party platform's appid, as declared.
        domains: declared, canonical (lower-case A-label hosts, no scheme), in declared order.
        mode: as declared.
        publish: as declared.
        testing_domains: on the list for testing.
        published_domains: on the published list.
        pending_domains: declared, and waiting until the platform is published.
        added_domains: put on the list by this resource, not there before it.
        writes: changes that the last create or update sent; WeChat allows 50 a month.
        shared_domains: declared by other resources of the program too, with the names of these resources.
        declared_as: the name by which `shared_domains` of other resources names this one.
    """

    component_appid: pulumi.Output[str]
    domains: pulumi.Output[list[str]]
    mode: pulumi.Output[str]
    publish: pulumi.Output[bool]
    overwrite_existing: pulumi.Output[bool]
    allow_removal: pulumi.Output[bool]
    testing_domains: pulumi.Output[list[str]]
    published_domains: pulumi.Output[list[str]]
    pending_domains: pulumi.Output[list[str]]
    added_domains: pulumi.Output[list[str]]
    writes: pulumi.Output[int]
    shared_domains: pulumi.Output[dict[str, list[str]]]
    declared_as: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="ThirdPartyPlatformServerDomains")

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        component_appid: pulumi.Input[str],
        domains: pulumi.Input[Sequence[pulumi.Input[str]]],
        mode: pulumi.Input[Literal["authoritative", "additive"]] = "additive",
        publish: pulumi.Input[bool] = True,
        overwrite_existing: pulumi.Input[bool] = False,
        allow_removal: pulumi.Input[bool] = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare hosts of the platform's own list.

        Args:
            resource_name: the logical name; a later rename needs `aliases` in `opts`.
            component_appid: the third-party platform's appid; a change replaces the resource.
            domains: at most 1000 of `host` or `https://host`; order is kept and never compared.
            mode: `additive` owns what it lists, `authoritative` the whole list.
            publish: on the published list too. False: on the list for testing only.
            overwrite_existing: authoritative only: may remove live hosts that nobody declared.
            allow_removal: may take hosts off the list. Every app that has one loses it at its next release.
            opts: Pulumi's resource options.
        """
        props = domains_props(
            "platform-server-domains",
            resource_name,
            opts,
            component_appid=component_appid,
            domains=domains,
            mode=mode,
            publish=publish,
            overwrite_existing=overwrite_existing,
            allow_removal=allow_removal,
        )
        _register(self, "platform-server-domains", resource_name, props, opts)


class ThirdPartyPlatformConfirmFile(dynamic.Resource, module=MODULE, name="ThirdPartyPlatformConfirmFile"):
    """The confirm file of a third-party platform, which each host of its list for web views serves.

    It is not the file of a Mini Program. Reads it from WeChat and writes nothing there; a delete is local.

    Attributes:
        component_appid: the third-party platform's appid, as declared.
        file_name: ten letters or digits and `.txt`; case matters.
        file_content: 32 lower-case hex digits, to be served byte for byte.
    """

    component_appid: pulumi.Output[str]
    file_name: pulumi.Output[str]
    file_content: pulumi.Output[str]

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="ThirdPartyPlatformConfirmFile")

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        component_appid: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Read the confirm file of a third-party platform.

        Args:
            resource_name: the logical name.
            component_appid: the third-party platform's appid; a change replaces the resource.
            opts: Pulumi's resource options.
        """
        props: dict[str, Any] = {"component_appid": component_appid, "file_name": None, "file_content": None}
        _register(self, "platform-confirm-file", resource_name, props, opts)

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL under which WeChat fetches the file from `domain` (`https://host` or `host`)."""
        return confirm_file_url(domain, self.file_name)


def domains_props(
    kind: Kind, name: str, opts: pulumi.ResourceOptions | None, **inputs: Any
) -> dict[str, Any]:
    """Return what either face registers: the inputs, every output, and a note unless it is only read.

    Raises:
        TypeError: the channel is not plain text. It selects a list, so it cannot be an output.
    """
    props = {**dict.fromkeys(field.name for field in OUTPUTS[kind]), **inputs}
    if not isinstance(inputs.get("channel", ""), str):
        given = type(inputs["channel"]).__name__
        message = f'{name}: channel must be "direct" or "registered" in plain text, not {given}'
        raise TypeError(message)
    if opts is None or opts.id is None:
        lists, declared = _announced(kind, inputs)
        account = inputs["appid"] if "appid" in inputs else inputs["component_appid"]
        mode = inputs.get("mode", "authoritative")
        props[SIBLINGS_KEY] = announce(name, account, declared, mode, of=lists)
    return props


def _announced(kind: Kind, inputs: Mapping[str, Any]) -> tuple[ListName, object]:
    """Return the list that a resource manages, and what it declares there."""
    if kind == "webview-domains":
        return list_name("webview", inputs["channel"]), inputs["domains"]
    if kind == "server-domains":
        return list_name("server", inputs["channel"]), _entries({each: inputs[each] for each in KINDS})
    if kind == "prefetch-domains":
        return "prefetch", inputs["hosts"]
    lists: ListName = "platform-webview" if kind == "platform-webview-domains" else "platform-server"
    return lists, _entries(dict.fromkeys(STAGES, inputs["domains"]))


def _entries(lists: Mapping[str, object]) -> list[object]:
    """Return what is declared, with its kind before it; for each computed list, a value that is not text.

    A list that is None is not declared.
    """
    entries: list[object] = []
    for kind, values in lists.items():
        if isinstance(values, Sequence) and not isinstance(values, str):
            entries += [f"{kind} {value}" if isinstance(value, str) else value for value in values]
        elif values is not None:
            entries.append(values)
    return entries


def confirm_file_url(domain: pulumi.Input[str], file_name: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the URL of a confirm file on a domain."""
    return pulumi.Output.all(domain, file_name).apply(lambda both: f"{_origin(both[0])}/{both[1]}")


def _origin(domain: str) -> str:
    return read_listed(domain).rstrip("/")


def _register(
    resource: dynamic.Resource,
    kind: Kind,
    name: str,
    props: dict[str, Any],
    opts: pulumi.ResourceOptions | None,
) -> None:
    """Register without `dynamic.Resource.__init__`, which would pickle the provider each time.

    Raises:
        ValueError: `opts` asks for an import, which the engine cannot make of a dynamic resource.
    """
    if opts is not None and opts.import_ is not None:
        message = (
            f"{name}: ResourceOptions(import_=...) does not work for dynamic resources (Pulumi issue "
            "16175). Leave it out: `pulumi up` adopts what is live, and `wechat-miniprogram adopt` writes "
            "the program"
        )
        raise ValueError(message)
    if opts is not None and opts.custom_timeouts is not None:
        pulumi.warn(
            f"{name}: custom_timeouts has no effect, because Pulumi does not pass it on to dynamic "
            "resources. `confirm_file_timeout` limits the wait for a confirm file, requestTimeout and "
            "maxAttempts limit each call. The native plugin keeps to custom_timeouts"
        )
    token = f"pulumi-python:{resource._resource_type_name}"  # noqa: SLF001 - set by the SDK for subclasses
    held = {**props, "__provider": PROVIDERS[kind]}
    pulumi.CustomResource.__init__(resource, token, name, held, with_alias(opts, TOKENS["native"][kind]))


def with_alias(opts: pulumi.ResourceOptions | None, other: str) -> pulumi.ResourceOptions:
    """Return options by which the engine finds what the other face made, `other` being its type.

    Without the alias it would create one and then delete the other, and so empty the live list. Each alias
    that the program gives, such as an earlier name, is repeated for the other type.
    """
    aliases: list[pulumi.Alias] = [pulumi.Alias(type_=other)]
    for each in (opts.aliases if opts else None) or ():
        if isinstance(each, pulumi.Alias) and vars(each)["type_"] is ...:  # not given
            twin = copy.copy(each)
            twin.type_ = other
            aliases.append(twin)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[*aliases]))
