"""Whether hosts serve a confirm file: fetched where they are mapped, else taken on trust."""

from __future__ import annotations

from collections.abc import Collection

from pulumi_wechat_miniprogram.emulator.confirm_fetch import Manner
from pulumi_wechat_miniprogram.emulator.handlers.call import World
from pulumi_wechat_miniprogram.emulator.model.apps import AppState
from pulumi_wechat_miniprogram.emulator.model.confirm_files import ConfirmFile, file_of_the_day
from pulumi_wechat_miniprogram.emulator.model.platforms import Platform


def present_file(world: World, owner: AppState | Platform) -> ConfirmFile:
    """Give the confirm file of an app or a platform as it is now."""
    first = ConfirmFile(owner.file_name, owner.file_content)
    return file_of_the_day(first, world.switches, world.now)


async def without_file(world: World, hosts: Collection[str], file: ConfirmFile) -> frozenset[str]:
    """Give the hosts that do not serve a file."""
    switches = world.switches
    manner = Manner(
        follow=switches.redirects == "follow",
        plain=switches.plain_http == "accept",
        seconds=float(switches.file_seconds),
    )
    served = await world.fetcher.served(hosts, file.name, file.content, manner)
    everyone = "*" in world.trusted_hosts
    return frozenset(host for host in hosts if not served.get(host, everyone or host in world.trusted_hosts))
