"""Stack exports that a policy compares with, read as the command line reads them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.exports.reader import Export


def read_given(path: object) -> tuple[Export, ...]:
    """Read stack exports: plain or compressed, in any encoding, or a checkpoint.

    Raises:
        ValueError: the file cannot be read or is not a stack export.
    """
    # Every run starts this process, and few of them have an export: 25 ms.
    from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable  # noqa: PLC0415
    from pulumi_wechat_miniprogram.exports.sources import read_exports  # noqa: PLC0415

    if not isinstance(path, str):
        message = "is not a path"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueError as a wrong value
    try:
        return read_exports([str(Path(path).absolute())], [], io.BytesIO())
    except ExportUnreadable as error:
        raise ValueError(str(error)) from None
