"""The documentation site: Sphinx builds it from the Markdown pages that GitHub shows too (`make docs-site`).

Two builds share this file, one for each language: docs/ without docs/zh, and docs/zh.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sphinx.search
from docutils import nodes
from sphinx.search.en import SearchEnglish

from pulumi_wechat_miniprogram.__about__ import REPOSITORY, __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
CHINESE = os.environ.get("DOCS_LANGUAGE") == "zh"

project = "pulumi-wechat-miniprogram"
version = release = __version__
language = "zh_CN" if CHINESE else "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = [] if CHINESE else ["zh"]
templates_path = ["_templates"]

nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!pulumi_wechat_miniprogram|wechat_miniprogram_emulator)[\w.]+")]
"""Every unknown reference fails the build, except those to other projects: they would need the network."""
suppress_warnings = ["misc.highlighting_failure"]  # shortened JSON is not JSON

myst_heading_anchors = 4
myst_url_schemes = ["http", "https", "mailto", "page"]
default_role = "code"
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
copybutton_prompt_text = "$ "  # the output below a command is not copied

html_search_language = "site"
html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_show_copyright = False
html_js_files = ["keyboard.js"]
html_css_files = ["names.css"]
html_sidebars = {
    "**": [
        f"sidebar/{part}.html"
        for part in ("brand", "language", "search", "scroll-start", "navigation", "scroll-end")
    ]
}
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/zh" if CHINESE else "docs",
}


class SiteSearch(SearchEnglish):
    """Finds what Sphinx's own search does not: numbers, which get a letter, and Chinese, in pairs."""

    js_splitter_code = """
function splitQuery(query) {
  const runs = query.match(/[\\u4e00-\\u9fff]+|(?:(?![\\u4e00-\\u9fff])[\\p{L}\\p{N}_])+/gu) || [];
  return runs.flatMap((run) => {
    if (/^\\d+$/.test(run)) return ["n" + run];
    if (!/^[\\u4e00-\\u9fff]{2,}$/.test(run)) return [run];
    return Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2));
  });
}
"""

    def split(self, input: str) -> list[str]:  # noqa: A002 - Sphinx's name
        """Return the words of a text."""
        words: list[str] = []
        for run in re.findall(r"[\u4e00-\u9fff]+|[^\W\u4e00-\u9fff]+", input):
            if run.isdigit():
                words.append(f"n{run}")
            elif re.match(r"[\u4e00-\u9fff]{2}", run):
                words += [run[i : i + 2] for i in range(len(run) - 1)]
            else:
                words.append(run)
        return words


sphinx.search.languages["site"] = SiteSearch

LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")
LISTED = re.compile(r"^- \[[^\]]+\]\(([\w./-]+)\.md\)", re.MULTILINE)


def read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Make a page of the site: rewrite the links that leave it, and turn an index's list into navigation."""
    here = (Path(app.srcdir) / docname).parent

    def link(found: re.Match[str]) -> str:
        path, fragment = found[1], found[2] or ""
        target = (here / path).resolve()
        if target.is_relative_to(app.srcdir) and target.suffix in {".md", ".png"}:
            return found[0]
        if target.suffix == ".md" and target.is_relative_to(DOCS):  # the other language
            return f"](page:{path.removesuffix('.md')}.html{fragment})"
        kind = "tree" if target.is_dir() else "blob"
        return f"]({REPOSITORY}/{kind}/main/{target.relative_to(DOCS.parent).as_posix()}{fragment})"

    text = LINK.sub(link, source[0])
    if Path(docname).name == "index":
        listed = "\n".join(LISTED.findall(source[0]))
        text += f"\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    source[0] = text


def relate(_app: Sphinx, tree: nodes.document) -> None:
    """Let links to the other language be relative."""
    for link in tree.findall(nodes.reference):
        if "refuri" in link:
            link["refuri"] = link["refuri"].removeprefix("page:")


def name_the_other(
    _app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object
) -> None:
    """Give the templates the same page in the other language, or the start page where there is none."""
    there = DOCS if CHINESE else DOCS / "zh"
    page = pagename if (there / f"{pagename}.md").exists() else "index"
    context["other_language"] = f"../{page}.html" if CHINESE else f"zh/{page}.html"
    context["other_language_name"] = "English" if CHINESE else "中文"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect what this file adds."""
    app.connect("source-read", read)
    app.connect("doctree-read", relate)
    app.connect("html-page-context", name_the_other)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
