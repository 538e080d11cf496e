"""How this process learns that the engine stops: a cancel request, or nobody at the other end of its output.

The SDK's host of dynamic providers answers the engine's Cancel and tells no provider about it, and it answers
in one of its four threads, all of which may be waiting. gRPC looks up the handler of each call in a thread of
its own, so that is where a Cancel is noticed. A killed CLI sends nothing, but its end of our output is gone.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, Final

from pulumi_wechat_miniprogram.safety.interruption import Interruption, output_unread

_LOOK_UP: Final = "_find_method_handler"


INTERRUPTION: Final = Interruption(output_unread)
"""Of this process: a plugin serves one operation of the engine."""


def hear_cancel() -> None:
    """Let the engine's Cancel interrupt this process, if it serves gRPC; a test shows that it does."""
    server = sys.modules.get("grpc._server")
    look_up = getattr(server, _LOOK_UP, None)
    if look_up is not None:
        setattr(server, _LOOK_UP, _listening(look_up))


def _listening(look_up: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(look_up)
    def listen(event: Any, state: Any, method: Any, *more: Any) -> Any:
        name = method.name() or event.call_details.method.decode()
        if name.endswith("/Cancel"):
            INTERRUPTION.interrupt()
        return look_up(event, state, method, *more)

    return listen
