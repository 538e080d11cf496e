from __future__ import annotations

import os
import re
import select
import signal
from pathlib import Path
from typing import IO

import pytest

from tests.tools.conftest import PULUMI_PARTS, Checkout, fake_go, without_times

HOW_TO_INSTALL = (
    "Install Pulumi 3.255 or newer (https://www.pulumi.com/docs/install/), or Go 1.25 or newer, "
    "which this script\n"
    "can build it with (https://go.dev/dl/), and run the same command again.\n"
)
REFUSED_CONNECTION = "echo 'curl: (6) Could not resolve host: get.pulumi.com' >&2; exit 6"


def fake_installer(checkout: Checkout, script: str) -> None:
    """Let curl fetch an installer that takes the official one's options; `$root` is the folder asked for."""
    installer = checkout.fake(
        "installer",
        f'[ "$1 $2 $3 $5" = "--version 3.259.0 --install-root --no-edit-path" ] || exit\nroot=$4\n{script}',
    )
    checkout.fake("curl", f'for last; do :; done\nwhile [ "$1" != -o ]; do shift; done\ncp {installer} "$2"')


def builds(checkout: Checkout) -> list[str]:
    return [Path(line).name for line in (checkout.root.parent / "builds").read_text().splitlines()]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_fitting_cli_on_path_is_taken(checkout):
    """A user's own Pulumi is used as it is, without a word and without a file."""
    checkout.fake_pulumi("v3.255.0")

    answer = checkout.tool("pulumi-env")

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"{checkout.fakes}\n", "")
    assert not checkout.cli.exists()


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("v3.254.1", "is v3.254.1, older than 3.255"),
        ("v2.300.0", "is v2.300.0, older than 3.255"),
        ("", "is of unknown version, older than 3.255"),
    ],
)
def test_a_cli_that_is_too_old_is_not_taken(checkout, version, reason):
    """The message names the version that is there and the one that is needed."""
    checkout.fake_pulumi(version)

    answer = checkout.tool("pulumi-env", MINIPROGRAM_CLI_SOURCE="path")

    assert answer.returncode == 1
    assert answer.stderr == (
        "error: no usable Pulumi CLI was found. Tried:\n"
        f"  PATH: {checkout.fakes}/pulumi {reason}\n" + HOW_TO_INSTALL
    )


@pytest.mark.parametrize("part", PULUMI_PARTS)
def test_a_cli_that_cannot_run_python_programs_is_not_taken(checkout, part):
    """A CLI without its Python parts would fail later, with a message about plugins."""
    checkout.fake_pulumi("v3.272.0")
    (checkout.fakes / part).unlink()

    answer = checkout.tool("pulumi-env", MINIPROGRAM_CLI_SOURCE="path")

    assert f"  PATH: {checkout.fakes}/pulumi has no {part} beside it or on PATH\n" in answer.stderr


def test_where_nothing_can_be_had_each_attempt_is_reported(checkout):
    """On a machine without network and Go the user reads what was tried and what to install."""
    checkout.fake("curl", REFUSED_CONNECTION)

    answer = checkout.tool("pulumi-env")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert without_times(answer.stderr) == (
        "Fetching Pulumi's installer ...\n"
        "Fetching Pulumi's installer: failed after N s.\n"
        "error: no usable Pulumi CLI was found. Tried:\n"
        "  PATH: no pulumi there\n"
        "  installer: curl: (6) Could not resolve host: get.pulumi.com\n"
        "  Go build: go is not installed\n" + HOW_TO_INSTALL
    )
    assert left_in(checkout.cli) == ["lock"]


def test_go_that_is_too_old_is_reported(checkout):
    """An old Go is not asked to build."""
    checkout.fake("go", "echo go1.24.9")

    answer = checkout.tool("pulumi-env")

    assert "  installer: curl is not installed\n" in answer.stderr
    assert "  Go build: go1.24.9 is older than go1.25\n" in answer.stderr


