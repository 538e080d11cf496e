from __future__ import annotations

import pytest

from tests.tools.conftest import fake_go, without_times

PROGRAMS = ["pulumi-language-nodejs", "pulumi-language-yaml", "generate-sdks", "terraform-provider-floor"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_built_into_a_folder_of_its_own(checkout, name):
    """What is printed can be put on PATH."""
    fake_go(checkout)

    answer = checkout.tool("go-tool", name)

    assert (answer.returncode, answer.stdout) == (0, f"{checkout.cli}/{name}\n")
    assert (checkout.cli / name / name).exists()


def test_without_go_the_message_says_what_to_install(checkout):
    """Status 3 tells this from a failed build: the tests that need the program are then skipped."""
    answer = checkout.tool("go-tool", "pulumi-language-yaml")

    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr == (
        "pulumi-language-yaml cannot be built: go is not installed. "
        "Install Go 1.25 or newer (https://go.dev/dl/).\n"
    )


def test_a_failed_build_shows_its_last_lines(checkout):
    """Nothing is printed that could be taken for a folder."""
    fake_go(checkout, "echo 'no space left on device' >&2; exit 1")

    answer = checkout.tool("go-tool", "generate-sdks")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert without_times(answer.stderr) == (
        "Building generate-sdks with Go ...\n"
        "Building generate-sdks with Go: failed after N s.\n"
        "no space left on device\n"
    )


@pytest.mark.parametrize("arguments", [(), ("pulumi-language-cobol",)])
def test_an_unknown_program_is_wrong_usage(checkout, arguments):
    """The head of the script names those it knows."""
    answer = checkout.tool("go-tool", *arguments)

    assert answer.returncode == 2
    assert f"  tools/go-tool {' | '.join(PROGRAMS)}\n" in answer.stderr
