"""A plain HTTP caller of the emulated endpoints."""

from __future__ import annotations

import json

import httpx
import pytest

SET_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
CONFIRM_FILE_PATH = "/wxa/get_webviewdomain_confirmfile"
APPID = "wx0123456789abcdef"


class Caller:
    """Sends requests as a WeChat client does."""

    def __init__(self, http):
        self._http = http

    def raw(self, url, path=SET_PATH, content=b"{}", token=f"emulator-{APPID}", method="POST"):
        """The whole HTTP response; `token` None sends none."""
        params = {} if token is None else {"access_token": token}
        return self._http.request(method, url + path, params=params, content=content)

    def domains(self, url, action, *values, appid=APPID):
        """The JSON answer to one call on the domain list."""
        body = {"action": action, "webviewdomain": list(values)}
        return self.raw(url, content=json.dumps(body).encode(), token=f"emulator-{appid}").json()

    def effective(self, url, appid=APPID):
        """The JSON answer of the endpoint for what is in force."""
        return self.raw(url, EFFECTIVE_PATH, token=f"emulator-{appid}").json()

    def confirm_file(self, url, appid=APPID):
        """The JSON answer of the confirm file endpoint."""
        return self.raw(url, CONFIRM_FILE_PATH, token=f"emulator-{appid}").json()


@pytest.fixture(scope="session")
def wechat():
    """One connection pool for all tests of the emulator."""
    with httpx.Client(trust_env=False, timeout=10) as http:
        yield Caller(http)
