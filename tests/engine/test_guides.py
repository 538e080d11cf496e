"""The pages of docs/ that a reader follows step by step: every command runs, and every line shown is printed."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.engine.conftest import without_backend
from tests.markdown import blocks

ROOT = Path(__file__).parents[2]
CHANGING = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\brid [\w-]+"), "rid"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r" +"), " "),
]


@dataclass(frozen=True)
class Walk:
    """A page, and what its reader does that no command says."""

    page: str
    first: str = ""
    """The section that the reader is sent to first."""
    instead: dict[str, str] = field(default_factory=dict)
    """Commands that need the network or a clone, and what replaces each."""
    before: dict[str, str] = field(default_factory=dict)
    """Edits by hand: what to run before the command that comes next."""


APPS_TOKEN = """export WECHAT_MINIPROGRAM_ACCESS_TOKENS='{"wxfedcba9876543210": "file:/run/secrets/token"}'"""
CLONED = {
    "git clone https://github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram": (
        f"cp -r {ROOT}/examples {ROOT}/Pulumi.yaml . && mkdir .quickstart && ln -s {ROOT}/.venv .venv"
    ),
    "cd pulumi-wechat-miniprogram": "",
    "make up": (
        "export PULUMI_BACKEND_URL=file://$PWD/.quickstart PULUMI_CONFIG_PASSPHRASE=quickstart\n"
        "pulumi stack init quickstart && pulumi up\n"
        "wechat-miniprogram emulator show --data .quickstart/wechat.db"
    ),
    "tools/with-clean-env --pulumi bash --norc": "",
    "exit": "",
    "make down": "pulumi destroy && pulumi stack rm quickstart --yes",
    "git restore examples": "",
    "make clean": "",
}
"""What a clone and `make` would do."""

PRACTICE = """cat > Pulumi.yaml <<'END OF FILE'
{name: shop, runtime: python, config: {"wechat-miniprogram:endpoint": {value: "emulator:wechat.db"}}}
END OF FILE
export PULUMI_BACKEND_URL=file://$PWD PULUMI_CONFIG_PASSPHRASE=example
pulumi stack init dev && pulumi up
wechat-miniprogram emulator release wx0123456789abcdef --data wechat.db && pulumi refresh"""
WALKS = [
    Walk(
        "tutorial.md",
        instead=CLONED,
        before={
            "pulumi preview --diff": (
                """sed -i.bak 's/"pay.example.com"\\],/"pay.example.com", "help.example.com"],/' examples/quickstart/__main__.py"""
            )
        },
    ),
    Walk(
        "guides/first-program.md",
        instead={
            APPS_TOKEN: "export WECHAT_MINIPROGRAM_ENDPOINT=emulator:prod.db",
            "unset PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE": "",
        },
        before={
            "pulumi preview --expect-no-changes": (
                "wechat-miniprogram emulator release wxfedcba9876543210 --data prod.db; pulumi up --refresh"
            )
        },
    ),
    Walk("guides/exchange.md", first="Practice app"),
    Walk("zh/tutorial.md", instead=CLONED),
    Walk("zh/guides/exchange.md", before={"sed -i.bak 's|old.example|new.example|' __main__.py": PRACTICE}),
]


def file_of(lead):
    """The file that the text before a block names last."""
    named = re.findall(r"`([\w./-]+\.(?:py|yaml|txt|json|ts))`", lead) if lead.endswith((":", "：")) else []
    return named[-1] if named else None


def typed(code):
    """The commands of a console block, each with the lines that the page shows below it."""
    for part in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        count = 1 + next(i for i, line in enumerate(lines) if not line.endswith("\\"))
        yield "\n".join(lines[:count]), lines[count:]


def alike(line):
    """A line without what differs between two runs."""
    for pattern, instead in CHANGING:
        line = pattern.sub(instead, line)
    return line.strip()


def missing(shown, printed):
    """Return the shown lines that were not printed, in this order; … matches anything."""
    rest = iter([alike(line) for line in printed.splitlines()])
    patterns = [re.escape(alike(line)).replace("…", ".*") for line in shown if alike(line) not in {"", "…"}]
    return [pattern for pattern in patterns if not any(re.fullmatch(pattern, line) for line in rest)]


def script_of(walk):
    """Return what the reader types as one script, with the files of the page, and what is shown for each command."""
    text = (ROOT / "docs" / walk.page).read_text(encoding="utf-8")
    if walk.first:
        before, _, section = text.partition(f"\n## {walk.first}\n")
        section, follows, rest = section.partition("\n## ")
        text = section + before + follows + rest
    steps, shown = [], []
    for language, code, lead in blocks(text):
        if language == "console":
            for command, lines in typed(code):
                steps += [
                    walk.before.get(command, ""),
                    walk.instead.get(command, command),
                    "echo; echo '-- done'",
                ]
                shown.append((command, lines))
        elif (
            (file := file_of(lead)) and language in {"python", "yaml"} and not code.startswith(" ")
        ):  # a part is for reading
            steps.append(f"cat > {file} <<'END OF FILE'\n{code}END OF FILE")
    return "\n".join(steps), shown


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.page)
def test_the_page_shows_what_happens(walk, tmp_path):
    """A reader who copies each command sees what the page shows."""
    folder = tmp_path / "reader"
    folder.mkdir()
    script, shown = script_of(walk)

    done = subprocess.run(
        ["bash", "-c", f"{{\n{script}\n}} 2>&1"],
        cwd=folder,
        env={
            **without_backend(tmp_path),
            "HOME": str(tmp_path),
            "PULUMI_SKIP_CONFIRMATIONS": "true",
            "WECHAT_MINIPROGRAM_PROBE": "false",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )

    printed = done.stdout.split("\n-- done\n")
    assert len(printed) == len(shown) + 1, done.stdout
    assert [
        (command, lost, text)
        for (command, lines), text in zip(shown, printed, strict=False)
        if (lost := missing(lines, text))
    ] == []
