"""The confirm file of an app or a platform as it is now."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.call import World
from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.confirm_files import ConfirmFile, file_of_the_day
from wechat_miniprogram_emulator.model.platforms import Platform


def present_file(world: World, owner: AppState | Platform) -> ConfirmFile:
    """Give the confirm file."""
    first = ConfirmFile(owner.file_name, owner.file_content)
    return file_of_the_day(first, world.switches, world.now)
