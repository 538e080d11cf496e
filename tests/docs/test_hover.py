"""What an editor shows on hover, as pyright's language server answers it."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

import pulumi_wechat_miniprogram as dynamic
from pulumi_wechat_miniprogram import native
from tools import docstrings

SERVER = Path(sys.executable).parent / "pyright-langserver"
FACES = {"dynamic": dynamic, "native": native}
HEAD = """
from typing import Any
import pulumi_wechat_miniprogram as dynamic
from pulumi_wechat_miniprogram import native
x: Any = None
"""


class Editor:
    """Speaks the language server protocol."""

    def __init__(self, server: subprocess.Popen[bytes], folder: Path) -> None:
        """Open a folder."""
        assert server.stdin
        assert server.stdout
        self._to: IO[bytes] = server.stdin
        self._from: IO[bytes] = server.stdout
        self._asked = 0
        shows = {"textDocument": {"hover": {"contentFormat": ["plaintext"]}}}
        self._folder = folder.as_uri()
        self.ask("initialize", processId=None, rootUri=self._folder, capabilities=shows)
        self._send(method="initialized", params={})

    def open(self, text: str) -> None:
        """Open a file, the only one."""
        self._file = {"uri": f"{self._folder}/program.py"}
        document = {**self._file, "languageId": "python", "version": 1, "text": text}
        self._send(method="textDocument/didOpen", params={"textDocument": document})

    def hover(self, line: int, character: int) -> str:
        """Return what is shown at a place."""
        place = {"line": line, "character": character}
        shown = self.ask("textDocument/hover", textDocument=self._file, position=place)
        return str(shown["contents"]["value"]) if shown else ""

    def close(self) -> None:
        """End the server."""
        self.ask("shutdown")
        self._send(method="exit")

    def ask(self, method: str, **params: Any) -> Any:
        """Return the answer; what the server asks in the meantime has an empty one."""
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        while (received := self._receive()).get("id") != self._asked or "method" in received:
            if "method" in received and "id" in received:
                items = received["params"].get("items", [])
                self._send(id=received["id"], result=[{"pythonPath": sys.executable}] * len(items))
        return received["result"]

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._to.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while header := self._from.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        received: dict[str, Any] = json.loads(self._from.read(length))
        return received


@pytest.fixture
def editor(tmp_path):
    """An editor on an empty folder."""
    with subprocess.Popen(
        [SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as server:
        opened = Editor(server, tmp_path)
        yield opened
        opened.close()


def callables(face: str) -> Iterator[tuple[str, Any]]:
    """Every public class, method and function of a face, as a program calls it."""
    module = FACES[face]
    for name in sorted({*module.__all__} - {"__version__"}):
        held = getattr(module, name)
        yield f"{face}.{name}", held
        if inspect.isclass(held):
            methods = [each for each in vars(held) if not each.startswith(("_", "translate_"))]
            for each in methods:
                if callable(method := getattr(held, each)):
                    yield f"{face}.{name}.{each}", method


def hovered() -> Iterator[tuple[str, str]]:
    """Lines of a program, each with the word to hover over."""
    for face in FACES:
        for called, held in callables(face):
            names = [name for name in inspect.signature(held).parameters if name != "self"]
            if not called.endswith("Result"):
                yield from ((f"{called}({name}=x)", name) for name in names)
            if inspect.isclass(held):
                shown = inspect.get_annotations(held)
                yield from ((f"{called}.{name}", name) for name in shown if not name.startswith("_"))


def test_every_argument_and_attribute_has_a_text(editor):
    """In both faces; an argument's text ends where its first sentence does."""
    asked = [*hovered()]
    editor.open(HEAD + "\n".join(line for line, _ in asked))

    shown = {
        line: editor.hover(number, line.rindex(word)).partition("\n\n")[2].strip()
        for number, (line, word) in enumerate(asked, HEAD.count("\n"))
    }

    assert len(asked) > 300
    assert [line for line, text in shown.items() if not text.endswith(".")] == []


@pytest.mark.parametrize("name", docstrings.FILES)
def test_the_texts_are_those_of_the_tables(name):
    """Which the plugin's schema has too."""
    source = (docstrings.PACKAGE / name).read_text(encoding="utf-8")

    assert source == docstrings.written(name), "stale: run `make docs`"
