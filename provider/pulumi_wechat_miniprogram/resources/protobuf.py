"""The messages of the engine's protocol, from the SDK's package but without the SDK.

`import pulumi` takes as long as everything else that a plugin loads. Its messages need grpc and protobuf
only. Unless the SDK is already loaded, empty packages therefore take the place of `pulumi` and
`pulumi.runtime`. If a message cannot be found that way, this module imports the SDK itself.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

_PACKAGES: Final = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")
__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]


def _stand_ins() -> dict[str, ModuleType]:
    spec = find_spec("pulumi")
    root = Path(spec.origin).parent if spec and spec.origin else Path()
    modules = {name: ModuleType(name) for name in _PACKAGES}
    for name, module in modules.items():
        module.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    return modules


def load() -> list[ModuleType]:
    """Import the messages, without the rest of the SDK if that can be done."""
    if "pulumi" not in sys.modules:
        sys.modules.update(_stand_ins())
        try:
            return _import()
        except ImportError:
            for name in [name for name in sys.modules if name.partition(".")[0] == "pulumi"]:
                del sys.modules[name]
    return _import()


def _import() -> list[ModuleType]:
    return [importlib.import_module(f"{_PACKAGES[-1]}.{name}") for name in __all__]


if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )
else:
    engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2 = load()
