"""The resources of the native plugin: the same arguments and outputs as those of the dynamic provider.

    from pulumi_wechat_miniprogram.native import MiniProgramWebviewDomains

A program chooses its face by this import. A resource that the dynamic face made moves over in one update,
which calls nothing, and back in the same way: each class carries the alias of its counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

import pulumi
from pulumi.output import UNKNOWN

from pulumi_wechat_miniprogram.dynamic.outputs import for_app, refuse_output
from pulumi_wechat_miniprogram.dynamic.resources import (
    confirm_file_url,
    domains_props,
    untraced,
    with_alias,
)
from pulumi_wechat_miniprogram.exports.kinds import MODULE, TOKENS, Kind
from pulumi_wechat_miniprogram.exports.state import NAMES, WIRE_NAMES
from pulumi_wechat_miniprogram.resources.found import (
    GET_CONFIRM_FILE,
    GET_SERVER_DOMAINS,
    GET_WEBVIEW_DOMAINS,
    LIST_AUTHORIZERS,
    GetConfirmFileResult,
    GetServerDomainsResult,
    GetWebviewDomainsResult,
    ListAuthorizersResult,
    from_wire,
)
from pulumi_wechat_miniprogram.safety.masking import shown

__all__ = [
    "GetConfirmFileResult",
    "GetServerDomainsResult",
    "GetWebviewDomainsResult",
    "MiniProgramConfirmFile",
    "MiniProgramPrefetchDomains",
    "MiniProgramServerDomains",
    "MiniProgramWebviewDomains",
    "Provider",
    "ThirdPartyPlatformConfirmFile",
    "ThirdPartyPlatformServerDomains",
    "ThirdPartyPlatformWebviewDomains",
    "get_confirm_file",
    "get_confirm_file_output",
    "get_server_domains",
    "get_server_domains_output",
    "get_webview_domains",
    "get_webview_domains_output",
    "list_authorizers",
    "list_authorizers_output",
]

_Found = TypeVar("_Found")


class Provider(pulumi.ProviderResource):
    """Where and how WeChat is asked, for the resources that name it in `opts`: a platform of its own.

    What is not given is read from the environment, never from stack config. Every credential is a secret.
    """

    @untraced
    def __init__(
        self,
        resource_name: str,
        *,
        access_token: pulumi.Input[str] | None = None,
        access_token_appid: pulumi.Input[str] | None = None,
        access_tokens: pulumi.Input[Mapping[str, pulumi.Input[str]]] | pulumi.Input[str] | None = None,
        access_token_command: pulumi.Input[Sequence[pulumi.Input[str]]] | pulumi.Input[str] | None = None,
        access_token_url: pulumi.Input[str] | None = None,
        access_token_url_bearer: pulumi.Input[str] | None = None,
        component_appid: pulumi.Input[str] | None = None,
        component_appsecret: pulumi.Input[str] | None = None,
        component_verify_ticket: pulumi.Input[str] | None = None,
        component_access_token: pulumi.Input[str] | None = None,
        authorizer_refresh_tokens: pulumi.Input[Mapping[str, pulumi.Input[str]]]
        | pulumi.Input[str]
        | None = None,
        endpoint: pulumi.Input[str] | None = None,
        fallback_endpoint: pulumi.Input[str] | None = None,
        request_timeout: pulumi.Input[float] | None = None,
        max_attempts: pulumi.Input[int] | None = None,
        max_concurrent_calls: pulumi.Input[int] | None = None,
        max_calls_per_minute: pulumi.Input[int] | None = None,
        ca_file: pulumi.Input[str] | None = None,
        live_diff: pulumi.Input[bool] | None = None,
        preview_reads: pulumi.Input[bool] | None = None,
        on_unauthorized: pulumi.Input[Literal["error", "keep"]] | None = None,
        stack_exports: pulumi.Input[str] | None = None,
        probe: pulumi.Input[bool] | None = None,
        log: pulumi.Input[Literal["off", "debug"]] | None = None,
        audit_log: pulumi.Input[str] | None = None,
        allow_reserved_hosts: pulumi.Input[bool] | None = None,
        probe_host_map: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Configure one platform. Each argument is the setting of that name: docs/configuration.md.

        Args:
            resource_name: the logical name.
            access_token: an authorizer_access_token, with `access_token_appid`.
            access_token_appid: the appid that `access_token` belongs to.
            access_tokens: from appid to authorizer_access_token; also `file:/path`.
            access_token_command: words of a command that prints the token of `$WECHAT_APPID`.
            access_token_url: URL with `{appid}` that answers a GET as the command prints.
            access_token_url_bearer: sent to `access_token_url` as `Authorization: Bearer`.
            component_appid: the third-party platform's appid, for the component flow.
            component_appsecret: the platform's appsecret.
            component_verify_ticket: the newest ticket that WeChat pushed to the platform.
            component_access_token: instead of `component_appsecret` and `component_verify_ticket`.
            authorizer_refresh_tokens: from appid to authorizer_refresh_token; also `file:/path`.
            endpoint: WeChat's API, or `emulator:PATH`.
            fallback_endpoint: used once no connection to `endpoint` can be made.
            request_timeout: seconds for one call.
            max_attempts: how often one call or write may be tried.
            max_concurrent_calls: calls at the same time, within the engine's `--parallel`.
            max_calls_per_minute: calls begun in a minute, evenly spaced.
            ca_file: PEM file of the authorities to trust.
            live_diff: compare unchanged resources with the live list too.
            preview_reads: compare creates and updates of a preview with the live list.
            on_unauthorized: `keep` leaves an app that left the platform as it is.
            stack_exports: stack exports that tell which apps use a host of a platform's list.
            probe: ask each new host for the confirm file after 86103.
            log: `debug` shows one line for each call.
            audit_log: file to which each write to WeChat adds a line of JSON.
            allow_reserved_hosts: for tests.
            probe_host_map: for tests.
            opts: Pulumi's resource options.
        """
        given = dict(locals())
        from pulumi_wechat_miniprogram.settings import (  # noqa: PLC0415 - most programs have no provider, and it is slow to load
            Settings,
            camel,
            holds_secret,
        )

        props = {
            camel(name): _argument(given[name], secret=holds_secret(name) or not field.repr)
            for name, field in Settings.model_fields.items()
            if given.get(name) is not None
        }
        super().__init__(MODULE, resource_name, props, opts)


