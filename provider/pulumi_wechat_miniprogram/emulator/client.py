"""A client of the control plane, for tests and scripts."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import TypeAdapter

from pulumi_wechat_miniprogram.emulator.model import WRITE_ACTIONS, AppState, CallRecord

_STATE = TypeAdapter(AppState)


class EmulatorControl:
    """Sets the scene of a running emulator and reads what happened."""

    def __init__(self, url: str) -> None:
        """Connect on first use."""
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/_emulator/", trust_env=False, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def reset(self) -> None:
        """Forget every app, switch, fault and call."""
        self._call("POST", "reset")

    def seed(self, appid: str, **app: Any) -> None:
        """Put one app in place: `live`, `effective`, `mp`, `third`, `token`, `subject` and more."""
        self._call("POST", "seed", {"apps": [{"appid": appid, **app}]})

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

    def release(self, appid: str) -> None:
        """Release the app: every configured domain is in force."""
        self._call("POST", "release", {"appid": appid})

    def switch(self, **positions: str) -> None:
        """Set switches by name."""
        self._call("POST", "switches", positions)

    def trust(self, *hosts: str) -> None:
        """Replace the hosts whose confirm file counts as served."""
        self._call("POST", "trust", {"hosts": list(hosts)})

    def fault(self, **rule: Any) -> None:
        """Arm a fault; the fields are those of `FaultRule`."""
        self._call("POST", "faults", rule)

    def clear_faults(self) -> None:
        """Disarm every fault."""
        self._call("DELETE", "faults")

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

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock."""
        self._call("POST", "clock", {"advance": seconds})

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        response = self._http.request(method, path, json=body if method == "POST" else None)
        document: dict[str, Any] = response.json()
        if response.is_error:
            raise ValueError(document["error"])
        return document
