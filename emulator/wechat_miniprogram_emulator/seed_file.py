"""Read the YAML text of a seed file; its faults are reported line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import yaml
from pydantic import ValidationError

from wechat_miniprogram_emulator.seed import Seed
from wechat_miniprogram_emulator.strict import describe_one

_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset(f"{_TAG}{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null"))

_MAX_VALUES = 1_000_000
"""Values that a seed may hold once its aliases are resolved."""


class _Loader(yaml.SafeLoader):
    """YAML that can be written as JSON: what looks like a date stays text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN or tag == f"{_TAG}merge"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse_seed(content: bytes, path: object) -> Seed:
    """Return the seed that a file holds; `path` names the file in messages.

    Raises:
        ValueError: it is not YAML or not a seed; the text has each fault with its line in the file.
    """
    try:
        root = yaml.compose(content.decode("utf-8"), Loader=_Loader)
        if root is None:
            raise ValueError(f"{path}: empty; a seed holds {', '.join(Seed.model_fields)}")
        if wrong := [f"{path}:{line}: {text}" for line, text in _no_json(root)]:
            raise ValueError("\n".join(wrong))
        document = json.dumps(_Loader("").construct_document(root))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ValueError(f"{path}:{mark.line + 1 if mark else 1}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ValueError(f"{path}: nested too deeply") from None
    try:
        return Seed.model_validate_json(document)
    except ValidationError as error:
        raise ValueError(
            "\n".join(
                f"{path}:{_line(root, (*detail['loc'], *detail.get('ctx', {}).get('below', ())))}: "
                f"{describe_one(detail, 'seed')}"
                for detail in error.errors(include_url=False)
            )
        ) from None


def _no_json(root: yaml.Node) -> Iterator[tuple[int, str]]:
    """Find what JSON cannot hold: a key twice in one mapping, a tag, a value inside itself.

    Also a value that grows beyond measure as its aliases are resolved. Each value is visited only one time.
    """
    sizes: dict[int, int] = {}
    above: set[int] = set()
    waiting = [(root, False)]
    while waiting:
        node, is_done = waiting.pop()
        line, below = node.start_mark.line + 1, _values_of(node)
        if is_done:
            above.remove(id(node))
            inside = [sizes.get(id(child), 1) for child in below]
            sizes[id(node)] = 1 + sum(inside)
            if sizes[id(node)] > _MAX_VALUES >= max(inside):
                yield line, f"with its aliases resolved this holds more than {_MAX_VALUES} values"
        elif id(node) in above:
            yield line, "an alias of a value that it is part of"
        elif id(node) not in sizes:
            if node.tag not in _PLAIN:
                yield line, f"the tag {node.tag.replace(_TAG, '!!')} is not allowed"
            yield from _repeated_keys(node)
            above.add(id(node))
            waiting.append((node, True))
            waiting.extend((child, False) for child in below)


def _values_of(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _repeated_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    names: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else []:
        if isinstance(key, yaml.ScalarNode):
            if key.value in names:
                yield key.start_mark.line + 1, f"{key.value} appears twice"
            names.add(key.value)


def _line(root: yaml.Node, path: Sequence[int | str]) -> int:
    """Return the line of the value at `path`, or of the closest value above it."""
    node, mark = root, root.start_mark
    for part in path:
        if isinstance(node, yaml.MappingNode):
            entries = {key.value: (key, value) for key, value in node.value}
            if str(part) not in entries:
                break
            key, node = entries[str(part)]
            mark = key.start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            mark = node.start_mark
    return int(mark.line) + 1
