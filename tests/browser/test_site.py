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
from dataclasses import dataclass, field
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


@dataclass
class Found:
    """What the pages have."""

    wide: list[tuple[str, str]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    links: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)


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


@pytest.fixture(scope="module")
def read(browser, address, site):
    """What a reader finds who opens every page at both widths: what sticks out, links, and places to link to."""
    found = Found()
    with visits(browser) as opened:
        page = opened(f"{address}/index.html")
        for each in sorted(site.rglob("*.html")):
            name = str(each.relative_to(site).with_suffix(""))
            url = f"{address}/{name}.html"
            page.goto(url)
            for device, width in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.wide.append((name, device))
                if folder := os.environ.get("SCREENSHOTS"):
                    picture = f"{folder}/{name.replace('/', '-')}-{device}.png"
                    page.screenshot(path=picture, full_page=True)
            if not page.locator("h1").count():
                found.silent.append(name)
            hrefs = page.locator("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
            found.links[url] = {urljoin(url, href) for href in hrefs if not re.match("https?:|mailto:", href)}
            ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
            found.places[url] = {*ids, ""}
    return found


def test_every_page_has_a_title_and_nothing_sticks_out(read):
    """On a phone too nobody scrolls sideways, except within a wide table or a block of code."""
    assert read.wide == []
    assert [name for name in read.silent if not name.endswith("search")] == []


def test_every_internal_link_leads_to_a_place(read, address, site):
    """Also those between the languages, and the headings that a link names."""

    def leads(link):
        target, place = urldefrag(link)
        file = site / target.removeprefix(f"{address}/")
        return unquote(place) in read.places.get(target, {""} if file.is_file() else ())

    assert [(url, link) for url, links in read.links.items() for link in links if not leads(link)] == []


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
