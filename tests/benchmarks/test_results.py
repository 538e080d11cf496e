"""Samples, their ratios in one round, and the two files of results."""

from __future__ import annotations

import pyperf
import pytest

from benchmarks.results import Bar, Results, differences, ratios, to_markdown


@pytest.fixture
def results():
    """Two rounds of two contestants, and a figure of its own."""
    results = Results({"cpu_count": 2, "cpu_model_name": "Model"})
    results.add("fleet / create / floor", [1.0, 2.0])
    results.add("fleet / create / provider", [1.5, 4.0])
    results.add("drift / memory / first tenth", [2.0**20], "byte")
    return results


def test_ratios_pair_the_samples_of_a_round(results):
    """A round under load is slow for both, and its ratio is as any other."""
    over, under = "fleet / create / provider", "fleet / create / floor"

    assert ratios(over, under)(results.samples) == [1.5, 2.0]
    assert differences(over, under)(results.samples) == [0.5, 2.0]


def test_unequal_rounds_are_refused():
    """A missing sample would pair the others wrongly."""
    with pytest.raises(ValueError, match="shorter"):
        ratios("a", "b")({"a": [1.0, 2.0], "b": [1.0]})


def test_markdown(results):
    """A bar is met up to its limit, one whose case was not run is left out, and a case has a table."""
    compute = ratios("fleet / create / provider", "fleet / create / floor")
    bars = [
        Bar("create / floor", 1.75, compute),
        Bar("create / floor, sharper", 1.7, compute),
        Bar("growth", 1.1, lambda samples: samples["growth"]),
    ]

    assert (
        to_markdown(results, bars)
        == """\
# Results of `make bench`

| machine |  |
| --- | --- |
| cpu count | 2 |
| cpu model name | Model |

| bar | limit | median (min–max) | met |
| --- | --- | --- | --- |
| create / floor | ≤ 1.75 | 1.75 (1.50–2.00) | yes |
| create / floor, sharper | ≤ 1.70 | 1.75 (1.50–2.00) | **no** |

| fleet | median (min–max) | ratio (min–max) |
| --- | --- | --- |
| create / floor | 1.50 sec (1.00 sec–2.00 sec) |  |
| create / provider | 2.75 sec (1.50 sec–4.00 sec) | 1.75 (1.50–2.00) |

| drift | median (min–max) | ratio (min–max) |
| --- | --- | --- |
| memory / first tenth | 1024.0 KiB |  |
"""
    )


def test_pyperf_reads_every_sample(results, tmp_path):
    """Whoever doubts a median can compute another figure, or compare two runs by `pyperf compare_to`."""
    results.save(tmp_path / "results.json")

    suite = pyperf.BenchmarkSuite.load(str(tmp_path / "results.json"))

    assert {each.get_name(): each.get_values() for each in suite.get_benchmarks()} == results.samples
    assert suite.get_metadata()["cpu_model_name"] == "Model"
