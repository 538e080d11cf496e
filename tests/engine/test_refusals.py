"""What is refused before anything is written: the texts, and that neither WeChat nor the state changed."""

from __future__ import annotations

import pytest

from tests.engine.conftest import APPID, A, B, C, D

TWELVE = tuple(f"https://h{n}.example.com" for n in range(12))


@pytest.fixture
def refused(project, golden):
    """Run a command that must fail, compare its text, and see that nothing was written anywhere."""

    def refused(command, name):
        live, state = project.control.live(APPID), project.resources()
        project.calls()

        text = command(fails=True)

        golden(name, text)
        assert project.control.writes() == []
        assert project.control.live(APPID) == live
        assert project.resources() == state

    return refused


def test_bad_input_stops_the_preview_with_every_reason(project, refused):
    """One error for all that is wrong with all inputs."""
    project.domains("http://a.example.com", "localhost", mode="exclusive", confirm_file_timeout=-1)

    refused(project.preview, "refused-input")


def test_a_create_over_undeclared_live_domains(project, refused):
    """Each is named, and the three ways on."""
    project.control.seed(APPID, live=[C, A, D])
    project.domains(A, B)

    refused(project.up, "refused-undeclared-live-domain")


def test_a_create_that_would_overwrite_most_of_the_live_list(project, refused):
    """`overwrite_existing` lifts the first refusal; the valve still counts against the live list."""
    project.control.seed(APPID, live=TWELVE)
    project.domains(*TWELVE[:8], overwrite_existing=True)

    refused(project.up, "refused-mass-removal-create")


def test_an_update_over_a_domain_that_the_state_never_saw(released, refused):
    """Somebody else's write is not undone unseen."""
    released.control.seed(APPID, live=[A, B, C])
    released.domains(A)

    refused(released.up, "refused-unseen-live-domain")


def test_an_update_that_drops_much_of_the_list_stops_in_the_preview(released, refused):
    """Check compares with the old inputs, without a call."""
    released.control.seed(APPID, live=TWELVE)
    released.refresh()
    released.domains(*TWELVE[:8])

    refused(released.preview, "refused-mass-removal-check")
    assert released.calls() == []


def test_an_update_that_drops_much_of_what_only_the_live_list_shows(released, refused):
    """The valve counts again before the first write, here when one resource takes over the whole list."""
    released.control.seed(APPID, live=[A, B, *TWELVE])
    released.domains(A, B, C, overwrite_existing=True)

    refused(released.up, "refused-mass-removal-live")


def test_an_empty_list_of_any_size_stops_in_the_preview(released, refused):
    """Two domains are as little to be emptied by mistake as two hundred."""
    released.domains()

    refused(released.preview, "refused-empty-list")


def test_an_exchange_at_the_limit(project, refused):
    """Nothing is removed first: the error names the two updates."""
    all_of_them = [f"https://h{n}.example.com" for n in range(300)]
    project.control.seed(APPID, live=all_of_them)
    project.domains(*all_of_them)
    project.up()
    project.domains(*all_of_them[2:], A, B)

    refused(project.up, "refused-limit")


def test_the_opt_in_empties_the_list(released):
    """What the refusal of an empty list names leads on, for this one update."""
    released.domains(allow_mass_removal=True)

    released.up()

    assert released.calls() == ["get", "delete", "effective"]
    assert released.control.live(APPID) == []
    assert released.outputs()["domains"] == []
