"""The resources of the native plugin, with the same arguments and outputs as the dynamic provider.

    from pulumi_wechat_miniprogram.native import MiniProgramWebviewDomains

A program chooses the provider by this import. The next update moves an existing resource to the other
provider without any call to WeChat, in both directions: each class has the alias of its counterpart.
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
    """Where and how the provider reaches WeChat, for the resources that name it in their `opts`.

    Declare one for each further third-party platform. A setting that you leave out is read from the
    environment, never from stack config. Credentials are stored as secrets.
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
        """Configure the provider. Each argument is the setting of the same name.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            access_token: An authorizer_access_token of one app.
                Needs `access_token_appid`.
            access_token_appid: The appid that `access_token` belongs to.
            access_tokens: JSON object from appid to authorizer_access_token.
                For a third-party platform's appid the value is its component_access_token. The whole object
                can be in one file.
            access_token_command: Command that prints the token of the app in `$WECHAT_APPID`.
                Give it as a JSON array or as shell words. It prints the token alone, or JSON with
                `expires_in` and one of `access_token`, `authorizer_access_token` and, for a third-party
                platform's appid, `component_access_token`.
            access_token_url: URL with `{appid}` that answers a GET request with a token.
                The answer has the format that `access_token_command` prints. The URL uses https, or http to a
                loopback address.
            access_token_url_bearer: Credential sent to `access_token_url` as `Authorization: Bearer …`.
            component_appid: The third-party platform's appid.
                Needed for the component flow and for the platform's own lists.
            component_appsecret: The third-party platform's appsecret.
            component_verify_ticket: The newest component_verify_ticket that WeChat pushed to the platform.
            component_access_token: A component_access_token of the platform.
                Use it instead of `component_appsecret` and `component_verify_ticket`.
            authorizer_refresh_tokens: JSON object from appid to authorizer_refresh_token.
                The whole object can be in one file. Not needed for the platform's own lists.
            endpoint: Address of WeChat's API.
                Plain http is allowed to a loopback address only. `emulator:PATH` runs the embedded emulator
                with its data in that file.
            fallback_endpoint: Second address of the API, such as https://api2.weixin.qq.com.
                The provider uses it for the rest of the run once it cannot connect to `endpoint`.
            request_timeout: Seconds that one call to WeChat may take.
                The time runs from the name lookup to the last byte of the answer and includes
                `fallback_endpoint`. The limit also applies to one token from a command or URL.
            max_attempts: Number of times that the provider may try one call or write.
            max_concurrent_calls: Calls to WeChat that the plugin makes at the same time.
                The engine's `--parallel` limits it further. Plugin only.
            max_calls_per_minute: Calls to WeChat that one process starts in a minute, evenly spaced.
                No limit if not set.
            ca_file: PEM file of the certificate authorities to trust instead of the usual ones.
            live_diff: Compare every resource with the live list in every preview.
                Costs one `get` for each Mini Program.
            preview_reads: Compare each create and update of a preview with the live list.
                If `false`, refusals that depend on the live list come in the update. Plugin only.
            on_unauthorized: What to do with an app that has left the third-party platform.
                With `keep`, refresh and delete leave it unchanged and warn; with `error`, they fail.
            stack_exports: A stack export, a folder of exports, or the folder of a self-managed backend.
                Refusals to remove a host from a platform's list then say which apps use the host.
            probe: Request the confirm file from each new host over HTTPS after errcode 86103.
                `false` turns this off.
            log: With `debug`, show one line for each call to WeChat.
                The line has the appid, action, number of domains, errcode, rid and milliseconds, and never a
                token.
            audit_log: File to which each write to WeChat adds a line of JSON.
                If the file cannot be written, nothing is written to WeChat.
            allow_reserved_hosts: Accept reserved names such as .test and .internal.
                For tests.
            probe_host_map: JSON object from host to the loopback `address:port` to probe instead.
                For tests.
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

    The resource owns the whole list. In the mode `additive`, it owns only the domains that it declares. A
    create adopts what is live, writes only the difference, and refuses to remove domains that the program
    does not declare. A new domain takes effect with the app's next release: see `release_required`.
    """

    appid: pulumi.Output[str]
    """The appid of the Mini Program: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    domains: pulumi.Output[list[str]]
    """Webview domains to declare, at most 300, each as `https://host` or `host`. The order is kept but never
    compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `https://`."""
    channel: pulumi.Output[str]
    """How WeChat accepts the domains: `direct` (mode two) or `registered` (mode one). With `registered`, the
    platform's own list must have each domain or one of its parent domains first. The channel of an existing
    resource cannot change."""
    mode: pulumi.Output[str]
    """Which domains the resource owns: `authoritative` or `additive`. An authoritative resource owns the
    whole list: it removes every domain that it does not declare, within the limits of `overwrite_existing`
    and `allow_mass_removal`. An additive resource owns the domains that it declares and leaves all others
    alone."""
    overwrite_existing: pulumi.Output[bool]
    """Allow removal of live domains that the program does not declare. Applies to the `authoritative` mode
    only."""
    confirm_file_timeout: pulumi.Output[float]
    """Seconds to wait for new hosts to serve the confirm file, from 0 to 3600. The wait begins when WeChat
    answers that it did not find the file (errcode 86103). For the `direct` channel only."""
    allow_mass_removal: pulumi.Output[bool]
    """Allow one update to empty the list or remove over 30 % of ten or more domains. Set it for that update
    only."""
    effective_domains: pulumi.Output[list[str]]
    """Domains in force since the app's last release. Includes domains that you do not declare, if the mode is
    `authoritative`."""
    pending_domains: pulumi.Output[list[str]]
    """Declared domains that are not in force until the app's next release."""
    release_required: pulumi.Output[bool]
    """Whether a release of the Mini Program would change the domains in force."""
    added_domains: pulumi.Output[list[str]]
    """Domains that this resource put on the list and that were not there before."""
    shared_domains: pulumi.Output[dict[str, list[str]]]
    """Domains that other resources of the program declare too: a map from each domain to the names of those
    resources."""
    declared_as: pulumi.Output[str]
    """The name by which other resources list this one in their `shared_domains`."""

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
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            domains: Webview domains to declare, at most 300, each as `https://host` or `host`.
                The order is kept but never compared. The output has lower-case hosts in the ASCII (Punycode)
                form, each with `https://`.
            channel: How WeChat accepts the domains: `direct` (mode two) or `registered` (mode one).
                With `registered`, the platform's own list must have each domain or one of its parent domains
                first. The channel of an existing resource cannot change.
            mode: Which domains the resource owns: `authoritative` or `additive`.
                An authoritative resource owns the whole list: it removes every domain that it does not
                declare, within the limits of `overwrite_existing` and `allow_mass_removal`. An additive
                resource owns the domains that it declares and leaves all others alone.
            overwrite_existing: Allow removal of live domains that the program does not declare.
                Applies to the `authoritative` mode only.
            confirm_file_timeout: Seconds to wait for new hosts to serve the confirm file, from 0 to 3600.
                The wait begins when WeChat answers that it did not find the file (errcode 86103). For the
                `direct` channel only.
            allow_mass_removal: Allow one update to empty the list or remove over 30 % of ten or more domains.
                Set it for that update only.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read what WeChat holds for an app, without managing it.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the Mini Program, with `/registered` after it in that channel.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, appid=id, domains=[], opts=_reading(opts, id))


