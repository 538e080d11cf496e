"""A file in a web server's root. With a bucket this is one object of your cloud's provider instead."""

from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

INPUTS = ("folder", "name", "content")


class FileAtRootProvider(dynamic.ResourceProvider):
    """Writes and removes the file."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Replace the file when anything changes; the old one goes first, since both may have one path."""
        changed = [key for key in INPUTS if olds[key] != news[key]]
        return dynamic.DiffResult(changes=bool(changed), replaces=changed, delete_before_replace=True)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Write the file byte for byte: WeChat takes no line break at its end."""
        path = Path(props["folder"], props["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(props["content"].encode())
        return dynamic.CreateResult(str(path), {key: props[key] for key in INPUTS})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Remove the file."""
        Path(id_).unlink(missing_ok=True)


class FileAtRoot(dynamic.Resource, module="web-root", name="FileAtRoot"):
    """The file `name` with `content` in `folder`."""

    def __init__(
        self,
        resource_name: str,
        *,
        folder: pulumi.Input[str],
        name: pulumi.Input[str],
        content: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the file."""
        props = {"folder": folder, "name": name, "content": content}
        super().__init__(FileAtRootProvider(), resource_name, props, opts)
