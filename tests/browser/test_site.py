"""The documentation site in a real browser, built as `make docs-site` builds it and served on this machine.

`SCREENSHOTS=FOLDER` keeps a picture of each page at both widths.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import threading
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


@pytest.fixture(scope="module")
def address(site):
    """Where the site is served, as a reader without a network may do."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(browser, address):
    """Opens a page as a visitor; what went wrong in the browser fails the test, also a page of another host."""
    elsewhere: list[str] = []
    with visits(browser) as opened:

        def visit(name, **settings):
            page = opened(f"{address}/{name}.html", **settings)
            page.on("request", lambda asked: elsewhere.append(asked.url))
            return page

        yield visit
    assert [url for url in elsewhere if not url.startswith((address, "data:"))] == []


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_arguments):
        """Do not print."""


@pytest.mark.parametrize("device", WIDTHS)
def test_every_page_opens_and_nothing_sticks_out(visit, address, site, pages, device):
    """On a phone too nobody scrolls sideways, except within a wide table or a block of code."""
    page = visit("index", viewport={"width": WIDTHS[device], "height": 900})
    wide, silent = [], []
    for each in pages:
        name = str(each.relative_to(site).with_suffix(""))
        page.goto(f"{address}/{name}.html")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
        if not page.locator("h1").count():
            silent.append(name)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/{name.replace('/', '-')}-{device}.png", full_page=True)

    assert wide == []
    assert silent == [each for each in silent if each.endswith("search")]


def test_every_internal_link_leads_to_a_place(visit, address, site, pages):
    """Also those between the languages, and the headings that a link names."""
    page = visit("index")
    links: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for each in pages:
        url = f"{address}/{each.relative_to(site)}"
        page.goto(url)
        hrefs = page.locator("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        links[url] = {urljoin(url, href) for href in hrefs if not re.match("https?:|mailto:", href)}
        places[url] = set(page.locator("[id]").evaluate_all("all => all.map(one => one.id)")) | {""}

    lost = {
        (page_url, link)
        for page_url, found in links.items()
        for link in found
        for target, place in [urldefrag(link)]
        if unquote(place)
        not in places.get(target, {""} if (site / target.removeprefix(address + "/")).is_file() else ())
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
    opened = visit(start, viewport={"width": 1440, "height": 900})
    opened.locator(".sidebar-search").fill(words)
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
    expect(page).to_have_url(re.compile(r":\d+/guides/exchange\.html"))
