"""Samples, their spread, ratios in one round, and which side of a limit is the good one."""

from __future__ import annotations

import pytest

from benchmarks.figures import Figure, Spread, Target, ratios


def test_a_spread_is_the_median_and_both_ends():
    """One slow round moves the end, not the middle."""
    assert Spread.of([2.0, 9.0, 1.0]) == Spread(2.0, 1.0, 9.0)


def test_no_samples_have_no_spread():
    """A case that measured nothing is a mistake."""
    with pytest.raises(ValueError, match="^no samples$"):
        Spread.of([])


def test_ratios_pair_the_samples_of_a_round():
    """A round under load is slow for both, and its ratio is as any other."""
    assert ratios([2.0, 20.0], [1.0, 10.0]) == (2.0, 2.0)


def test_ratios_of_unequal_rounds_are_refused():
    """A missing sample would pair the others wrongly."""
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_a_figure_without_a_base_has_no_ratio():
    """It stands for itself."""
    assert Figure("case", "what", "s", (1.0,)).ratio is None


def test_a_figures_ratio_is_the_spread_of_the_rounds_ratios():
    """It is not the ratio of the medians."""
    assert Figure("case", "what", "s", (2.0, 9.0), "base", (1.0, 3.0)).ratio == Spread(2.5, 2.0, 3.0)


@pytest.mark.parametrize(
    ("value", "at_least", "met"),
    [(1.0, False, True), (1.1, False, True), (1.2, False, False), (1.2, True, True), (1.0, True, False)],
)
def test_a_target_is_met_on_its_side_of_the_limit(value, at_least, met):
    """The limit itself is good."""
    assert Target("text", value, 1.1, at_least).met is met
