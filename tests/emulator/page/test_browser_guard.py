"""Who may use /_emulator/: clients that are no browser, and the emulator's own page."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.conftest import APPID
from wechat_miniprogram_emulator.browser_guard import HEADERS, refusal

HOST = "127.0.0.1:8080"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),
        ("POST", {"host": HOST}),
        ("POST", {"host": "127.8.9.1"}),
        ("POST", {"host": "localhost:1"}),
        ("POST", {"host": "LOCALHOST"}),
        ("POST", {"host": "wechat.localhost:80"}),
        ("POST", {"host": "[::1]:8080"}),
        ("POST", {"host": HOST, "origin": f"http://{HOST}"}),
        ("POST", {"host": "localhost:1", "origin": "https://LOCALHOST:1"}),
        ("POST", {"host": HOST, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}),
        ("GET", {"host": HOST, "sec-fetch-site": "cross-site"}),
        ("GET", {"host": HOST, "sec-fetch-site": "none"}),
    ],
)
def test_our_own_requests_pass(method, headers):
    """Scripts, the page's own forms, and a link to the page from anywhere."""
    assert refusal(method, headers) is None


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "notlocalhost",
        ),
        *("192.0.2.1", "0.0.0.0", "", "[::1", "[evil", "127.0.0.1@evil.example"),  # noqa: S104 - refused
    ],
)
def test_a_name_that_is_not_loopback_is_refused(method, host):
    """A name of somebody else's that has come to point to this machine."""
    assert refusal(method, {"host": host}) == (
        f"refused: Host {host} is not a loopback name; use 127.0.0.1 or localhost"
    )


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:9999", "http://127.0.0.1", "null", "", "http://localhost:8080"],
)
def test_a_page_of_another_origin_is_refused(method, origin):
    """Also one of another port of this machine, and one that hides where it comes from."""
    assert refusal(method, {"host": HOST, "origin": origin}) == (
        f"refused: a web page of {origin} may not use the emulator; its own page is /_emulator/"
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_that_sends_no_origin_is_refused_too(site):
    """The other header by which a browser tells."""
    assert refusal("POST", {"host": HOST, "sec-fetch-site": site}) == (
        f"refused: a {site} web page may not use the emulator; its own page is /_emulator/"
    )


@pytest.fixture
def control(served):
    """An emulator with one app."""
    served.seed(APPID)
    return served


@pytest.mark.parametrize(
    "path", ["reset", "seed", "release", "clock", "page/reset", "page/arm", "nowhere", ""]
)
def test_everything_below_the_emulators_path_is_guarded(control, path):
    """JSON in a plain text body, which needs no permission in a browser, changes nothing and is refused."""
    response = httpx.post(
        f"{control.url}/_emulator/{path}",
        content=f'{{"appid": "{APPID}", "apps": [], "advance": 1}}',
        headers={"origin": "http://evil.example", "content-type": "text/plain"},
        trust_env=False,
    )

    assert response.status_code == 403
    assert response.json()["error"].startswith("refused: a web page of http://evil.example ")
    assert (control.appids(), control.calls()) == ([APPID], [])


@pytest.mark.parametrize("path", ["/_emulator", "/_emulator/calls"])
def test_reading_by_another_name_is_refused(control, path):
    """The request log is nobody else's business."""
    response = httpx.get(control.url + path, headers={"host": "evil.example"}, trust_env=False)

    assert response.status_code == 403


@pytest.mark.parametrize("path", ["", "page.css", "state", "nowhere"])
def test_browsers_may_not_share_guess_or_keep_an_answer(control, path):
    """The headers that forbid it are on every answer."""
    headers = httpx.get(f"{control.url}/_emulator/{path}", trust_env=False).headers

    assert {name: headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", ["/wxa/setwebviewdomain_directly", "/_emulatorx"])
def test_the_emulated_endpoints_are_open(control, path):
    """They answer by any name, as WeChat's do behind a proxy, and their answers are as they were."""
    response = httpx.post(control.url + path, headers={"host": "api.weixin.qq.com"}, trust_env=False)

    assert response.status_code in {200, 404}
    assert "cross-origin-resource-policy" not in response.headers
