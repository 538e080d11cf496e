"""The report in a real browser, from a file as a mail or an archive would hold it."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pulumi_wechat_miniprogram.cli.report.page import render
from pulumi_wechat_miniprogram.exports.drift import AppDrift
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.exports.report import make_report
from tests.browser.chromium import visits
from tests.exports.stacks import OTHER, confirm_file, export, resource

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/report.png"
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}
LONG = f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.example.com"
BAKERY = "wx00000000000ba4e5"


def fleet(count):
    """A report on many apps that share domains; many of theirs wait, some are on their way out or drifted."""
    apps = [
        resource(
            f"shop-{n}",
            *(f"https://h{index}.shop{n}.example.com" for index in range(3 + n % 8)),
            *(["https://pay.example.com"] if n < 90 else []),
            appid=f"wx{n:016x}",
            effective=[
                f"https://h{index}.shop{n}.example.com" for index in range(1 if n % 10 == 0 else 0, 3 + n % 8)
            ],
        )
        for n in range(count)
    ]
    drift = [AppDrift(f"wx{n:016x}", (), (), missing=("https://pay.example.com",)) for n in range(20)]
    now, before = read_export(export(*apps), "now"), read_export(export(*apps[:900]), "before")
    return make_report([now], since=[before], drift=drift)


def sample():
    """A report with every section filled, one domain too long for any line."""
    exports = [
        read_export(path.read_bytes(), path.name)
        for path in sorted((ROOT / "examples/exports").glob("*.json"))
    ]
    time = "2026-01-05T06:07:08Z"
    drift = [
        AppDrift(
            BAKERY,
            (),
            (),
            missing=("https://pay.example.com",),
            extra=("https://promo.example.net",),
            pending=("https://news.example.com",),
            time=time,
        ),
        AppDrift(OTHER, (), (), problem="get refused: reach max api daily quota limit (45009)", time=time),
    ]
    before = [
        read_export(
            export(
                resource("bakery", *domains, appid=BAKERY, stack="bakery/prod"), stack="bakery/prod"
            ).replace(b"2026-01-02T", f"{day}T".encode()),
            "x",
        )
        for day, domains in (
            ("2025-11-03", ["https://old.example.com"]),
            ("2025-12-10", ["https://old.example.com", "https://bakery.example.com"]),
        )
    ]
    names = {"wx0000000000ca1e5f": "Café Mélange", "wx00000000000b0045": "木兰书店"}
    return make_report(exports, drift=drift, since=before, names=names)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Files: the sample, one with a long domain, and a fleet of 1,000 apps."""
    folder = tmp_path_factory.mktemp("pages")
    long = read_export(
        export(resource(LONG, LONG, LONG.replace("a", "d"), effective=[LONG]), confirm_file("f")), "x"
    )
    reports = {
        "sample": sample(),
        "long": make_report(
            [long], drift=[AppDrift("wx0123456789abcdef", (), (), extra=(LONG,))], since=[long]
        ),
        "fleet": fleet(1000),
    }
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(render(report, "Webview domains of the fleet"), encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser, pages):
    """Opens a page as a visitor with some settings; what went wrong in the browser fails the test."""
    with visits(browser) as opened:
        yield lambda name, place="", **settings: opened(f"file://{pages}/{name}.html{place}", **settings)


def open_all(page):
    """Open all that is closed."""
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["sample", "long"])
def test_the_page_is_accessible(visit, name, scheme, size):
    """No rule of WCAG 2 that axe can check is broken: names, headings, tables, contrast, scrolling."""
    page = visit(name, color_scheme=scheme, viewport=size, bypass_csp=True)  # axe is a script in the page
    open_all(page)

    found = Axe().run(page).response["violations"]

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("name", ["sample", "long", "fleet"])
def test_nothing_sticks_out_on_a_phone(visit, name):
    """A domain of 200 characters is broken; nobody scrolls sideways, not even in a table."""
    page = visit(name, viewport=PHONE)
    open_all(page)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_page_is_readable_in_light_and_dark(visit):
    """Its colours follow the visitor's, which also shows that its style is allowed by its hash."""
    colours = [
        visit("sample", color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]

    assert colours == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


def test_the_page_asks_for_nothing(browser, pages):
    """The file is all that the browser loads."""
    context = browser.new_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()

    page.goto(f"file://{pages}/fleet.html")
    page.wait_for_load_state("networkidle")
    context.close()

    assert asked == [f"file://{pages}/fleet.html"]


def test_a_thousand_apps_are_filtered_at_once(visit):
    """By name, appid, domain, stack or drift, ignoring case; the count is shown."""
    page = visit("fleet")

    page.get_by_label("Show those with").fill("H1.SHOP77.")

    expect(page.get_by_role("status")).to_have_text("1 of 1000 shown")
    expect(page.locator(".card:visible")).to_have_count(1)
    expect(page.locator(".card:visible")).to_contain_text("wx000000000000004d")
    expect(page.locator(".squares a:not(.off)")).to_have_attribute("href", "#wx000000000000004d")


def test_a_fleet_without_a_filter_is_as_it_was(visit):
    """What the filter opened is closed again."""
    page = visit("fleet")
    height = page.evaluate("document.documentElement.scrollHeight")

    page.get_by_label("Show those with").fill("shop7")
    page.get_by_label("Show those with").fill("")

    expect(page.get_by_role("status")).to_have_text("")
    assert page.evaluate("document.documentElement.scrollHeight") == height


def test_the_filter_finds_drift(visit):
    """A live domain that no stack declares is in the card of its app."""
    page = visit("sample")

    page.get_by_label("Show those with").fill("promo.example.net")

    expect(page.locator(".card:visible h3")).to_have_text(["bakery"])


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}], ids=str)
def test_a_thousand_apps_are_at_hand(visit, size):
    """The page is under 20 screens tall, and all squares are on one."""
    page = visit("fleet", viewport=size)

    assert page.evaluate("document.documentElement.scrollHeight") < 20 * size["height"]
    assert page.locator(".squares").bounding_box()["height"] < size["height"]
    expect(page.locator(".squares a")).to_have_count(1000)


