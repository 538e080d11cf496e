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
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
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
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
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

    def __init_subclass__(cls, **_kwargs: object) -> None:
        """Keep the type token, as `MiniProgramWebviewDomains` does."""
        super().__init_subclass__(module=MODULE, name="MiniProgramConfirmFile")

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
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
        """
        props: dict[str, Any] = {"appid": appid, "file_name": None, "file_content": None}
        _register(self, "confirm-file", resource_name, props, opts)

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL at which WeChat fetches the file.

        Args:
            domain: The domain that serves the file, as `https://host` or `host`.
        """
        return confirm_file_url(domain, self.file_name)


class MiniProgramPrefetchDomains(dynamic.Resource, module=MODULE, name="MiniProgramPrefetchDomains"):
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
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            hosts: Hosts to look up in advance, each as `host` or `https://host`.
                WeChat sets how many an app may have, usually 5. The order is kept but never compared. The
                output has lower-case hosts in the ASCII (Punycode) form, without a scheme.
            overwrite_existing: Allow removal of live hosts that the program does not declare.
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
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
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
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
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
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
            resource_name: The name of the resource in the program.
                To rename it later, give its old name in `aliases`.
            component_appid: The appid of the third-party platform: `wx` followed by 16 hexadecimal digits.
                A change replaces the resource.
            opts: Pulumi's resource options.
                The dynamic provider refuses `import_` and ignores `custom_timeouts`; the native plugin
                supports both.
        """
        props: dict[str, Any] = {"component_appid": component_appid, "file_name": None, "file_content": None}
        _register(self, "platform-confirm-file", resource_name, props, opts)

    def url_for(self, domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the URL at which WeChat fetches the file.

        Args:
            domain: The domain that serves the file, as `https://host` or `host`.
        """
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
