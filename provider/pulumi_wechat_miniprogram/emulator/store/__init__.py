"""The emulator's data in SQLite: one file, or memory. One table's subject a module."""

from pulumi_wechat_miniprogram.emulator.store.data import Store

__all__ = ["Store"]