class MiniProgramServerDomains(_Resource):
    """The server domains of one Mini Program: the hosts that its code may call.

    There are six lists, one for each kind of call. A list that you leave out is not managed: the provider
    does not write, remove or report anything on it. An empty list is managed and has no domains. The resource
    owns each managed list. In the mode `additive`, it owns only the domains that it declares. A create adopts
    what is live, writes only the difference, and refuses to remove domains that the program does not declare.
    Unlike a webview domain, a server domain does not cover its subdomains. A new domain takes effect with the
    app's next release: see `release_required`.
    """

    appid: pulumi.Output[str]
    """The appid of the Mini Program: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    request: pulumi.Output[list[str] | None]
    """Domains for `wx.request`, at most 200. Each is `https://host`, `https://host:port` or `host`. If you
    leave the list out, it is not managed; an empty list removes every domain from it. The order is kept but
    never compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `https://`."""
    socket: pulumi.Output[list[str] | None]
    """Domains for `wx.connectSocket`, at most 200. Each is `wss://host` (every port) or `host`. If you leave
    the list out, it is not managed; an empty list removes every domain from it. The order is kept but never
    compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `wss://`."""
    upload: pulumi.Output[list[str] | None]
    """Domains for `wx.uploadFile`, at most 200. Each is `https://host`, `https://host:port` or `host`. If you
    leave the list out, it is not managed; an empty list removes every domain from it. The order is kept but
    never compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `https://`."""
    download: pulumi.Output[list[str] | None]
    """Domains for `wx.downloadFile`, at most 200. Each is `https://host`, `https://host:port` or `host`. If
    you leave the list out, it is not managed; an empty list removes every domain from it. The order is kept
    but never compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `https://`."""
    udp: pulumi.Output[list[str] | None]
    """Domains for `wx.createUDPSocket`, at most 200. Each is `udp://host:port`, `udp://host` or `host`. If
    you leave the list out, it is not managed; an empty list removes every domain from it. The order is kept
    but never compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `udp://`."""
    tcp: pulumi.Output[list[str] | None]
    """Domains for `wx.createTCPSocket`, at most 200. Each is `tcp://host:port`, `tcp://host` or `host`. If
    you leave the list out, it is not managed; an empty list removes every domain from it. The order is kept
    but never compared. The output has lower-case hosts in the ASCII (Punycode) form, each with `tcp://`."""
    channel: pulumi.Output[str]
    """How WeChat accepts the domains: `direct` (mode two) or `registered` (mode one). With `registered`, the
    platform's own list must have each domain or one of its parent domains first. The channel of an existing
    resource cannot change."""
    mode: pulumi.Output[str]
    """Which domains the resource owns: `authoritative` or `additive`. An authoritative resource owns the
    whole of each managed list: it removes every domain that it does not declare, within the limits of
    `overwrite_existing` and `allow_mass_removal`. An additive resource owns the domains that it declares and
    leaves all others alone."""
    overwrite_existing: pulumi.Output[bool]
    """Allow removal of live domains that the program does not declare. Applies to the `authoritative` mode
    only."""
    allow_mass_removal: pulumi.Output[bool]
    """Allow one update to empty a list or remove over 30 % of ten or more domains. Set it for that update
    only."""
    effective: pulumi.Output[dict[str, list[str]]]
    """Domains in force since the app's last release: a map from the name of each managed list to its domains.
    Includes domains that you do not declare, if the mode is `authoritative`."""
    pending: pulumi.Output[dict[str, list[str]]]
    """Declared domains that are not in force until the app's next release: a map from the name of each
    managed list to its domains."""
    release_required: pulumi.Output[bool]
    """Whether a release of the Mini Program would change the domains in force."""
    added: pulumi.Output[dict[str, list[str]]]
    """Domains that this resource put on a list and that were not there before: a map from the name of each
    managed list to its domains."""
    writes: pulumi.Output[int]
    """Number of changes that the last create or update sent. WeChat allows 50 a month for an app."""
    shared_domains: pulumi.Output[dict[str, list[str]]]
    """Domains that other resources of the program declare too: a map from each list and domain, such as
    `request https://api.example.com`, to the names of those resources."""
    declared_as: pulumi.Output[str]
    """The name by which other resources list this one in their `shared_domains`."""

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
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            request: Domains for `wx.request`, at most 200.
                Each is `https://host`, `https://host:port` or `host`. If you leave the list out, it is not
                managed; an empty list removes every domain from it. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, each with `https://`.
            socket: Domains for `wx.connectSocket`, at most 200.
                Each is `wss://host` (every port) or `host`. If you leave the list out, it is not managed; an
                empty list removes every domain from it. The order is kept but never compared. The output has
                lower-case hosts in the ASCII (Punycode) form, each with `wss://`.
            upload: Domains for `wx.uploadFile`, at most 200.
                Each is `https://host`, `https://host:port` or `host`. If you leave the list out, it is not
                managed; an empty list removes every domain from it. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, each with `https://`.
            download: Domains for `wx.downloadFile`, at most 200.
                Each is `https://host`, `https://host:port` or `host`. If you leave the list out, it is not
                managed; an empty list removes every domain from it. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, each with `https://`.
            udp: Domains for `wx.createUDPSocket`, at most 200.
                Each is `udp://host:port`, `udp://host` or `host`. If you leave the list out, it is not
                managed; an empty list removes every domain from it. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, each with `udp://`.
            tcp: Domains for `wx.createTCPSocket`, at most 200.
                Each is `tcp://host:port`, `tcp://host` or `host`. If you leave the list out, it is not
                managed; an empty list removes every domain from it. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, each with `tcp://`.
            channel: How WeChat accepts the domains: `direct` (mode two) or `registered` (mode one).
                With `registered`, the platform's own list must have each domain or one of its parent domains
                first. The channel of an existing resource cannot change.
            mode: Which domains the resource owns: `authoritative` or `additive`.
                An authoritative resource owns the whole of each managed list: it removes every domain that it
                does not declare, within the limits of `overwrite_existing` and `allow_mass_removal`. An
                additive resource owns the domains that it declares and leaves all others alone.
            overwrite_existing: Allow removal of live domains that the program does not declare.
                Applies to the `authoritative` mode only.
            allow_mass_removal: Allow one update to empty a list or remove over 30 % of ten or more domains.
                Set it for that update only.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read what WeChat holds for an app, without managing it.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the Mini Program, with `/registered` after it in that channel.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, appid=id, opts=_reading(opts, id))


class MiniProgramConfirmFile(_Resource):
    """The confirm file of one Mini Program, which every webview domain serves at its root.

    The resource reads the file from WeChat and writes nothing there. A delete removes it from the state only.
    """

    appid: pulumi.Output[str]
    """The appid of the Mini Program: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    file_name: pulumi.Output[str]
    """Name of the confirm file: ten letters or digits followed by `.txt`. Upper and lower case matter."""
    file_content: pulumi.Output[str]
    """Content of the confirm file: 32 lower-case hexadecimal digits. Serve exactly these 32 bytes, without a
    line break."""

    @untraced
    def __init__(
        self, resource_name: str, *, appid: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Read the confirm file of one Mini Program.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read the file without managing anything.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the Mini Program.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, appid=id, opts=_reading(opts, id))

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL at which WeChat fetches the file.

        Args:
            domain: The domain that serves the file, as `https://host` or `host`.
        """
        return confirm_file_url(domain, self.file_name)


class MiniProgramPrefetchDomains(_Resource):
    """The hosts that one Mini Program looks up in DNS in advance.

    The resource owns the whole list, which takes effect without a release. Declare one resource for each app.
    WeChat allows 50 changes a month for an app.
    """

    appid: pulumi.Output[str]
    """The appid of the Mini Program: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    hosts: pulumi.Output[list[str]]
    """Hosts to look up in advance, each as `host` or `https://host`. WeChat sets how many an app may have,
    usually 5. The order is kept but never compared. The output has lower-case hosts in the ASCII (Punycode)
    form, without a scheme."""
    overwrite_existing: pulumi.Output[bool]
    """Allow removal of live hosts that the program does not declare."""
    declared_as: pulumi.Output[str]
    """The name of this resource in its program."""

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
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            hosts: Hosts to look up in advance, each as `host` or `https://host`.
                WeChat sets how many an app may have, usually 5. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, without a scheme.
            overwrite_existing: Allow removal of live hosts that the program does not declare.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read what WeChat holds for an app, without managing it.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the Mini Program.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, appid=id, hosts=[], opts=_reading(opts, id))