def _argument(value: object, *, secret: bool) -> pulumi.Output[str]:
    """Return an argument of a provider as text: a value that is none goes as JSON."""
    text = pulumi.Output.from_input(cast("Any", value)).apply(
        lambda known: known if isinstance(known, str) else pulumi.runtime.to_json(known)
    )
    return pulumi.Output.secret(text) if secret else text


class _Resource(pulumi.CustomResource):
    def translate_input_property(self, prop: str) -> str:
        """Return the name that the plugin uses."""
        return WIRE_NAMES.get(prop, prop)

    def translate_output_property(self, prop: str) -> str:
        """Return the name that a program uses."""
        return NAMES.get(prop, prop)


class MiniProgramWebviewDomains(_Resource):
    """The webview (business) domains of one Mini Program.

    Owns the whole list: a live domain that `domains` lacks is removed; with `mode="additive"` it owns what
    it lists, no more. Create adopts what is live, writes only what differs, and refuses to remove what
    nobody declared, in the preview already. A new domain is effective after the app's next release, see
    `release_required`. The whole walk: docs/lifecycle.md.

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
            opts: Pulumi's resource options; `custom_timeouts` bound an operation, `import_` takes the appid.
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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> MiniProgramWebviewDomains:
        """Read what WeChat holds of an app that another stack manages, or nobody; `id` is the appid."""
        return cls(resource_name, appid=id, domains=[], opts=_reading(opts, id))


class MiniProgramServerDomains(_Resource):
    """The server domains of one Mini Program: the hosts that its code may call, in six lists by kind.

    A list that is not declared is not managed: nothing of it is sent, removed or reported. An empty list is
    managed and to be empty. Owns each managed list as a whole: a live domain that it lacks is removed; with
    `mode="additive"` it owns what it lists, no more. Create adopts what is live, writes only what differs,
    and refuses to remove what nobody declared, in the preview already. Unlike a webview domain, a server
    domain does not cover its subdomains. A new domain is effective after the app's next release, see
    `release_required`. WeChat allows 50 changes of server domains a month for an app; an operation sends
    two at most, see `writes`.
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
            opts: Pulumi's resource options; `custom_timeouts` bound an operation, `import_` takes the appid.
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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> MiniProgramServerDomains:
        """Read what WeChat holds of an app that another stack manages, or nobody; `id` is the appid."""
        return cls(resource_name, appid=id, opts=_reading(opts, id))