def test_the_squares_are_one_stop_of_the_keyboard(visit):
    """Arrow keys move on, each square says what it shows, and Enter leads to its app."""
    page = visit("fleet")
    first = page.locator(".squares a").first
    first.focus()
    wide = page.evaluate(
        "[...document.querySelectorAll('.squares a')].findIndex((each, n, all) => each.offsetTop > all[0].offsetTop)"
    )

    for key in ("End", "ArrowRight", "Home", "ArrowLeft", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    focused = page.locator(".squares a:focus")
    order = page.locator(".squares a").evaluate_all("all => all.indexOf(document.activeElement)")
    name, href = focused.get_attribute("aria-label"), focused.get_attribute("href")
    page.keyboard.press("Enter")

    assert order == wide + 1
    assert re.fullmatch(r"shop-\d+, shop/dev: (no action needed|1 pending|1 missing)", name)
    expect(page.locator(f"{href}:focus")).to_be_in_viewport()
    expect(page.locator(".squares a[tabindex='0']")).to_have_count(1)


def test_an_app_opens_from_a_link(visit):
    """From its square, by keyboard; also when its address, which is its appid, is opened."""
    page = visit("sample")
    page.get_by_role("link", name="bakery, bakery/prod: 1 missing, 1 extra").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".card:focus").get_by_text("Pending until the next release")).to_be_in_viewport()
    assert page.url.rpartition("#")[2] == BAKERY
    again = visit("fleet", "#wx00000000000003e7")
    expect(again.locator(".card:focus h3")).to_have_text("shop-999")
    expect(again.locator(".card:focus h3")).to_be_in_viewport()


def test_without_scripts_everything_can_be_read(visit):
    """Only the filter is not offered."""
    page = visit("sample", java_script_enabled=False)

    page.locator(f"#{BAKERY} summary").click()

    expect(page.locator(f"#{BAKERY}").get_by_text("Confirm file")).to_be_visible()
    expect(page.get_by_text("Arrow keys")).to_be_hidden()
    expect(page.get_by_label("Show those with")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_print_shows_every_domain(visit, script):
    """Closed apps too; the filter is left out."""
    page = visit("sample", java_script_enabled=script)

    page.emulate_media(media="print")

    expect(page.get_by_text("https://menu.example.com").last).to_be_visible()
    heights = [box["height"] for box in (each.bounding_box() for each in page.locator("details > dl").all())]
    assert min(heights) > 20
    expect(page.get_by_label("Show those with")).to_be_hidden()


def test_a_thousand_apps_print(visit):
    """On as many pages as their domains need, in a file that can be mailed."""
    pdf = visit("fleet").pdf(format="A4")

    count = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 100 < count < 400
    assert len(pdf) < 10 << 20


COMPARE = """async ([one, other]) => {
  const WIDTH = 60, HEIGHT = 75;
  const tiles = async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, WIDTH, HEIGHT);
    return context.getImageData(0, 0, WIDTH, HEIGHT).data;
  };
  const [left, right] = [await tiles(one), await tiles(other)];
  let sum = 0;
  left.forEach((value, index) => { sum += Math.abs(value - right[index]); });
  return sum / left.length;
}"""


def difference(browser, one, other):
    """How far two pictures are apart, seen from afar: the mean of 0 to 255 over large tiles."""
    context = browser.new_context()
    page = context.new_page()
    page.goto("about:blank")
    found = page.evaluate(COMPARE, [base64.b64encode(picture).decode() for picture in (one, other)])
    context.close()
    return found


def test_the_picture_in_the_docs_is_what_the_page_looks_like(browser, visit):
    """Seen from afar, so that another font does not count and a lost style does; PICTURE=write stores it."""
    taken = visit("sample", viewport={"width": 1200, "height": 1500}, color_scheme="light").screenshot()
    if os.environ.get("PICTURE") == "write":
        PICTURE.write_bytes(taken)
    bare = visit("sample", viewport={"width": 1200, "height": 1500}, color_scheme="light")
    bare.locator("style").evaluate("style => style.remove()")

    assert difference(browser, taken, PICTURE.read_bytes()) < 3
    assert difference(browser, bare.screenshot(), PICTURE.read_bytes()) > 3
