"""Scores and ranks against a slow plain-Python reading of the contract: share = (mid-rank - 0.5) / n."""

from fractions import Fraction
from math import floor

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.scoring.thresholds import Cuts, bounds, cuts_from_json, cuts_of


def slow_scores(values: list[int], scores: int) -> list[int]:
    """1 + floor(scores x share), ranks from 1, ties share their mean rank; exact in fractions."""
    n = len(values)
    ordered = sorted(values)
    result = []
    for v in values:
        ranks = [i + 1 for i, o in enumerate(ordered) if o == v]
        share = (Fraction(sum(ranks), len(ranks)) - Fraction(1, 2)) / n
        result.append(1 + floor(scores * share))
    return result


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    n = draw(st.integers(1, 60))
    days = draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))
    purchases = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    total = draw(st.lists(st.integers(0, 500), min_size=n, max_size=n))
    clv = draw(st.lists(st.integers(0, 40), min_size=n, max_size=n))
    return table(days, purchases, total, [float(c) for c in clv])


def table(days: list[int], purchases: list[int], total: list[int], clv: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "days_since_last_purchase": pl.Series(days, dtype=pl.Int64),
            "purchases": pl.Series(purchases, dtype=pl.Int64),
            "total": pl.Series(total, dtype=pl.Int64),
            "clv": pl.Series(clv, dtype=pl.Float64),
            "p_purchase": pl.Series([0.5] * len(days), dtype=pl.Float64),
            "first_day": pl.Series([0] * len(days)).cast(pl.Date),
            "second_day": pl.Series([7] * len(days)).cast(pl.Date),
            "last_day": pl.Series([14] * len(days)).cast(pl.Date),
        }
    )


@given(tables())
def test_scores_equal_the_slow_reading_of_the_contract(frame: pl.DataFrame) -> None:
    scored = cuts_of(frame).score(frame)
    days, purchases = frame["days_since_last_purchase"].to_list(), frame["purchases"].to_list()
    assert scored["r_score"].to_list() == slow_scores([-d for d in days], 5)
    assert scored["m_score"].to_list() == slow_scores(frame["total"].to_list(), 5)
    repeat = [p for p in purchases if p > 1]
    quarter = dict(zip(repeat, slow_scores(repeat, 4), strict=True))
    assert scored["f_score"].to_list() == [1 if p == 1 else 1 + quarter[p] for p in purchases]
    assert scored["rfm_score"].to_list() == [
        f"{r}{f}{m}" for r, f, m in zip(scored["r_score"], scored["f_score"], scored["m_score"], strict=True)
    ]
    clv = frame["clv"].to_list()
    assert scored["clv_pct"].to_list() == pytest.approx([sum(o < c for o in clv) / len(clv) for c in clv], rel=1e-9)


@given(tables())
def test_saved_cuts_score_the_same_and_do_not_move_with_others(frame: pl.DataFrame) -> None:
    cuts = cuts_of(frame)
    again = cuts_from_json(cuts.as_json())
    whole = cuts.score(frame)
    assert again.score(frame).equals(whole)
    assert pl.concat([cuts.score(frame[:1]), cuts.score(frame[1:])]).equals(whole)


def test_a_lead_has_no_scores() -> None:
    buyers = table([1, 2, 3], [1, 2, 3], [10, 20, 30], [1.0, 2.0, 3.0])
    lead = table([0], [0], [0], [None]).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("days_since_last_purchase"), pl.lit(None, dtype=pl.Date).alias("first_day")
    )
    scored = cuts_of(pl.concat([buyers, lead.select(buyers.columns)])).score(pl.concat([buyers, lead]))
    assert scored.row(3)[-5:] == (None,) * 5
    assert scored["r_score"].to_list()[:3] == [5, 3, 1]


def test_fixed_breakpoints_replace_the_fifths() -> None:
    frame = table([10, 40, 100], [1, 3, 12], [500, 5000, 50_000], [1.0, 2.0, 3.0])
    cuts = cuts_of(frame, {"r": (90, 60, 30, 14), "f": (2, 3, 6, 12), "m": (10, 50, 100, 400)}, decimals=2)
    scored = cuts.score(frame)
    assert scored["r_score"].to_list() == [5, 3, 1]
    assert scored["f_score"].to_list() == [1, 3, 5]
    assert scored["m_score"].to_list() == [1, 3, 5]


def test_no_value_reaches_a_bound_that_is_none() -> None:
    assert bounds(pl.DataFrame({"value": [7], "count": [3]}), 5) == [7.0, 7.0, None, None]


def test_clv_share_between_saved_points_is_that_of_the_next_point() -> None:
    cuts = Cuts((), (), (), np.array([1.0, 3.0]), np.array([0.0, 0.5]), None, None, None, None)
    assert cuts.clv_share(pl.Series([0.5, 2.0, 3.0, 9.0, None])).to_list() == [0.0, 0.5, 0.5, 1.0, None]