class MiniProgramConfirmFile(_Resource):
    """The confirm file of one Mini Program, which every webview domain serves at its root.

    Reads it from WeChat and writes nothing there; a delete is local. A preview reads it too, so what depends
    on it is shown with its values.

    Attributes:
        appid: the authorizer's appid, as declared.
        file_name: ten letters or digits and `.txt`; case matters.
        file_content: 32 lower-case hex digits, to be served byte for byte.
    """

    appid: pulumi.Output[str]
    file_name: pulumi.Output[str]
    file_content: pulumi.Output[str]

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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> MiniProgramConfirmFile:
        """Read the file without managing anything; `id` is the appid."""
        return cls(resource_name, appid=id, opts=_reading(opts, id))

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL under which WeChat fetches the file from `domain` (`https://host` or `host`)."""
        return confirm_file_url(domain, self.file_name)


class MiniProgramPrefetchDomains(_Resource):
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
            opts: Pulumi's resource options; `custom_timeouts` bound an operation, `import_` takes the appid.
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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> MiniProgramPrefetchDomains:
        """Read what WeChat holds of an app; `id` is the appid."""
        return cls(resource_name, appid=id, hosts=[], opts=_reading(opts, id))


class ThirdPartyPlatformWebviewDomains(_Resource):
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
            opts: Pulumi's resource options; `custom_timeouts` bound an operation, `import_` takes the
                platform's appid.
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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> ThirdPartyPlatformWebviewDomains:
        """Read what WeChat holds of a platform; `id` is its appid."""
        return cls(resource_name, component_appid=id, domains=[], opts=_reading(opts, id))


class ThirdPartyPlatformServerDomains(_Resource):
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
            opts: Pulumi's resource options; `custom_timeouts` bound an operation, `import_` takes the
                platform's appid.
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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> ThirdPartyPlatformServerDomains:
        """Read what WeChat holds of a platform; `id` is its appid."""
        return cls(resource_name, component_appid=id, domains=[], opts=_reading(opts, id))


class ThirdPartyPlatformConfirmFile(_Resource):
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

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every class of a Pulumi SDK
        opts: pulumi.ResourceOptions | None = None,
    ) -> ThirdPartyPlatformConfirmFile:
        """Read the file without managing anything; `id` is the platform's appid."""
        return cls(resource_name, component_appid=id, opts=_reading(opts, id))

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL under which WeChat fetches the file from `domain` (`https://host` or `host`)."""
        return confirm_file_url(domain, self.file_name)


def _reading(opts: pulumi.ResourceOptions | None, id_: pulumi.Input[str]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id_))


def _register(
    resource: _Resource, kind: Kind, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None
) -> None:
    """Register with the alias of the dynamic face: without it the engine deletes what that face made."""
    pulumi.CustomResource.__init__(
        resource, TOKENS["native"][kind], name, props, with_alias(opts, TOKENS["dynamic"][kind])
    )


def list_authorizers(opts: pulumi.InvokeOptions | None = None) -> list[str]:
    """Return the apps that the token source knows, sorted: all that authorise the platform, or configured.

    An empty list is an error, and so is a source that cannot list apps: a program that declares a resource
    for each app would delete them all. Once an app leaves the platform, it drops off the list.
    """
    return _invoke(ListAuthorizersResult, LIST_AUTHORIZERS, {}, opts).appids


def list_authorizers_output(opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[list[str]]:
    """Return the same as an output."""
    found: pulumi.Output[ListAuthorizersResult] = pulumi.Output.from_input(
        _invoke_later(ListAuthorizersResult, LIST_AUTHORIZERS, {}, opts)
    )
    return found.apply(lambda known: known.appids)


def get_webview_domains(appid: str, opts: pulumi.InvokeOptions | None = None) -> GetWebviewDomainsResult:
    """Return the webview domains of one Mini Program, as WeChat holds them now."""
    refuse_output(appid, "get_webview_domains")
    return _invoke(GetWebviewDomainsResult, GET_WEBVIEW_DOMAINS, {"appid": appid}, opts)


def get_webview_domains_output(
    appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetWebviewDomainsResult]:
    """Return the same as an output; `appid` may be one."""
    return _for_app(GetWebviewDomainsResult, GET_WEBVIEW_DOMAINS, appid, opts)


def get_server_domains(appid: str, opts: pulumi.InvokeOptions | None = None) -> GetServerDomainsResult:
    """Return the server domains of one Mini Program, as WeChat holds them now."""
    refuse_output(appid, "get_server_domains")
    return _invoke(GetServerDomainsResult, GET_SERVER_DOMAINS, {"appid": appid}, opts)


def get_server_domains_output(
    appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetServerDomainsResult]:
    """Return the same as an output; `appid` may be one."""
    return _for_app(GetServerDomainsResult, GET_SERVER_DOMAINS, appid, opts)


def get_confirm_file(appid: str, opts: pulumi.InvokeOptions | None = None) -> GetConfirmFileResult:
    """Return the confirm file of one Mini Program."""
    refuse_output(appid, "get_confirm_file")
    return _invoke(GetConfirmFileResult, GET_CONFIRM_FILE, {"appid": appid}, opts)


def get_confirm_file_output(
    appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetConfirmFileResult]:
    """Return the same as an output; `appid` may be one."""
    return _for_app(GetConfirmFileResult, GET_CONFIRM_FILE, appid, opts)


def _for_app(
    found: type[_Found], token: str, appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None
) -> pulumi.Output[_Found]:
    return for_app(appid, lambda known: _invoke_later(found, token, {"appid": known}, opts))


def _invoke(
    found: type[_Found], token: str, arguments: Mapping[str, str], opts: pulumi.InvokeOptions | None
) -> _Found:
    """Return what the plugin answers now.

    Raises:
        RunError: it cannot answer, with its message.
    """
    try:
        answer = pulumi.runtime.invoke(token, arguments, opts).value
    except Exception as error:  # noqa: BLE001 - the SDK raises no other type
        raise _failed(error) from None
    if not answer:
        raise pulumi.RunError(
            "the provider's settings are not known before the update, so it cannot answer yet: call the "
            "function whose name ends in `_output`"
        )
    return from_wire(found, answer)


async def _invoke_later(
    found: type[_Found], token: str, arguments: Mapping[str, str], opts: pulumi.InvokeOptions | None
) -> _Found:
    """Return what the plugin answers, or the SDK's unknown while the provider's settings are unknown."""
    try:
        answer = await pulumi.runtime.invoke_async(token, arguments, opts)
    except Exception as error:  # noqa: BLE001 - the SDK raises no other type
        raise _failed(error) from None
    return from_wire(found, answer) if answer else cast("_Found", UNKNOWN)


def _failed(error: Exception) -> pulumi.RunError:
    return pulumi.RunError(shown(error))
