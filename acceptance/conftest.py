"""A live Mini Program, given by the environment: off unless MINIPROGRAM_ACC=1. CONTRIBUTING.md says how to run it.

The app must have no domain that this lane did not put there. The given hosts are noted in the journal of
`calibrate` before the first test, and removed after the last one; after a kill, by the next start of either.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from collections.abc import Callable

import pytest

from pulumi_wechat_miniprogram.calibration.journal import Journal
from pulumi_wechat_miniprogram.calibration.probes import open_app
from pulumi_wechat_miniprogram.cli.calibrate import FOLDER
from pulumi_wechat_miniprogram.safety.files import expand_home
from pulumi_wechat_miniprogram.settings import APPID, load_settings
from tests.engine.conftest import Project, both_faces, empty_stack, environment_of

__all__ = ["both_faces", "empty_stack"]

ON, NAMED, HOSTS = "MINIPROGRAM_ACC", "MINIPROGRAM_ACC_APPID", "MINIPROGRAM_ACC_HOSTS"


@dataclasses.dataclass(frozen=True)
class Live:
    """The app, and how it is read."""

    appid: str
    url: str
    configured: Callable[[], set[str]]


@pytest.fixture(scope="session")
def hosts():
    """Two hosts that serve the app's confirm file."""
    if os.environ.get(ON) != "1":
        pytest.skip(f"{ON}=1 is not set, so nothing was sent")
    named = re.split(r"[\s,]+", os.environ.get(HOSTS, "").strip())
    if len(named) != 2 or not APPID.fullmatch(os.environ.get(NAMED, "")):
        pytest.exit(
            f"{NAMED} takes the appid of a test app, {HOSTS} two hosts that serve its confirm file", 1
        )
    return tuple(named)


@pytest.fixture(scope="session")
def live(hosts):
    """The app, unless it has domains."""
    appid, settings = os.environ[NAMED], load_settings({})
    app = open_app(settings, appid, warn=print, journal=Journal(expand_home(FOLDER), appid))
    app.restore(settings.endpoint)
    if found := app.claim(hosts, settings.endpoint):
        app.close()
        pytest.exit(f"refused: {appid} has domains that this lane did not put there: {', '.join(found)}", 1)
    yield Live(appid, settings.endpoint, app.configured)
    app.restore(settings.endpoint)
    app.close()


@pytest.fixture
def project(live, tmp_path, empty_stack, both_faces):
    """A project for the app, on the endpoint and with the credentials of the environment."""
    shutil.copytree(empty_stack, tmp_path, dirs_exist_ok=True)
    project = Project(tmp_path, live, both_faces)
    project.environment = {**environment_of(tmp_path), "PULUMI_STACK": "test", "APPID": live.appid}
    yield project
    project.destroy()
