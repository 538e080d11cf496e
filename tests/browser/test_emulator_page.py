"""The page at /_emulator/ in a real browser."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chromium import visits

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
A, B, C = (f"https://{name}.example.com" for name in "abc")
LONG = f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.example.com"
HOSTILE = "https://\"><script>document.title='hacked'</script><img src=x onerror=alert(2)>'"
BAD_REQUEST = "Failed to load resource: the server responded with a status of 400 (Bad Request)"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def control(served, wechat):
    """An emulator with two apps, one of them waiting for a release, a fault and some requests."""
    served.seed(APPID, live=[A, B, LONG], mp=[A], effective=[A, C])
    served.seed(OTHER, live=[A])
    wechat.domains(served.url, "get")
    served.fault("get_effective_webviewdomain", errcode=45009, times=None)
    wechat.effective(served.url)
    return served


@pytest.fixture
def visit(browser, control):
    """Opens the page as a visitor with some settings; what went wrong in the browser fails the test."""
    with visits(browser, ignored=BAD_REQUEST) as opened:
        yield lambda query="", **settings: opened(f"{control.url}/_emulator/{query}", **settings)


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark"])
@pytest.mark.parametrize("query", ["", f"?app={APPID}", f"?arm={APPID}&done=arm", "?page=0"])
def test_the_page_is_accessible(visit, query, scheme, size):
    """No rule of WCAG 2 that axe can check is broken: names, labels, headings, tables, contrast."""
    page = visit(query, color_scheme=scheme, viewport=size, bypass_csp=True)  # axe is a script in the page
    page.locator("summary").evaluate_all("all => all.forEach(one => { one.parentElement.open = true })")

    found = Axe().run(page).response["violations"]

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("query", ["", f"?app={APPID}", f"?arm={APPID}"])
def test_nothing_sticks_out_on_a_phone(visit, query):
    """A domain of 250 characters is broken; nobody scrolls sideways."""
    page = visit(query, viewport=PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_page_is_readable_in_light_and_dark(visit):
    """Its colours follow the visitor's."""
    colours = [
        visit(color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]

    assert colours == ["rgb(251, 251, 249)", "rgb(21, 24, 22)"]


def test_nothing_comes_from_elsewhere(browser, control):
    """Every request of the browser goes to the emulator, and each is answered."""
    context = browser.new_context()
    seen = []
    context.on("response", lambda response: seen.append((response.url, response.status)))
    page = context.new_page()

    page.goto(f"{control.url}/_emulator/?app={APPID}")
    page.get_by_role("link", name="All apps").click()
    context.close()

    paths = {url.removeprefix(f"{control.url}/_emulator/") for url, _ in seen}
    assert {status for _, status in seen} == {200}
    assert paths - {"icon.svg"} == {f"?app={APPID}", "", "page.css"}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_app_is_released_from_the_list(visit, control, script):
    """A button with its appid; afterwards there is nothing to release."""
    page = visit(java_script_enabled=script)

    page.get_by_role("button", name=f"Release {APPID}").click()

    expect(page.get_by_role("status")).to_have_text("Released: what is configured is in force.")
    expect(page.get_by_role("row", name=APPID).first).to_contain_text("no change")
    assert control.effective(APPID) == [A, B, LONG]


def test_an_app_is_released_from_its_own_page(visit, control):
    """The visitor stays on the app's page and sees each domain in force."""
    page = visit(java_script_enabled=False)

    page.get_by_role("link", name=APPID).first.click()
    page.get_by_role("button", name="Release").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(APPID)
    expect(page.get_by_role("status")).to_have_text("Released: what is configured is in force.")
    expect(page.get_by_text("A release would change nothing.")).to_be_visible()
    assert control.effective(APPID) == [A, B, LONG]


def test_a_list_is_edited_as_the_console(visit, control):
    """By filling in the form, without a script; a domain that is not one keeps the form open."""
    page = visit(f"?app={APPID}", java_script_enabled=False)

    page.get_by_text("Edit the list outside Pulumi").click()
    page.get_by_label("Domain", exact=True).fill("http://b.example.com")
    page.get_by_label("As", exact=True).select_option("the console of the Mini Program")
    page.get_by_role("button", name="Edit the list").click()
    expect(page.get_by_role("alert")).to_contain_text("'http://b.example.com' is not a domain")
    page.get_by_label("Domain", exact=True).fill(B)
    page.get_by_role("button", name="Edit the list").click()

    expect(page.get_by_role("status")).to_contain_text("Edited")
    expect(page.get_by_role("row", name=B)).to_contain_text("the app's console not in force")
    assert (control.live(APPID), control.state(APPID).mp) == ([A, B, LONG], (A, B))


def test_a_fault_is_armed_met_and_disarmed(visit, control, wechat):
    """By filling in the form, without a script."""
    page = visit(java_script_enabled=False)

    page.get_by_text("Arm a fault").click()
    page.get_by_label("Endpoint").select_option("/wxa/setwebviewdomain_directly")
    page.get_by_label("Action").fill("add")
    page.get_by_label("How often").fill("")
    page.get_by_label("Value").fill("45011")
    page.get_by_role("button", name="Arm", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("The fault is armed.")
    armed = wechat.domains(control.url, "add", C)["errcode"]
    page.get_by_role("button", name="Disarm fault 2").click()

    expect(page.get_by_role("status")).to_have_text("The fault is disarmed.")
    assert (armed, wechat.domains(control.url, "add", C)["errcode"]) == (45011, 0)


def test_a_wrong_fault_keeps_what_was_filled_in(visit):
    """The fault is shown, the form is open."""
    page = visit(java_script_enabled=False)

    page.get_by_text("Arm a fault").click()
    page.get_by_label("Action").fill("delete")
    page.get_by_label("Value").fill("many")
    page.get_by_role("button", name="Arm", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("errcode: must be a whole number")
    expect(page.get_by_label("Action")).to_have_value("delete")
    expect(page.get_by_label("Value")).to_be_visible()


def test_a_reset_takes_two_steps(visit, control):
    """The button is behind what it would do."""
    page = visit(java_script_enabled=False)
    button = page.get_by_role("button", name="Forget everything")
    expect(button).to_be_hidden()

    page.locator("summary", has_text="Forget everything").click()
    button.click()

    expect(page.get_by_role("status")).to_have_text("Everything is forgotten.")
    assert control.appids() == []


def test_an_app_is_found_by_a_domain(visit):
    """The search goes by what its label says."""
    page = visit(java_script_enabled=False)

    page.get_by_label("Appid or domain contains").fill("b.example.com")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("region", name="Apps").get_by_role("link")).to_have_text([APPID])


def test_the_page_is_used_by_keyboard(visit, control):
    """Each control is reached in the order in which it is read, and shows that it is."""
    page = visit()

    page.get_by_label("Appid or domain contains").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Released: what is configured is in force.")
    assert outline == "solid"


def test_hostile_values_are_text(visit, control, wechat):
    """A domain, an action, a path and an errmsg with markup are shown as they are, and nothing runs."""
    control.seed(APPID, live=[HOSTILE])
    control.fault(errcode=-1, errmsg=HOSTILE, appid=OTHER)
    wechat.domains(control.url, HOSTILE, HOSTILE)
    wechat.raw(control.url, f"/{HOSTILE.replace('?', '')}")

    listed, shown = visit(), visit(f"?app={APPID}")

    assert [page.title() for page in (listed, shown)] == ["WeChat emulator", f"{APPID} – WeChat emulator"]
    assert [page.locator("main :is(script, img)").count() for page in (listed, shown)] == [0, 0]
    expect(listed.get_by_role("cell", name=f"errcode -1: {HOSTILE}")).to_be_visible()
    expect(shown.get_by_role("region", name="Domains").get_by_text(HOSTILE)).to_be_visible()


# --- another web page that is open in the browser

ATTACK = """<!doctype html><title>elsewhere</title>
<form id="form" method="post" action="{url}/_emulator/page/reset"></form>
<form id="json" method="post" action="{url}/_emulator/seed" enctype="text/plain">
<input name='{{"apps": [{{"appid": "wx0000000000000000", "token": "' value='"}}]}}'></form>
<script>
async function send(path) {{
  try {{
    await fetch("{url}/_emulator/" + path, {{method: "POST", mode: "no-cors", body: "{{}}"}});
    return "answered";
  }} catch (error) {{
    return "sent, answer withheld";
  }}
}}
</script>"""


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another origin."""

    target = ""

    def do_GET(self):
        body = ATTACK.format(url=self.target).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # noqa: A002 - as in the base class
        """Keep quiet."""


@pytest.fixture
def elsewhere(browser, control):
    """A page of another origin, which knows the emulator's address."""
    handler = type("Handler", (Elsewhere,), {"target": control.url})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        yield page
        context.close()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("form", ["form", "json"])
def test_a_form_elsewhere_changes_nothing(elsewhere, control, form):
    """Neither the page's own forms nor JSON dressed as plain text."""
    with elsewhere.expect_navigation() as navigation:
        elsewhere.evaluate(f"document.getElementById({form!r}).submit()")

    assert navigation.value.status == 403
    assert control.appids() == [APPID, OTHER]


@pytest.mark.parametrize("path", ["reset", "page/reset", "faults", "seed"])
def test_a_script_elsewhere_changes_nothing(elsewhere, control, path):
    """A request that needs no permission is sent by the browser and refused by the emulator."""
    sent = elsewhere.evaluate("path => send(path)", path)

    assert sent == "sent, answer withheld"
    assert control.appids() == [APPID, OTHER]


def test_a_name_that_comes_to_point_here_reads_nothing(browser, control):
    """DNS rebinding: the page's origin and the emulator's are the same to the browser."""
    port = control.url.rpartition(":")[2]
    context = browser.new_context()
    page = context.new_page()

    answer = page.goto(f"http://evil.example:{port}/_emulator/calls")
    written = page.evaluate("fetch('/_emulator/reset', {method: 'POST'}).then(answer => answer.status)")
    read = page.content()
    context.close()

    assert answer is not None
    assert (answer.status, written) == (403, 403)
    assert APPID not in read
    assert control.appids() == [APPID, OTHER]


def test_a_link_elsewhere_leads_to_the_page(elsewhere, control):
    """Reading by one's own eyes is allowed from anywhere."""
    with elsewhere.expect_navigation() as navigation:
        elsewhere.evaluate("url => { location = url }", f"{control.url}/_emulator/")

    assert navigation.value.status == 200


def test_the_page_cannot_be_framed(elsewhere, control):
    """Nobody lays it under another page's buttons."""
    elsewhere.evaluate(
        "url => new Promise(done => { const frame = document.createElement('iframe'); frame.src = url;"
        " frame.onload = done; document.body.append(frame); })",
        f"{control.url}/_emulator/",
    )

    assert "Webview domains" not in elsewhere.frames[1].content()
