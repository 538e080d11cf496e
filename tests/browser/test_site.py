"""The documentation site in a real browser, built as `make docs-site` builds it and opened from files.

`SCREENSHOTS=FOLDER` keeps a picture of each page at both widths.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chromium import visits

ROOT = Path(__file__).parents[2]
WIDTHS = {"desktop": 1440, "phone": 390}
PARTS = ["index", "tutorial", "guides/exchange", "reference/errcodes", "zh/index", "zh/guides/exchange"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        ["make", "docs-site", f"site={folder}/site", f"doctrees={folder}/doctrees"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site):
    """Every page that a reader can open."""
    return sorted(site.rglob("*.html"))


@pytest.fixture
def visit(browser, site):
    """Opens a page as a visitor who has no network; what went wrong in the browser fails the test."""
    with visits(browser) as opened:
        yield lambda name, **settings: opened(f"file://{site}/{name}.html", offline=True, **settings)


@pytest.mark.parametrize("device", WIDTHS)
def test_every_page_opens_and_nothing_sticks_out(visit, site, pages, device):
    """On a phone too nobody scrolls sideways, except within a wide table or a block of code."""
    page = visit("index", viewport={"width": WIDTHS[device], "height": 900})
    wide, silent = [], []
    for each in pages:
        page.goto(f"file://{each}")
        name = str(each.relative_to(site).with_suffix(""))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
        if not page.locator("h1").count():
            silent.append(name)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/{name.replace('/', '-')}-{device}.png", full_page=True)

    assert wide == []
    assert silent == ["search", "zh/search"][: len(silent)]


def test_every_internal_link_leads_to_a_place(visit, site, pages):
    """Also those between the languages, and the headings that a link names."""
    page = visit("index")
    links: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for each in pages:
        url = f"file://{each}"
        page.goto(url)
        hrefs = page.locator("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        links[url] = {urljoin(url, unquote(href)) for href in hrefs if not re.match("https?:|mailto:", href)}
        places[url] = set(page.locator("[id]").evaluate_all("all => all.map(one => one.id)")) | {""}

    lost = {
        (from_url.partition("/site/")[2], link.partition("/site/")[2])
        for from_url, found in links.items()
        for link in found
        for target, place in [urldefrag(link)]
        if place not in places.get(target, {""} if Path(target.removeprefix("file://")).is_file() else ())
    }

    assert lost == set()


@pytest.mark.parametrize(
    ("start", "words", "page"),
    [
        ("index", "confirm file", "reference/confirm-file"),
        ("guides/exchange", "86103", "reference/errcodes"),
        ("zh/index", "业务域名", "zh/guides/exchange"),
    ],
)
def test_the_search_works_without_a_network(visit, start, words, page):
    """Also in Chinese, and from a page below the top."""
    opened = visit(start)
    opened.get_by_role("searchbox").first.fill(words)
    opened.keyboard.press("Enter")

    expect(opened.locator(f".search a[href*='{page.rpartition('/')[2]}.html']").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PARTS)
def test_a_page_is_accessible(visit, name, scheme):
    """No rule of WCAG 2 that axe can check is broken in the text: contrast, names, headings, tables."""
    page = visit(name, color_scheme=scheme, viewport={"width": 390, "height": 900})

    found = Axe().run(page, context="article").response["violations"]

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_each_language_leads_to_the_other(visit):
    """To the same page, where the other language has it."""
    page = visit("guides/exchange", viewport={"width": 1440, "height": 900})
    page.get_by_role("link", name="中文", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/zh/guides/exchange\.html"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("link", name="English", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"site/guides/exchange\.html"))
