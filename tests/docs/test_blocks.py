"""Code and commands in the texts name what exists; tests/engine/test_guides.py runs those of the guides."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shlex
import textwrap
from collections.abc import Iterator

import pytest
import typer
import yaml

import pulumi_wechat_miniprogram
from pulumi_wechat_miniprogram import native
from pulumi_wechat_miniprogram.cli.app import app
from pulumi_wechat_miniprogram.plugin.schema import schema
from pulumi_wechat_miniprogram.settings import Settings, config_name, env_name
from tests.docs.test_docs import PAGES, ROOT
from tests.markdown import blocks

COMMAND = typer.main.get_command(app)
FACES = {"pulumi_wechat_miniprogram": pulumi_wechat_miniprogram, "pulumi_wechat_miniprogram.native": native}
TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}


def blocks_in(*languages: str) -> Iterator[tuple[str, str]]:
    """Every block in one of some languages, with its page."""
    for name, text in TEXTS.items():
        yield from ((name, block.code) for block in blocks(text) if block.language in languages)


def unknown(words: list[str]) -> str:
    """Return what a command line of ours names and no command has."""
    command, rest = COMMAND, words[1:]
    while (below := getattr(command, "commands", None)) and rest and not rest[0].startswith("-"):
        if rest[0] not in below:
            return rest[0]
        command, rest = below[rest[0]], rest[1:]
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {
        "--help"
    }
    given = [word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    return next((option for option in given if option not in options), "")


def test_every_command_line_of_ours_can_be_typed():
    """A renamed command or option does not stay in the texts."""
    wrong = []
    for name, code in blocks_in("console", "bash", "sh", "yaml", "ini"):
        joined = code.replace("\\\n", " ")
        for line in re.findall(r"\bwechat-miniprogram (?!needs\b)[a-z-].*", joined):
            try:
                words = shlex.split(re.split(r" [|>&;]|\s#|\$\(", line)[0])
            except ValueError:  # output that quotes
                continue
            if re.search(
                rf"^(\$ |.*[|;&(] ?|\s*(- )?(run: )?|ExecStart=\S*){re.escape(line)}", joined, re.MULTILINE
            ) and (bad := unknown(words)):
                wrong.append((name, line, bad))

    assert wrong == []


def test_every_python_block_names_what_exists():
    """It can be read, and resources take the arguments that are shown."""
    wrong = []
    for name, code in blocks_in("python"):
        text = textwrap.dedent(code)
        try:
            tree = ast.parse(text)
        except SyntaxError:
            tree = ast.parse(f"f(\n{text}\n)")  # arguments alone
        aliases = {"wechat": pulumi_wechat_miniprogram}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                aliases |= {
                    each.asname or each.name: FACES[each.name] for each in node.names if each.name in FACES
                }
            if isinstance(node, ast.ImportFrom) and node.module == "pulumi_wechat_miniprogram":
                aliases |= {each.asname or each.name: native for each in node.names if each.name == "native"}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if owner not in aliases:
                continue
            called = getattr(aliases[owner], node.func.attr, None)
            taken = inspect.signature(called).parameters if called else {}
            wrong += [
                (name, node.func.attr, each.arg)
                for each in node.keywords
                if each.arg and each.arg not in taken
            ]
            wrong += [] if called else [(name, owner, node.func.attr)]

    assert wrong == []


def documents(code: str) -> Iterator[object]:
    """Read the JSON documents, of which there may be several."""
    while code.strip():
        document, end = json.JSONDecoder().raw_decode(code.lstrip())
        code = code.lstrip()[end:]
        yield document


@pytest.mark.parametrize(("language", "read"), [("yaml", yaml.safe_load_all), ("json", documents)])
def test_every_data_block_can_be_read(language, read):
    """Except where … shortens it."""
    for name, code in blocks_in(language):
        if "…" not in code:
            assert list(read(code)), name


def test_every_setting_is_one():
    """Keys of the stack config and variables of the environment, also of a token command; one page shows a typo."""
    functions = {token.replace(":index:", ":") for token in schema()["functions"]}
    keys = {config_name(each) for each in Settings.model_fields} | functions | {"wechat-miniprogram:index"}
    names = {env_name(each) for each in Settings.model_fields} | {"WECHAT_MINIPROGRAM_APPID"}
    wrong = []
    for page, text in TEXTS.items():
        found = set(re.findall(r"\bwechat-miniprogram:[a-z]\w+", text)) - keys
        found |= set(re.findall(r"\bWECHAT_MINIPROGRAM_[A-Z_]+[A-Z]", text)) - names
        wrong += [(page, each) for each in sorted(found - {"WECHAT_MINIPROGRAM_ENDPOIMT"})]

    assert wrong == []
