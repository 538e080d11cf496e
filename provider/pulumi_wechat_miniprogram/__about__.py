"""The version of the distribution, its only source, and where its docs are."""

import re

__version__ = "0.1.0.dev0"

REPOSITORY = "https://github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram"


def docs_page(name: str) -> str:
    """Return the address of a page, for messages: an installed package has no docs folder."""
    return f"{REPOSITORY}/blob/main/docs/{name}.md"


def semantic(version: str) -> str:
    """Return a Python version in the form that the engine accepts: `0.1.0.dev0` as `0.1.0-dev0`."""
    found = re.fullmatch(r"([0-9]+\.[0-9]+\.[0-9]+)(?:[.-]?([0-9A-Za-z][0-9A-Za-z.-]*))?", version)
    if not found:
        message = f"{version!r} is not a valid version: expected one such as 1.2.3"
        raise ValueError(message)
    release, rest = found.groups()
    return f"{release}-{rest}" if rest else release