def test_the_installer_installs_into_the_checkout(checkout):
    """The pinned version goes into .pulumi-cli and nowhere else."""
    fake_installer(checkout, f'mkdir -p "$root/bin"; cp {checkout.root.parent}/release/* "$root/bin/"')
    checkout.fake_pulumi("v3.259.0", checkout.root.parent / "release")

    answer = checkout.tool("pulumi-env")

    assert (answer.returncode, answer.stdout) == (0, f"{checkout.cli}/bin\n")
    assert without_times(answer.stderr) == (
        "Fetching Pulumi's installer ...\n"
        "Fetching Pulumi's installer: done in N s.\n"
        "Installing Pulumi v3.259.0 ...\n"
        "Installing Pulumi v3.259.0: done in N s.\n"
    )
    assert left_in(checkout.cli) == ["bin", "lock"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'error: failed to download' >&2; exit 1", "error: failed to download"),
        (
            'mkdir -p "$root/bin"; echo broken > "$root/bin/pulumi"',
            r"it ended without error, but .*/bin/pulumi does not run",
        ),
    ],
    ids=["fails", "leaves half a download"],
)
def test_a_failed_installer_installs_nothing(checkout, script, reason):
    """Only a CLI that runs is moved into place."""
    fake_installer(checkout, script)

    answer = checkout.tool("pulumi-env")

    assert answer.returncode == 1
    assert re.search(f"^  installer: {reason}$", answer.stderr, re.MULTILINE)
    assert left_in(checkout.cli) == ["lock"]


def test_go_builds_what_the_installer_could_not_bring(checkout):
    """Engine and language host are built, and the SDK's two scripts put beside them."""
    checkout.fake("curl", REFUSED_CONNECTION)
    fake_go(checkout)

    answer = checkout.tool("pulumi-env")

    assert (answer.returncode, answer.stdout) == (0, f"{checkout.cli}/bin\n")
    assert without_times(answer.stderr) == (
        "Fetching Pulumi's installer ...\n"
        "Fetching Pulumi's installer: failed after N s.\n"
        "The first build takes about 5 minutes on two cores and fills 4 GB of Go's caches.\n"
        "Building Pulumi v3.259.0 with Go ...\n"
        "Building Pulumi v3.259.0 with Go: done in N s.\n"
    )
    assert left_in(checkout.cli) == ["bin", "lock"]
    assert left_in(checkout.cli / "bin") == [".stamp", "pulumi", *PULUMI_PARTS]
    assert all(os.access(checkout.cli / "bin" / part, os.X_OK) for part in PULUMI_PARTS)


def test_a_failed_build_shows_its_last_lines(checkout):
    """The compiler's own words come first, then what to install."""
    fake_go(checkout, "echo 'no space left on device' >&2; exit 1")

    answer = checkout.tool("pulumi-env")

    assert without_times(answer.stderr).endswith(
        "Building Pulumi v3.259.0 with Go: failed after N s.\n"
        "no space left on device\n"
        "error: no usable Pulumi CLI was found. Tried:\n"
        "  PATH: no pulumi there\n"
        "  installer: curl is not installed\n"
        "  Go build: it failed as shown above\n" + HOW_TO_INSTALL
    )
    assert left_in(checkout.cli) == ["lock"]


def test_an_earlier_run_is_reused(checkout):
    """A second run asks neither the network nor Go."""
    fake_go(checkout)
    checkout.tool("pulumi-env")
    (checkout.fakes / "go").unlink()
    checkout.fake("curl", REFUSED_CONNECTION)

    answer = checkout.tool("pulumi-env")

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"{checkout.cli}/bin\n", "")


def test_other_modules_than_those_of_the_earlier_run_are_built(checkout):
    """A changed pin of the engine or of the language host makes the earlier result stale."""
    fake_go(checkout)
    checkout.tool("pulumi-env")
    with (checkout.root / "tools/pulumi-language-hosts/go.sum").open("a") as sums:
        sums.write("another line\n")

    answer = checkout.tool("pulumi-env")

    assert answer.returncode == 0
    assert builds(checkout) == ["pulumi", "pulumi-language-python"] * 2


def test_a_damaged_earlier_run_is_built_again(checkout):
    """A stamp alone is not believed."""
    fake_go(checkout)
    checkout.tool("pulumi-env")
    (checkout.cli / "bin/pulumi-language-python").unlink()

    answer = checkout.tool("pulumi-env")

    assert answer.returncode == 0
    assert builds(checkout) == ["pulumi", "pulumi-language-python"] * 2


def test_one_source_can_be_asked_for(checkout):
    """MINIPROGRAM_CLI_SOURCE=go passes over a CLI on PATH and the installer."""
    checkout.fake_pulumi("v3.272.0")
    fake_go(checkout)

    answer = checkout.tool("pulumi-env", MINIPROGRAM_CLI_SOURCE="go")

    assert answer.stdout == f"{checkout.cli}/bin\n"
    assert "installer" not in answer.stderr


