"""The pages of docs/ say what the code says, and links and references lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import write_docs

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HIDDEN = {".ci", ".github"}
"""The folders with a dot that belong to the repository."""
MADE = {"__pycache__", "dist", "node_modules", "sdks"}
WRITTEN_BY_READERS = {"comment.md"}
"""What a command in the docs writes."""


def files_of(folder: Path) -> Iterator[Path]:
    """Every file that belongs to the repository, none that is made in its folders."""
    for path in sorted(folder.iterdir()):
        if path.name in MADE or (path.name.startswith(".") and path.name not in HIDDEN):
            continue
        if path.is_dir():
            yield from files_of(path)
        else:
            yield path


FILES = [*files_of(ROOT)]
PAGES = [path for path in FILES if path.suffix == ".md"]


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if page.is_relative_to(DOCS) and "<!-- end of " in page.read_text(encoding="utf-8")
    ],
    ids=lambda page: str(page.relative_to(DOCS)),
)
def test_what_comes_from_the_code_is_as_the_code_has_it(page):
    """A code, cause, key or stored field that changes is written anew by `make docs`."""
    assert page.read_text(encoding="utf-8") == write_docs.written(page), "stale: run `make docs`"


def test_every_table_is_in_a_page():
    """Nothing is generated for nobody."""
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES if page.is_relative_to(DOCS)}
    english = "".join(text for page, text in texts.items() if not page.is_relative_to(DOCS / "zh"))
    chinese = "".join(text for page, text in texts.items() if page.is_relative_to(DOCS / "zh"))

    assert [name for name in write_docs.TABLES if f"<!-- {name} -->" not in english] == []
    assert [name for name in write_docs.CHINESE if f"<!-- {name} -->" not in chinese] == []


@pytest.mark.parametrize("name", write_docs.FILES)
def test_the_files_are_those_of_the_code(name):
    """A model that changes is written anew by `make docs`."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert text == write_docs.FILES[name](), "stale: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_to_a_file(page):
    """A page that moved takes its links along."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("language", [DOCS, DOCS / "zh"], ids=["en", "zh"])
def test_the_indexes_list_every_page_once(language):
    """A page that is in no list is in no navigation of the site."""
    pages = [page for page in PAGES if page.is_relative_to(language) and page != language / "index.md"]
    pages = [page for page in pages if language != DOCS or not page.is_relative_to(DOCS / "zh")]
    listed = [
        (index.parent / link).resolve()
        for index in [language / "index.md", *pages]
        if index.name == "index.md"
        for link in re.findall(
            r"^- \[[^\]]+\]\(([^)#]+\.md)\)", index.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]

    assert sorted(listed) == sorted(pages)


def words(text: str) -> int:
    """Count what is read: neither code nor tables that come from it, and in Chinese two characters for a word."""
    for written in re.findall(r"<!-- end of (.+) -->", text):
        text = re.sub(rf"(?s)<!-- {written} -->.*<!-- end of {written} -->", "", text)
    text = re.sub(r"(?ms)^```.*?^```", "", text)
    return len(re.findall(r"[\u4e00-\u9fff]", text)) // 2 + len(
        re.findall(r"[\w'/.-]*[a-zA-Z0-9][\w'/.-]*", text)
    )


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.is_relative_to(DOCS)],
    ids=lambda page: str(page.relative_to(DOCS)),
)
def test_a_page_is_read_in_five_minutes(page):
    """A longer one is two pages."""
    assert words(page.read_text(encoding="utf-8")) <= 1200


@pytest.mark.parametrize(
    ("program", "first", "last"),
    [
        ("examples/yaml/Pulumi.yaml", "runtime: yaml", "pending: ${shop.pendingDomains}"),
        ("tests/engine/languages/typescript/index.ts", "import * as wechat", "export const pending"),
        ("tests/engine/languages/go/main.go", "shop, err :=", 'ctx.Export("pending"'),
    ],
)
def test_the_page_on_languages_shows_programs_that_the_engine_ran(program, first, last):
    """tests/engine runs what the reader copies."""
    page, code = (
        "\n".join(line.strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
        for file in ("docs/guides/languages.md", program)
    )

    assert code[code.index(first) : code.index(last) + len(last)] in page


def test_one_page_says_how_to_install():
    """The package is on no index yet: what a reader copies elsewhere holds the address of that page, or leads to it."""
    page = (DOCS / "guides/install.md").read_text(encoding="utf-8")
    (address,) = set(re.findall(r"git\+https://[\w./-]+", page))
    copied = re.compile(
        r"^(?:.*pip install (?:-U |--upgrade )?['\"]?)?pulumi-wechat-miniprogram\[.*$", re.MULTILINE
    )
    wrong = [
        (str(path.relative_to(ROOT)), line)
        for path in FILES
        if path.suffix in {".md", ".txt", ".yml", ".yaml"} and path != DOCS / "guides/install.md"
        for line in copied.findall(path.read_text(encoding="utf-8"))
        if f" @ {address}" not in line and "needs …" not in line
    ]

    assert wrong == []


def unreachable(text: str) -> list[str]:
    """Return what a text refers to and a reader of the repository cannot open."""
    numbered = re.findall(r"\b[Ss]ection \d+|\b(?:shared|cases)[/][\w.-]+", text)
    documents = re.findall(r"[\w./-]+\.md\b", re.sub(r"https?://\S+", "", text))
    names = {path.name for path in PAGES} | WRITTEN_BY_READERS
    return numbered + [name for name in documents if name.rpartition("/")[2] not in names]


def test_every_reference_leads_into_the_repository():
    """No file names a document, or a numbered section, that lies elsewhere."""
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in FILES
        if (wrong := unreachable(path.read_text(encoding="utf-8", errors="ignore")))
    }

    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "as design section" + " 5 says",
        "see section" + " 12",
        "the facts of shared" + "/facts",
        "in nowhere" + ".md",
    ],
)
def test_a_reference_to_what_nobody_can_open_is_found(text):
    """What the test before this one looks for; each text is written in two parts, to be no reference itself."""
    assert unreachable(text) != []


def test_the_slow_rooms_exist_and_are_those_of_the_guide():
    """A folder that moved would come back into `make test-fast` unnoticed."""
    (line,) = re.findall(r"^slow := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [row for row in guide.splitlines() if row.startswith("| `tests/")]

    assert [room for room in line.split() if not (ROOT / "tests" / room).is_dir()] == []
    assert sorted(re.findall(r"`tests/(\w+)`", "".join(rows))) == line.split()
