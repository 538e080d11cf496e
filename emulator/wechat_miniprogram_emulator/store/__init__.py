"""The emulator's data in SQLite: one file, or memory. One table's subject a module."""

from wechat_miniprogram_emulator.store.data import Store

__all__ = ["Store"]