class ThirdPartyPlatformWebviewDomains(_Resource):
    """The hosts that a third-party platform lists for web views of its apps.

    A Mini Program takes its domains in the `registered` channel from this list. A host that leaves the list
    leaves each of these apps at the app's next release, so the resource removes hosts only with
    `allow_removal`. Each host serves the confirm file of the platform.
    """

    component_appid: pulumi.Output[str]
    """The appid of the third-party platform: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    domains: pulumi.Output[list[str]]
    """Hosts to declare, at most 300, each as `host` or `https://host`. A host covers its subdomains. The
    order is kept but never compared. The output has lower-case hosts in the ASCII (Punycode) form, without a
    scheme."""
    mode: pulumi.Output[str]
    """Which hosts the resource owns: `additive` or `authoritative`. An additive resource owns the hosts that
    it declares and leaves all others alone. An authoritative resource owns the whole list, within the limits
    of `overwrite_existing` and `allow_removal`."""
    publish: pulumi.Output[bool]
    """Whether the hosts go on the published list too. If false, they go on the list for testing only."""
    overwrite_existing: pulumi.Output[bool]
    """Allow removal of live hosts that the program does not declare. Applies to the `authoritative` mode
    only."""
    allow_removal: pulumi.Output[bool]
    """Allow removal of hosts from the platform's list. Every app that has a removed host in the `registered`
    channel loses it at the app's next release."""
    testing_domains: pulumi.Output[list[str]]
    """Hosts on the list for testing. Includes hosts that you do not declare, if the mode is
    `authoritative`."""
    published_domains: pulumi.Output[list[str]]
    """Hosts on the published list. Includes hosts that you do not declare, if the mode is `authoritative`."""
    pending_domains: pulumi.Output[list[str]]
    """Declared hosts that are not on the published list until the platform is published."""
    added_domains: pulumi.Output[list[str]]
    """Hosts that this resource put on the list and that were not there before."""
    writes: pulumi.Output[int]
    """Number of changes that the last create or update sent."""
    shared_domains: pulumi.Output[dict[str, list[str]]]
    """Hosts that other resources of the program declare too: a map from each host to the names of those
    resources."""
    declared_as: pulumi.Output[str]
    """The name by which other resources list this one in their `shared_domains`."""

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
        """Declare hosts on the platform's own list.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            component_appid: The appid of the third-party platform: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            domains: Hosts to declare, at most 300, each as `host` or `https://host`.
                A host covers its subdomains. The order is kept but never compared. The output has lower-case
                hosts in the ASCII (Punycode) form, without a scheme.
            mode: Which hosts the resource owns: `additive` or `authoritative`.
                An additive resource owns the hosts that it declares and leaves all others alone. An
                authoritative resource owns the whole list, within the limits of `overwrite_existing` and
                `allow_removal`.
            publish: Whether the hosts go on the published list too.
                If false, they go on the list for testing only.
            overwrite_existing: Allow removal of live hosts that the program does not declare.
                Applies to the `authoritative` mode only.
            allow_removal: Allow removal of hosts from the platform's list.
                Every app that has a removed host in the `registered` channel loses it at the app's next
                release.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read what WeChat holds for a platform, without managing it.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the third-party platform.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, component_appid=id, domains=[], opts=_reading(opts, id))


class ThirdPartyPlatformServerDomains(_Resource):
    """The hosts that a third-party platform lists for the code of its apps.

    A Mini Program takes its domains in the `registered` channel from this list. A host that leaves the list
    leaves each of these apps at the app's next release, so the resource removes hosts only with
    `allow_removal`. WeChat allows 50 changes a month.
    """

    component_appid: pulumi.Output[str]
    """The appid of the third-party platform: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    domains: pulumi.Output[list[str]]
    """Hosts to declare, at most 1000, each as `host` or `https://host`. A host covers its subdomains. The
    order is kept but never compared. The output has lower-case hosts in the ASCII (Punycode) form, without a
    scheme."""
    mode: pulumi.Output[str]
    """Which hosts the resource owns: `additive` or `authoritative`. An additive resource owns the hosts that
    it declares and leaves all others alone. An authoritative resource owns the whole list, within the limits
    of `overwrite_existing` and `allow_removal`."""
    publish: pulumi.Output[bool]
    """Whether the hosts go on the published list too. If false, they go on the list for testing only."""
    overwrite_existing: pulumi.Output[bool]
    """Allow removal of live hosts that the program does not declare. Applies to the `authoritative` mode
    only."""
    allow_removal: pulumi.Output[bool]
    """Allow removal of hosts from the platform's list. Every app that has a removed host in the `registered`
    channel loses it at the app's next release."""
    testing_domains: pulumi.Output[list[str]]
    """Hosts on the list for testing. Includes hosts that you do not declare, if the mode is
    `authoritative`."""
    published_domains: pulumi.Output[list[str]]
    """Hosts on the published list. Includes hosts that you do not declare, if the mode is `authoritative`."""
    pending_domains: pulumi.Output[list[str]]
    """Declared hosts that are not on the published list until the platform is published."""
    added_domains: pulumi.Output[list[str]]
    """Hosts that this resource put on the list and that were not there before."""
    writes: pulumi.Output[int]
    """Number of changes that the last create or update sent. WeChat allows 50 a month for a platform."""
    shared_domains: pulumi.Output[dict[str, list[str]]]
    """Hosts that other resources of the program declare too: a map from each host to the names of those
    resources."""
    declared_as: pulumi.Output[str]
    """The name by which other resources list this one in their `shared_domains`."""

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
        """Declare hosts on the platform's own list.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            component_appid: The appid of the third-party platform: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            domains: Hosts to declare, at most 1000, each as `host` or `https://host`.
                A host covers its subdomains. The order is kept but never compared. The output has lower-case
                hosts in the ASCII (Punycode) form, without a scheme.
            mode: Which hosts the resource owns: `additive` or `authoritative`.
                An additive resource owns the hosts that it declares and leaves all others alone. An
                authoritative resource owns the whole list, within the limits of `overwrite_existing` and
                `allow_removal`.
            publish: Whether the hosts go on the published list too.
                If false, they go on the list for testing only.
            overwrite_existing: Allow removal of live hosts that the program does not declare.
                Applies to the `authoritative` mode only.
            allow_removal: Allow removal of hosts from the platform's list.
                Every app that has a removed host in the `registered` channel loses it at the app's next
                release.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read what WeChat holds for a platform, without managing it.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the third-party platform.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, component_appid=id, domains=[], opts=_reading(opts, id))


class ThirdPartyPlatformConfirmFile(_Resource):
    """The confirm file of a third-party platform.

    Every host of the platform's list for web views serves it at its root. It is not the confirm file of a
    Mini Program. The resource reads the file from WeChat and writes nothing there. A delete removes it from
    the state only.
    """

    component_appid: pulumi.Output[str]
    """The appid of the third-party platform: `wx` followed by 16 hexadecimal digits. A change replaces the
    resource."""
    file_name: pulumi.Output[str]
    """Name of the confirm file: ten letters or digits followed by `.txt`. Upper and lower case matter."""
    file_content: pulumi.Output[str]
    """Content of the confirm file: 32 lower-case hexadecimal digits. Serve exactly these 32 bytes, without a
    line break."""

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
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            component_appid: The appid of the third-party platform: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
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
        """Read the file without managing anything.

        Args:
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            id: The appid of the third-party platform.
            opts: Pulumi's resource options, including `import_` and `custom_timeouts`.
        """
        return cls(resource_name, component_appid=id, opts=_reading(opts, id))

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL at which WeChat fetches the file.

        Args:
            domain: The domain that serves the file, as `https://host` or `host`.
        """
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
    """Return the appids of the Mini Programs that the token source knows.

    With the component flow, these are all apps that authorise the third-party platform; otherwise, the
    configured apps. The function fails if there are none or if the token source cannot list apps. An app that
    leaves the platform drops off the list.

    Args:
        opts: Pulumi's invoke options, such as `provider`.
    """
    return _invoke(ListAuthorizersResult, LIST_AUTHORIZERS, {}, opts).appids


