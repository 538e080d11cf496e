"""A client of the control plane, for tests and scripts."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any, Literal

import httpx
from pydantic import TypeAdapter

from wechat_miniprogram_emulator.edits import Editor
from wechat_miniprogram_emulator.model import WRITE_ACTIONS, AppState, CallRecord
from wechat_miniprogram_emulator.model.apps import DEFAULT_COMPONENT
from wechat_miniprogram_emulator.model.open_point import Profile

_STATE = TypeAdapter(AppState)


class EmulatorControl:
    """Sets the scene of a running emulator and reads what happened."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        """Connect on first use; `transport` reaches an emulator that listens on no port."""
        self.url = url
        # Plain HTTP to loopback: without the system's authorities, which take 50 ms to load.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = httpx.Client(
            base_url=f"{url}/_emulator/", transport=transport, trust_env=False, timeout=30, verify=nobody
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def reset(self) -> None:
        """Forget every app, switch, fault and call."""
        self._call("POST", "reset")

    def seed(
        self,
        appid: str,
        live: Sequence[str] = (),
        *,
        effective: Sequence[str] | None = None,
        mp: Sequence[str] = (),
        third: Sequence[str] = (),
        **more: object,
    ) -> None:
        """Put one app in place; without `effective`, all it lists is in force.

        `more` is `token`, `token_expires_in`, `refresh_token`, `secret`, `component`, `subject`,
        `permission_sets`, `account_status`, `owner`, `confirm_file`, `server`.
        """
        lists = {"live": list(live), "mp": list(mp), "third": list(third)}
        in_force = None if effective is None else list(effective)
        self.sow({"apps": [{"appid": appid, **lists, "effective": in_force, **more}]})

    def sow(self, seed: object) -> None:
        """Put a whole seed in place: apps, platforms, trusted hosts and switches."""
        self._call("POST", "seed", seed)

    def appids(self) -> list[str]:
        """List the apps that are there, in order."""
        return [app["appid"] for app in self._call("GET", "state")["apps"]]

    def state(self, appid: str) -> AppState:
        """Read one app.

        Raises:
            LookupError: the emulator does not know it.
        """
        apps = self._call("GET", f"state?appid={appid}")["apps"]
        if not apps:
            raise LookupError(f"the emulator knows no {appid}")
        return _STATE.validate_python(apps[0])

    def live(self, appid: str) -> list[str]:
        """Read the list that this API configures."""
        return list(self.state(appid).direct)

    def effective(self, appid: str) -> list[str]:
        """Read what is in force."""
        return list(self.state(appid).effective)

    def edit(
        self, appid: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), by: Editor = "other"
    ) -> None:
        """Edit the app's domains as another client, in the console or in the registered channel."""
        self._call("POST", "edit", {"appid": appid, "by": by, "add": list(add), "remove": list(remove)})

    def release(self, appid: str) -> None:
        """Release the app: every configured domain is in force."""
        self._call("POST", "release", {"appid": appid})

    def submit(self, appid: str, version: str = "1.0.0", description: str = "") -> None:
        """Submit a version of the app's code; it passes the audit immediately."""
        self._call("POST", "submit", {"appid": appid, "version": version, "description": description})

    def unfiled(self, *hosts: str) -> None:
        """Replace the hosts without an ICP filing; those below them have none either."""
        self._call("POST", "unfiled", {"hosts": list(hosts)})

    def limit(self, path: str, *, daily: int | None = None, minutely: int | None = None) -> None:
        """Set how often one account may call an endpoint in a day and in a minute."""
        self._call("POST", "limit", {"path": path, "daily": daily, "minutely": minutely})

    def platform_limit(self, minutely: int | None) -> None:
        """Set how many calls a platform and all its apps may make in a minute together; None: no limit."""
        self._call("POST", "platform-limit", {"minutely": minutely})

    def switch(self, **positions: str | int) -> None:
        """Set switches by name."""
        self._call("POST", "switches", positions)

    def switches(self) -> dict[str, str]:
        """Read the position of every switch."""
        positions: dict[str, str] = self._call("GET", "switches")
        return positions

    def profile(self, name: Profile) -> None:
        """Put every switch in the position of a profile."""
        self._call("POST", "profile", {"profile": name})

    def platform(self, component_appid: str = DEFAULT_COMPONENT, **more: object) -> None:
        """Put a third-party platform in place; `more` is as in a seed."""
        self.sow({"platforms": [{"component_appid": component_appid, **more}]})

    def ticket(self, component_appid: str = DEFAULT_COMPONENT) -> str:
        """Read a platform's newest verify ticket; the next one, if it is due by the emulator's clock."""
        return str(self._call("GET", f"ticket?component_appid={component_appid}")["ticket"])

    def push_ticket(self, component_appid: str = DEFAULT_COMPONENT) -> str:
        """Issue a platform's next verify ticket now."""
        return str(self._call("POST", "ticket", {"component_appid": component_appid})["ticket"])

    def authorize(self, appid: str, component_appid: str = DEFAULT_COMPONENT) -> str:
        """Let an app authorise a platform anew, and give the authorization code."""
        sent = {"appid": appid, "component_appid": component_appid}
        return str(self._call("POST", "authorize", sent)["authorization_code"])

    def revoke(self, appid: str) -> None:
        """Let an app withdraw its authorisation."""
        self._call("POST", "revoke", {"appid": appid})

    def end_tokens(
        self,
        appid: str,
        kind: str = "authorizer_access_token",
        becomes: Literal["expired", "invalid"] = "expired",
    ) -> None:
        """Let every token of a kind that an account has expire, or be invalid, from now on."""
        self._call("POST", "tokens", {"appid": appid, "kind": kind, "becomes": becomes})

    def trust(self, *hosts: str) -> None:
        """Replace the hosts whose confirm file counts as served."""
        self._call("POST", "trust", {"hosts": list(hosts)})

    def fault(
        self,
        path: str | None = None,
        action: str | None = None,
        appid: str | None = None,
        *,
        times: int | None = 1,
        skip: int = 0,
        probability: float | None = None,
        seed: int | None = None,
        errcode: int | None = None,
        errmsg: str | None = None,
        apply: bool = False,
        http_status: int | None = None,
        delay: float | None = None,
        cut: Literal["before", "after"] | None = None,
        body: str | None = None,
        content_type: str | None = None,
        truncate: int | None = None,
        slow_body: float | None = None,
    ) -> int:
        """Arm a fault and give its number: which calls it meets, how often, one effect. See `FaultRule`."""
        rule = {name: value for name, value in locals().items() if name != "self"}
        number: int = self._call("POST", "faults", rule)["id"]
        return number

    def clear_faults(self, number: int | None = None) -> None:
        """Disarm one fault, if it is armed still, or every fault."""
        self._call("DELETE", "faults" if number is None else f"faults?id={number}")

    def calls(self, appid: str | None = None) -> list[CallRecord]:
        """Read the request log, oldest first."""
        found = self._call("GET", f"calls?appid={appid}" if appid else "calls")["calls"]
        return [CallRecord(**{**call, "domains": tuple(call["domains"])}) for call in found]

    def writes(self, appid: str | None = None) -> list[CallRecord]:
        """Read the sets, adds and deletes that arrived."""
        return [call for call in self.calls(appid) if call.action in WRITE_ACTIONS]

    def clear_calls(self) -> None:
        """Empty the request log."""
        self._call("DELETE", "calls")

    def now(self) -> float:
        """Read the emulator's clock, a Unix time."""
        return float(self._call("GET", "clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock, back if negative."""
        self._call("POST", "clock", {"advance": seconds})

    def set_clock(self, at: float) -> None:
        """Set the emulator's clock to a Unix time, from which it keeps running unless it is stopped."""
        self._call("POST", "clock", {"at": at})

    def freeze(self) -> None:
        """Let the emulator's clock stand still; `advance` and `set_clock` still move it."""
        self._call("POST", "clock", {"frozen": True})

    def unfreeze(self) -> None:
        """Let the emulator's clock run again from its current time."""
        self._call("POST", "clock", {"frozen": False})

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        response = self._http.request(method, path, json=body if method == "POST" else None)
        document: dict[str, Any] = response.json()
        if response.is_error:
            raise ValueError(document["error"])
        return document