def test_an_unknown_source_is_wrong_usage(checkout):
    """A misspelt source is not taken for none."""
    answer = checkout.tool("pulumi-env", MINIPROGRAM_CLI_SOURCE="brew")

    assert answer.returncode == 2
    assert answer.stderr == "error: MINIPROGRAM_CLI_SOURCE is 'brew'; it must be path, installer or go.\n"


def gated_go(checkout: Checkout) -> tuple[Path, Path]:
    """Let the first build tell its process id in one pipe, and wait for a line in the other."""
    started, gate = checkout.root.parent / "started", checkout.root.parent / "gate"
    os.mkfifo(started)
    os.mkfifo(gate)
    fake_go(
        checkout,
        f"[ -e {checkout.root.parent}/builds ] || "
        f"{{ exec 3> {started}; echo $$ >&3; read line < {gate}; exec 3>&-; }}",
    )
    return started, gate


def is_at_its_end(pipe: IO[str]) -> bool:
    """Tell whether the one writer of a pipe has ended, within 10 s."""
    return bool(select.select([pipe], [], [], 10)[0]) and pipe.read() == ""


def test_an_interrupted_build_leaves_nothing(checkout):
    """Ending the script ends the build, and neither a result nor a work folder stays."""
    started, _ = gated_go(checkout)

    with checkout.popen(checkout.root / "tools/pulumi-env") as process, started.open() as build:
        build.readline()
        process.terminate()
        out, _ = process.communicate(timeout=60)
        ended = is_at_its_end(build)

    assert (process.returncode, out) == (143, "")
    assert ended
    assert left_in(checkout.cli) == ["lock"]


def test_what_a_killed_run_left_is_not_used_and_removed(checkout):
    """After SIGKILL the next run starts from nothing."""
    started, _ = gated_go(checkout)
    with checkout.popen(checkout.root / "tools/pulumi-env") as process, started.open() as build:
        pid = int(build.readline())
        process.kill()
        os.killpg(os.getpgid(pid), signal.SIGKILL)
    left_by_kill = left_in(checkout.cli)
    fake_go(checkout)

    answer = checkout.tool("pulumi-env")

    assert [name.partition(".")[0] for name in left_by_kill] == ["lock", "work"]
    assert answer.returncode == 0
    assert left_in(checkout.cli) == ["bin", "lock"]


def test_two_runs_at_once_build_once(checkout):
    """The second waits for the first and takes its result."""
    started, gate = gated_go(checkout)
    script = checkout.root / "tools/pulumi-env"

    with checkout.popen(script) as first, started.open() as build:
        build.readline()
        with checkout.popen(script) as second:
            reported = second.stderr.readline()
            gate.write_text("go on\n")
            results = [process.communicate(timeout=60)[0] for process in (first, second)]

    assert reported == f"Another run is at work in {checkout.cli}; waiting for it.\n"
    assert results == [f"{checkout.cli}/bin\n"] * 2
    assert builds(checkout) == ["pulumi", "pulumi-language-python"]


def fake_clock(checkout: Checkout, step: int) -> None:
    """Let each look at the clock find it `step` seconds later, and no wait take time."""
    now = checkout.root.parent / "now"
    now.write_text("0\n")
    checkout.fake("date", f"read now < {now}; echo $((now + {step})) | tee {now}")


def test_a_long_step_says_that_it_is_at_work(checkout):
    """Every 30 s a line tells the time that has passed, also where nobody watches a terminal."""
    started, _ = gated_go(checkout)
    fake_clock(checkout, 16)

    with checkout.popen(checkout.root / "tools/pulumi-env") as process, started.open() as build:
        build.readline()
        reported = [process.stderr.readline() for _ in range(4)]
        process.terminate()
        process.communicate(timeout=60)

    assert reported[2:] == [
        "Building Pulumi v3.259.0 with Go: still at work after 32 s.\n",
        "Building Pulumi v3.259.0 with Go: still at work after 64 s.\n",
    ]


def test_a_step_that_never_ends_is_ended(checkout):
    """After its limit a step and its children are ended, and the script fails."""
    started, _ = gated_go(checkout)
    fake_clock(checkout, 2000)

    with checkout.popen(checkout.root / "tools/pulumi-env") as process, started.open() as build:
        build.readline()
        _, err = process.communicate(timeout=60)
        ended = is_at_its_end(build)

    assert process.returncode == 1
    assert "Building Pulumi v3.259.0 with Go: ended after the limit of 3600 s.\n" in err
    assert ended
