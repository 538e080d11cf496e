from __future__ import annotations

import re

from tests.tools.conftest import Checkout

PIP = "-m pip install --quiet --disable-pip-version-check --constraint tools/pins.txt"


def fake_python(checkout: Checkout, version: str = "3.12", pip: str = "exit 0") -> None:
    """Answer what the script asks of an interpreter, and make environments whose pip runs `pip`."""
    major, _, minor = version.partition(".")
    log = checkout.root.parent / "pip calls"
    module = checkout.fake("module", f'echo "$@" >> "{log}"\n{pip}', checkout.root.parent / "parts")
    listing = checkout.fake(
        "pip", 'echo "pip 26.3 from $(cd "${0%/*}/.." && pwd)/lib/pip (python 3.12)"', module.parent
    )
    checkout.fake(
        "python3",
        f"""
case "$1 $2" in
  *'sys.version_info[:2]'*) echo {version} ;;
  *'sys.version_info < (3, 10)'*) [ {major} -eq 3 ] && [ {minor} -ge 10 ] ;;
  *ensurepip*) exit 0 ;;
  *_base_executable*) echo "$0" ;;
  '-m venv') mkdir -p "$3/bin" && cp '{listing}' "$3/bin/pip" && cp '{module}' "$3/bin/python" ;;
esac""",
    )


def calls(checkout: Checkout) -> list[str]:
    return (checkout.root.parent / "pip calls").read_text().splitlines()


def without_times(text: str) -> str:
    return re.sub(r"\b\d+ s\.", "N s.", text)


def test_the_pinned_versions_are_installed(checkout):
    """An older pip knows no dependency groups, so it comes first."""
    fake_python(checkout)

    answer = checkout.tool("python-env")

    assert answer.returncode == 0
    assert calls(checkout) == [
        f"{PIP} pip",
        f"{PIP} --build-constraint tools/pins.txt --editable .[cli,emulator,fleet,policy] --group dev",
    ]
    assert without_times(answer.stderr) == (
        "Creating .venv with Python 3.12 ...\n"
        "Creating .venv with Python 3.12: done in N s.\n"
        "Installing pip into .venv ...\n"
        "Installing pip into .venv: done in N s.\n"
        "Installing this package and its tools into .venv ...\n"
        "Installing this package and its tools into .venv: done in N s.\n"
    )


def test_nothing_is_done_twice(checkout):
    """An environment of the same pins is used as it is, without a word."""
    fake_python(checkout)
    checkout.tool("python-env")
    (checkout.fakes / "python3").unlink()

    answer = checkout.tool("python-env")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert len(calls(checkout)) == 2


def test_changed_pins_are_installed_into_the_same_environment(checkout):
    """A new pin costs one install and no new environment."""
    fake_python(checkout)
    checkout.tool("python-env")
    (checkout.fakes / "python3").unlink()
    with (checkout.root / "tools/pins.txt").open("a") as pins:
        pins.write("another==1.0\n")

    answer = checkout.tool("python-env")

    assert answer.returncode == 0
    assert len(calls(checkout)) == 4


def test_an_environment_moved_with_its_checkout_is_made_again(checkout):
    """Its scripts name the old place."""
    fake_python(checkout)
    checkout.tool("python-env")
    checkout.fake("pip", "echo pip 26.3 from /old/place/.venv/lib/pip", checkout.root / ".venv/bin")

    answer = checkout.tool("python-env")

    assert "Creating .venv with Python 3.12 ...\n" in answer.stderr
    assert len(calls(checkout)) == 4


def test_without_python_the_message_says_what_to_install(checkout):
    """A machine without Python gets one line, no traceback."""
    answer = checkout.tool("python-env")

    assert answer.returncode == 1
    assert answer.stderr == (
        "error: python3 is not installed. Install Python 3.10 or newer, or name one: "
        "make PYTHON=/path/to/python3\n"
    )


def test_an_old_python_is_refused(checkout):
    """The message names the version found and the one needed."""
    fake_python(checkout, "3.9")

    answer = checkout.tool("python-env")

    assert answer.returncode == 1
    assert answer.stderr == (
        "error: python3 is Python 3.9; 3.10 or newer is needed. Install it, or name one: "
        "make PYTHON=/path/to/python3\n"
    )
    assert not (checkout.root / ".venv").exists()


def test_another_python_can_be_named(checkout):
    """PYTHON wins over an old python3 on PATH."""
    fake_python(checkout)
    (checkout.fakes / "python3").rename(checkout.fakes / "newer")
    checkout.fake("python3", "exit 1")
    checkout.fake("python3.12", f'exec {checkout.fakes}/newer "$@"')

    answer = checkout.tool("python-env", PYTHON="python3.12")

    assert answer.returncode == 0
    assert "Creating .venv with Python 3.12 ...\n" in answer.stderr


def test_a_failed_install_shows_pips_last_lines_and_is_tried_again(checkout):
    """Only a complete environment counts as up to date."""
    fake_python(checkout, pip="echo 'ERROR: No matching distribution found for pip==26.3'; exit 1")
    checkout.tool("python-env")

    answer = checkout.tool("python-env")

    assert answer.returncode == 1
    assert without_times(answer.stderr) == (
        "Installing pip into .venv ...\n"
        "Installing pip into .venv: failed after N s.\n"
        "ERROR: No matching distribution found for pip==26.3\n"
        "error: pip could not be installed from the configured package index.\n"
    )
    assert not (checkout.root / ".venv/.stamp").exists()