def list_authorizers_output(opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[list[str]]:
    """Return what `list_authorizers` returns, as an output.

    Args:
        opts: Pulumi's invoke options, such as `provider`.
    """
    found: pulumi.Output[ListAuthorizersResult] = pulumi.Output.from_input(
        _invoke_later(ListAuthorizersResult, LIST_AUTHORIZERS, {}, opts)
    )
    return found.apply(lambda known: known.appids)


def get_webview_domains(appid: str, opts: pulumi.InvokeOptions | None = None) -> GetWebviewDomainsResult:
    """Return the webview domains of one Mini Program, as WeChat holds them now.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
        opts: Pulumi's invoke options, such as `provider`.
    """
    refuse_output(appid, "get_webview_domains")
    return _invoke(GetWebviewDomainsResult, GET_WEBVIEW_DOMAINS, {"appid": appid}, opts)


def get_webview_domains_output(
    appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetWebviewDomainsResult]:
    """Return what `get_webview_domains` returns, as an output.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
            It may be an output.
        opts: Pulumi's invoke options, such as `provider`.
    """
    return _for_app(GetWebviewDomainsResult, GET_WEBVIEW_DOMAINS, appid, opts)


def get_server_domains(appid: str, opts: pulumi.InvokeOptions | None = None) -> GetServerDomainsResult:
    """Return the server domains of one Mini Program, as WeChat holds them now.

    Each value is a map with the keys `request`, `socket`, `upload`, `download`, `udp` and `tcp`.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
        opts: Pulumi's invoke options, such as `provider`.
    """
    refuse_output(appid, "get_server_domains")
    return _invoke(GetServerDomainsResult, GET_SERVER_DOMAINS, {"appid": appid}, opts)


def get_server_domains_output(
    appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetServerDomainsResult]:
    """Return what `get_server_domains` returns, as an output.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
            It may be an output.
        opts: Pulumi's invoke options, such as `provider`.
    """
    return _for_app(GetServerDomainsResult, GET_SERVER_DOMAINS, appid, opts)


def get_confirm_file(appid: str, opts: pulumi.InvokeOptions | None = None) -> GetConfirmFileResult:
    """Return the confirm file of one Mini Program, as WeChat holds it now.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
        opts: Pulumi's invoke options, such as `provider`.
    """
    refuse_output(appid, "get_confirm_file")
    return _invoke(GetConfirmFileResult, GET_CONFIRM_FILE, {"appid": appid}, opts)


def get_confirm_file_output(
    appid: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetConfirmFileResult]:
    """Return what `get_confirm_file` returns, as an output.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
            It may be an output.
        opts: Pulumi's invoke options, such as `provider`.
    """
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
