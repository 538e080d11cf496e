"""Write the docstrings that an editor shows on hover, from the tables of meanings; `make docs` runs it.

An editor reads the source, so the source needs the texts. Each has one origin, which the plugin's schema uses
too: `exports.state` for a property, `settings.model` for a setting, `resources.found` for a function.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pulumi_wechat_miniprogram.exports.kinds import CLASSES, Kind
from pulumi_wechat_miniprogram.exports.state import ABOUT, INPUTS, OUTPUTS
from pulumi_wechat_miniprogram.resources.found import ABOUT as ABOUT_FUNCTIONS
from pulumi_wechat_miniprogram.resources.found import ABOUT_APPID, RESULTS, values_of
from pulumi_wechat_miniprogram.settings import ARGUMENTS, Settings, camel

PACKAGE = Path(__file__).resolve().parent.parent / "provider" / "pulumi_wechat_miniprogram"
FILES: Final = ("dynamic/functions.py", "dynamic/resources.py", "native.py", "resources/found.py")
WIDTH: Final = 110

_KINDS: Final[Mapping[str, Kind]] = {name: kind for kind, name in CLASSES.items()}
_RESULTS: Final = {each.__name__: each for each in RESULTS.values()}
_NAME: Final = "The name of the resource in the program. To rename it later, give its old name in `aliases`."
_DYNAMIC: Final = (
    "Pulumi's resource options. The dynamic provider refuses `import_` and ignores `custom_timeouts`; the "
    "native plugin supports both."
)
_NATIVE: Final = "Pulumi's resource options, including `import_` and `custom_timeouts`."
_FUNCTIONS: Final = {
    re.sub("([A-Z])", lambda letter: f"_{letter[1].lower()}", token.rpartition(":")[2]): about
    for token, about in ABOUT_FUNCTIONS.items()
}
"""What each function does, by its name in Python."""


def written(name: str) -> str:
    """Return a module with its docstrings as the tables have them now."""
    text = (PACKAGE / name).read_text(encoding="utf-8")
    lines = text.splitlines()
    edits = sorted(_edits(ast.parse(text), name), key=lambda edit: edit[0], reverse=True)
    for first, last, new in edits:
        lines[first:last] = new
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write every module."""
    for name in FILES:
        (PACKAGE / name).write_text(written(name), encoding="utf-8")


_Edit = tuple[int, int, list[str]]
"""Lines from the first one to the one before the last, and what takes their place."""


def _edits(module: ast.Module, file: str) -> Iterator[_Edit]:
    for node in module.body:
        if isinstance(node, ast.ClassDef) and (kind := _KINDS.get(node.name)):
            yield _docstring(node, _reflowed(ABOUT[kind], " " * 4))
            yield from _attributes(node, {field.name: field.about for field in OUTPUTS[kind]})
            for method in _functions(node):
                yield from _arguments(method, _inputs(kind, file))
        elif isinstance(node, ast.ClassDef) and (found := _RESULTS.get(node.name)):
            yield from _attributes(node, {field.name: field.about for field in values_of(found)})
        elif isinstance(node, ast.ClassDef) and node.name == "Provider":
            for method in _functions(node):
                yield from _arguments(method, _settings())
    for function in _functions(module):
        base = function.name.removesuffix("_output")
        if about := _FUNCTIONS.get(base):
            later = base != function.name
            head = f"Return what `{base}` returns, as an output." if later else _reflowed(about, " " * 4)
            appid = f"{ABOUT_APPID} It may be an output." if later else ABOUT_APPID
            texts = {"appid": appid, "opts": "Pulumi's invoke options, such as `provider`."}
            yield from _arguments(function, texts, head)


def _functions(node: ast.ClassDef | ast.Module) -> Iterator[ast.FunctionDef]:
    return (each for each in node.body if isinstance(each, ast.FunctionDef))


def _inputs(kind: Kind, file: str) -> Mapping[str, str]:
    platform = kind.startswith("platform-")
    account = "appid of the third-party platform" if platform else "appid of the Mini Program"
    in_channel = any(field.name == "channel" for field in INPUTS[kind])
    return {
        **{field.name: field.about for field in INPUTS[kind]},
        "resource_name": _NAME,
        "id": f"The {account}{', with `/registered` after it in that channel' if in_channel else ''}.",
        "domain": "The domain that serves the file, as `https://host` or `host`.",
        "opts": _NATIVE if file == "native.py" else _DYNAMIC,
    }


def _settings() -> Mapping[str, str]:
    names = {camel(name): name for name in ARGUMENTS}
    texts = {name: Settings.model_fields[name].description or "" for name in ARGUMENTS}
    return {
        **{
            name: re.sub("`([a-zA-Z]+)`", lambda key: f"`{names.get(key[1], key[1])}`", text)
            for name, text in texts.items()
        },
        "resource_name": _NAME,
        "opts": "Pulumi's resource options.",
    }


def _docstring(node: ast.ClassDef | ast.FunctionDef, text: str) -> _Edit:
    """Put a text into the place of a docstring."""
    held = node.body[0]
    if not isinstance(held, ast.Expr) or held.end_lineno is None:
        message = f"{node.name} has no docstring"
        raise ValueError(message)
    indent = " " * held.col_offset
    first, *rest = text.splitlines()
    closing = [f'{indent}"""'] if rest else []
    opened = f'{indent}"""{first}' + ("" if rest else '"""')
    body = [f"{indent}{line}" if line else "" for line in rest]
    return held.lineno - 1, held.end_lineno, [opened, *body, *closing]


def _arguments(node: ast.FunctionDef, texts: Mapping[str, str], head: str | None = None) -> Iterator[_Edit]:
    """Describe each argument. Its first sentence has a line of its own: pyright shows no more."""
    held = ast.get_docstring(node)
    if held is None:
        return
    names = [each.arg for each in (*node.args.args, *node.args.kwonlyargs) if each.arg not in {"self", "cls"}]
    parts = [head or held.partition("\n\nArgs:")[0]]
    if names:
        parts.append("\n".join(["Args:", *(line for name in names for line in _argument(name, texts[name]))]))
    yield _docstring(node, "\n\n".join(parts))


def _argument(name: str, text: str) -> list[str]:
    first, *rest = re.split(r"(?<=\.) (?=[A-Z`])", text, maxsplit=1)
    line = f"    {name}: {first}"
    if len(line) > WIDTH - 8:
        message = (
            f"the first sentence about {name} is too long by {len(line) - WIDTH + 8} for its line: {first}"
        )
        raise ValueError(message)
    return [line, *(wrapped for each in rest for wrapped in _wrap(each, WIDTH - 8, " " * 8))]


def _attributes(node: ast.ClassDef, texts: Mapping[str, str]) -> Iterator[_Edit]:
    """Describe each attribute below it."""
    for place, each in enumerate(node.body):
        if not (isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)):
            continue
        after = node.body[place + 1] if place + 1 < len(node.body) else None
        held = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        start = each.end_lineno or each.lineno
        end = (after.end_lineno if after and held else None) or start
        yield start, end, _wrap(f'"""{texts[each.target.id]}"""', WIDTH, " " * 4)


def _reflowed(text: str, indent: str) -> str:
    """Return paragraphs in lines that have room for an indent."""
    paragraphs = (" ".join(each.split()) for each in text.split("\n\n"))
    return "\n\n".join("\n".join(_wrap(each, WIDTH - len(indent), "")) for each in paragraphs)


def _wrap(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    main()
