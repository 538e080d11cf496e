"""The component token flow, step by step, as a third-party platform walks it."""

from __future__ import annotations

from tests.emulator.conftest import APPID, COMPONENT, SET_PATH

TOKENS = "/cgi-bin/component/"
SECRET = f"emulator-secret-{COMPONENT}"
REFRESH_TOKEN = f"emulator-refresh-{APPID}"


class Flow:
    """One platform's calls; `component` and `authorizer` hold the newest tokens."""

    def __init__(self, control, wechat):
        """Hold no token yet."""
        self.control = control
        self.wechat = wechat
        self.component = None
        self.authorizer = None

    def post(self, name, token=None, /, **body):
        """The JSON answer of an endpoint under /cgi-bin/component/."""
        return self.wechat.call(self.control.url, TOKENS + name, body, token)

    def component_token(self, **body):
        """The answer of api_component_token; fields of the body may be replaced, None leaves one out."""
        sent = {
            "component_appid": COMPONENT,
            "component_appsecret": SECRET,
            "component_verify_ticket": self.control.ticket(),
            **body,
        }
        answer = self.post("api_component_token", **{k: v for k, v in sent.items() if v is not None})
        self.component = answer.get("component_access_token", self.component)
        return answer

    def authorizer_token(self, **body):
        """The answer of api_authorizer_token, with the newest component token."""
        if self.component is None:
            self.component_token()
        sent = {
            "component_appid": COMPONENT,
            "authorizer_appid": APPID,
            "authorizer_refresh_token": REFRESH_TOKEN,
            **body,
        }
        answer = self.post(
            "api_authorizer_token", self.component, **{k: v for k, v in sent.items() if v is not None}
        )
        self.authorizer = answer.get("authorizer_access_token", self.authorizer)
        return answer

    def ask(self, name, **body):
        """The answer of another endpoint of the platform."""
        if self.component is None:
            self.component_token()
        return self.post(name, self.component, component_appid=COMPONENT, **body)

    def get(self, token=None):
        """The errcode of a `get` of webview domains."""
        body = {"action": "get"}
        return self.wechat.call(self.control.url, SET_PATH, body, token or self.authorizer)["errcode"]
