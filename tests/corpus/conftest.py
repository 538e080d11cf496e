"""The emulator in both ways, as its own tests reach it."""

from __future__ import annotations

from tests.emulator.conftest import both_ways, way, wechat, wechat_emulator

__all__ = ["both_ways", "way", "wechat", "wechat_emulator"]
