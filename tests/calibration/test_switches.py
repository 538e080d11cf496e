"""What a calibration says of the emulator is how its switches are set."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.calibration.points import POINTS
from tests.calibration.runs import APPID, FOREIGN, MANY, SERVED, A, B, C, Run, found, scene
from wechat_miniprogram_emulator.model.switches import Switches

POSITIONS = {
    switch: tuple(each["enum"]) for switch, each in Switches.model_json_schema()["properties"].items()
}
SECOND = {switch: positions[1] for switch, positions in POSITIONS.items()}

HIDDEN = {
    ("add_existing", "reset"),  # differs from `noop` only for a domain in force
    ("add_existing", "noop"),
    ("unfiled_host", "accept"),
    ("month_limit", "none"),
    ("personal_owner", "accept"),
    ("new_effect", "on-release"),
    ("new_effect", "on-submit"),
}
"""Positions that leave another one possible."""

RUNS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "second positions": {
        "switches": {
            **SECOND,
            "get_state": "configured",
            "prefetch_empty": "clear",
            "server_third_delete_missing": "error",
            "set_empty": "clear",
            "third_set_empty": "clear",
            "new_effect": "on-release",
            "domain_limit": "300",
            "month_limit": "none",
        }
    },
    "third positions": {
        "switches": {
            "add_existing": "error",
            "value_form": "echo",
            "duplicates": "error",
            "server_nothing_left": "85018",
            "set_empty": "error",
            "third_set_empty": "error",
            "prefetch_empty": "error",
            "get_state": "in-force",
        }
    },
    "strict": {
        "switches": {"bad_value": "85301", "server_third_delete_missing": "ok", "server_partial": "listed"}
    },
    "bad value as 86103": {"switches": {"bad_value": "86103"}},
    "echo, and a host without a file": {"switches": {"value_form": "echo", "multi_failure": "non-atomic"}},
    "immediate": {"switches": {"new_effect": "at-once", "duplicates": "keep"}},
    "immediate, deleted on release": {"switches": {"new_effect": "at-once", "delete_effect": "on-release"}},
    "foreign": {"app": FOREIGN},
    "foreign, all shown": {
        "app": FOREIGN,
        "switches": {"get_returns": "all", "get_state": "in-force", "info_shows": "configured"},
    },
    "a person's": {"app": {"subject": "personal"}},
    "without filing": {"unfiled": ["example.org"]},
    "a hundred": {"app": {"live": MANY[:100]}, "switches": {"domain_limit": "100"}},
    "two hundred": {"app": {"live": MANY[:200]}, "switches": {"domain_limit": "200", "limit_code": "85016"}},
    "three hundred": {"app": {"live": MANY[:300]}},
    **{
        f"month {code}": {"used_up": True, "switches": {"month_limit": "50", "month_code": code}}
        for code in POSITIONS["month_code"]
    },
}


def calibrated(control, folder, **setup):
    """One run: what is left of each open point, and the lists before and after."""
    scene(control, **setup)
    with Run(control, folder) as run:
        before = run.lists()
        outcome = run.write()
        return found(outcome), before, run.lists()


@pytest.fixture(scope="module")
def calibrations(wechat_emulator_server, tmp_path_factory):
    """What each run brings."""
    folder = tmp_path_factory.mktemp("journals")
    control = wechat_emulator_server.control
    return {name: calibrated(control, folder, **setup) for name, setup in RUNS.items()}


@pytest.mark.parametrize("name", RUNS)
def test_the_position_that_is_set_is_among_those_left(calibrations, name):
    """So what is settled is right; and all is as it was before."""
    left, before, after = calibrations[name]
    positions = {**Switches().model_dump(), **RUNS[name].get("switches", {})}

    assert {switch: left[switch] for switch in left if positions[switch] not in left[switch]} == {}
    assert after == before


def test_every_position_that_can_be_seen_is_found(calibrations):
    """In one of the runs at least, each by itself."""
    seen = {
        (name, only) for left, *_ in calibrations.values() for name, (only, *more) in left.items() if not more
    }
    wanted = {
        (each.switch, position) for each in POINTS if each.needs != "nothing" for position in each.positions
    }

    assert seen == wanted - HIDDEN


def test_the_table_has_the_emulators_switches():
    """Each with its positions, and a reason where nothing shows it."""
    assert {each.switch: each.positions for each in POINTS} == POSITIONS
    assert all(each.how for each in POINTS)
    assert [each.switch for each in POINTS if (each.needs == "nothing") == bool(each.seen or each.step)] == []


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(
    switches=st.fixed_dictionaries({name: st.sampled_from(each) for name, each in POSITIONS.items()}),
    app=st.sampled_from([{}, FOREIGN]),
)
def test_any_combination_is_judged_rightly_and_restored(wechat_emulator_server, tmp_path, switches, app):
    """What hides something leaves more positions, never a wrong one; foreign domains stay in force."""
    control = wechat_emulator_server.control
    scene(control, switches=switches, app=app)
    in_force = control.effective(APPID)
    with Run(control, tmp_path) as run:
        before = run.lists()
        left = found(run.write())

        assert {name: left[name] for name in left if switches[name] not in left[name]} == {}
        assert run.lists() == before
    assert [value for value in control.effective(APPID) if SERVED not in value] == in_force


def test_domains_of_others_are_never_touched(wechat_emulator, tmp_path):
    """No `set` where there are any, no write that names one, and what is in force stays so."""
    scene(wechat_emulator, app=FOREIGN)
    with Run(wechat_emulator, tmp_path) as run:
        run.write()

    writes = wechat_emulator.writes(APPID)
    assert {call.action for call in writes} == {"add", "delete"}
    assert not {A, B, C} & {domain for call in writes for domain in call.domains}
    assert wechat_emulator.effective(APPID) == [A, C]


def test_reading_writes_nothing(wechat_emulator, tmp_path):
    """Not even what would change nothing."""
    scene(wechat_emulator, app=FOREIGN)
    with Run(wechat_emulator, tmp_path) as run:
        outcome = run.read()

    assert wechat_emulator.writes() == []
    assert found(outcome)["get_returns"] == ("direct",)
    assert list(tmp_path.iterdir()) == []
