"""The two files of results."""

from __future__ import annotations

import json

import pytest

from benchmarks.figures import Fact, Figure, Findings, Target
from benchmarks.rendering import to_json, to_markdown


@pytest.fixture
def findings():
    """One of each kind."""
    return Findings(
        {"CPUs": "2 × Model"},
        [
            Figure("10 apps", "create: floor", "s", (1.0, 2.0)),
            Figure("10 apps", "create: provider", "s", (1.5, 4.0), "floor", (1.0, 2.0)),
            Figure("Memory", "plugin", "MiB", (70.25,)),
        ],
        [Target("up / floor", 1.75, 1.1), Target("import", 12.345, 100, unit="ms")],
        [Fact("a | b", "provider", "exit 1"), Fact("a | b", "script", "exit 0"), Fact("c", "script", "none")],
        ["Terraform is not on PATH."],
    )


def test_markdown(findings):
    """Targets, one table a case, and one column a peer."""
    assert (
        to_markdown(findings)
        == """\
# Results of `make bench`

| machine |  |
| --- | --- |
| CPUs | 2 × Model |

- Terraform is not on PATH.

## Targets

| target | limit | measured | met |
| --- | --- | --- | --- |
| up / floor | ≤ 1.1 | 1.75 | **no** |
| import | ≤ 100 ms | 12.3 ms | yes |

## 10 apps

| what | median (min–max) | against | ratio (min–max) |
| --- | --- | --- | --- |
| create: floor | 1.50 (1.00–2.00) s |  |  |
| create: provider | 2.75 (1.50–4.00) s | floor | 1.75 (1.50–2.00) |

## Memory

| what | median (min–max) | against | ratio (min–max) |
| --- | --- | --- | --- |
| plugin | 70.2 MiB |  |  |

## What each peer did

|  | provider | script |
| --- | --- | --- |
| a \\| b | exit 1 | exit 0 |
| c |  | none |
"""
    )


def test_json_has_every_sample(findings):
    """Whoever doubts a median can compute another figure."""
    document = json.loads(to_json(findings))

    assert document["figures"][1] == {
        "case": "10 apps",
        "what": "create: provider",
        "unit": "s",
        "samples": [1.5, 4.0],
        "spread": {"median": 2.75, "min": 1.5, "max": 4.0},
        "against": "floor",
        "base": [1.0, 2.0],
        "ratio": {"median": 1.75, "min": 1.5, "max": 2.0},
    }
    assert document["targets"][0] == {
        "target": "up / floor",
        "value": 1.75,
        "limit": 1.1,
        "limit_is": "most",
        "unit": "ratio",
        "met": False,
    }
