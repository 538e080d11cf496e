"""Fixtures for tests of WeChat clients; pytest finds them by the package's entry point.

Every test run of an environment that has this package loads this module, whether it uses a fixture or not.
So it imports nothing but pytest before a fixture is asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wechat_miniprogram_emulator import Emulator, EmulatorControl

SEED_OPTION = "wechat_emulator_seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of pytest's configuration file."""
    parser.addini(
        SEED_OPTION, "YAML file that `wechat_emulator` starts with in each test, from the root directory"
    )


@pytest.fixture(scope="session")
def wechat_emulator_options() -> Mapping[str, Any]:
    """Give the arguments of `Emulator`, none; override it for a host map, a data file or switches."""
    return {}


@pytest.fixture(scope="session")
def wechat_emulator_server(wechat_emulator_options: Mapping[str, Any]) -> Iterator[Emulator]:
    """Run one emulator for the whole test run."""
    with _reported_without_traceback():
        from wechat_miniprogram_emulator.host import start  # noqa: PLC0415 - see the module's docstring

        emulator = start(wechat_emulator_options)
    with emulator:
        yield emulator


@pytest.fixture(scope="session")
def wechat_emulator_seed(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """Give what `wechat_emulator` starts with: the file that `wechat_emulator_seed` names, or nothing."""
    name = str(pytestconfig.getini(SEED_OPTION))
    if not name:
        return {}
    with _reported_without_traceback():
        from wechat_miniprogram_emulator.host import read_seed  # noqa: PLC0415 - as above

        return read_seed(pytestconfig.rootpath / name)


@pytest.fixture
def wechat_emulator(
    wechat_emulator_server: Emulator, wechat_emulator_seed: Mapping[str, Any]
) -> EmulatorControl:
    """Return the control of a fresh emulator that has only its seed."""
    control = wechat_emulator_server.control
    control.reset()
    if wechat_emulator_seed != {}:  # most tests have none, and are spared a request
        with _reported_without_traceback():
            control.sow(wechat_emulator_seed)
    return control


@contextlib.contextmanager
def _reported_without_traceback() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise pytest.fail.Exception(f"wechat_emulator: {error}", pytrace=False) from None
