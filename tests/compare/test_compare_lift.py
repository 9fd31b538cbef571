"""Lift: small trials by hand; coverage, false alarms and width on simulated customers with a known effect."""

import io
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from compare_tables import NEW_DAY, OLD_DAY, row, table
from rich.console import Console

from clvcli.commands.compare.lift import TOO_SMALL, Lift, LiftRow, lift, spend_cap
from clvcli.commands.compare.pair import Pair, pair_up
from clvcli.output.scored_table import ScoredTable
from clvcli.report.lift import lift_page

FIRST = date(2025, 6, 1)
EARLIER = date(2025, 12, 1)
LATER = date(2026, 2, 10)


def trial(arms: dict[str, tuple[int, int]], spent: float = 10.0, **more: Any) -> Pair:
    """`arms`: treated and control, each (customers, buyers); a buyer spends `spent`. All were alike before."""
    old, new = [], []
    for arm, (customers, buyers) in arms.items():
        for i in range(customers):
            common = {"action": "write", "in_control": arm == "control", **more}
            bought = i < buyers
            old.append(row(f"{arm}{i}", "regular", 50.0, 100.0, 2, FIRST, EARLIER, **common))
            last, spend = (LATER, 100.0 + spent) if bought else (EARLIER, 100.0)
            new.append(row(f"{arm}{i}", "regular", 50.0, spend, 2 + bought, FIRST, last, **common))
    return pair_up(table(OLD_DAY, old), table(NEW_DAY, new))


def the(found: Lift | None, scope: str, outcome: str, name: str | None = None) -> LiftRow:
    assert found is not None
    rows = [r for r in found.rows if r.scope == scope and r.outcome == outcome and name in (None, r.name)]
    assert len(rows) == 1
    return rows[0]


def test_worked_example_is_too_small_to_tell() -> None:
    """135 of 900 and 10 of 100: +5 points, -1.3 to +11.3; nothing to adjust on, so adjusted is the same estimate."""
    found = the(lift(trial({"treated": (900, 135), "control": (100, 10)})), "all", "bought")
    assert (found.treated, found.control, found.mean_treated, found.mean_control) == (900, 100, 0.15, 0.10)
    assert found.plain is not None
    assert found.adjusted is not None
    assert (round(100 * found.plain.low, 1), round(100 * found.plain.high, 1)) == (-1.3, 11.3)
    assert found.adjusted.estimate == pytest.approx(0.05)
    assert found.total == pytest.approx(45)  # 5 points of 900
    assert found.verdict == TOO_SMALL


def test_a_large_effect_is_told() -> None:
    # 450 of 900 against 20 of 100: 30 points; sqrt(.25 / 900 + .16 / 100) = .0433, seven times that.
    found = lift(trial({"treated": (900, 450), "control": (100, 20)}))
    assert the(found, "all", "bought").verdict == "more"
    spend = the(found, "all", "spend")
    assert spend.mean_treated - spend.mean_control == pytest.approx(3.0)  # 30 points of 10
    assert the(lift(trial({"treated": (900, 90), "control": (100, 60)})), "all", "bought").verdict == "less"


def test_few_buyers_give_no_interval() -> None:
    found = the(lift(trial({"treated": (900, 300), "control": (100, 9)})), "all", "bought")
    assert (found.plain, found.adjusted, found.q, found.detectable, found.verdict) == (
        None,
        None,
        None,
        None,
        TOO_SMALL,
    )


def test_no_control_group_no_lift() -> None:
    assert lift(trial({"treated": (50, 20)})) is None


def test_a_tiny_control_group_is_told() -> None:
    found = lift(trial({"treated": (50, 20), "control": (5, 2)}))
    assert found is not None
    assert not found.rows
    assert [n.code for n in found.notices] == ["control_too_small"]


def test_spend_is_capped_from_old_alone() -> None:
    # Everybody's total_spend in OLD is 100, so is its 99th percentile: 1,000,000 later counts as 100.
    pair = trial({"treated": (200, 100), "control": (100, 50)}, spent=1e6)
    assert spend_cap(pair) == 100.0
    assert the(lift(pair), "all", "spend").mean_treated == pytest.approx(50.0)  # half of them, 100 each
    assert the(lift(pair, cap=30.0), "all", "spend").mean_treated == pytest.approx(15.0)


def test_stages_without_an_action_are_left_out() -> None:
    pair = trial({"treated": (100, 50), "control": (50, 25)})
    quiet = pair.both.with_columns(
        old_action=pl.when(pl.col("customer_id").str.ends_with("7")).then(None).otherwise("old_action")
    )
    found = lift(Pair(pair.old, pair.new, pair.days, quiet, pair.stages, ()))
    assert found is not None
    assert found.left_out == 15  # 10 treated and 5 control ids end in 7
    assert the(found, "all", "bought").treated == 90


def test_variants_are_compared_with_control_and_with_each_other() -> None:
    pair = trial({"treated": (400, 200), "control": (100, 30)})
    number = pl.col("customer_id").str.extract(r"(\d+)").cast(pl.Int64)
    both = pair.both.with_columns(old_variant=pl.when(number % 2 == 0).then(pl.lit("a")).otherwise(pl.lit("b")))
    found = lift(Pair(pair.old, pair.new, pair.days, both, pair.stages, ()))
    assert (the(found, "variant", "bought", "a").treated, the(found, "variant", "bought", "a").control) == (200, 100)
    against = the(found, "variants", "bought")
    assert (against.name, against.treated, against.control) == ("b against a", 200, 200)


def test_an_action_of_several_stages_has_a_row_of_its_own() -> None:
    pair = trial({"treated": (400, 200), "control": (100, 30)})
    number = pl.col("customer_id").str.extract(r"(\d+)").cast(pl.Int64)
    both = pair.both.with_columns(old_stage=pl.when(number % 2 == 0).then(pl.lit("new")).otherwise(pl.lit("regular")))
    found = lift(Pair(pair.old, pair.new, pair.days, both, pair.stages, ()))
    assert found is not None
    assert {r.name for r in found.rows if r.scope == "stage"} == {"new", "regular"}
    assert the(found, "action", "bought", "write").treated == 400
    alone = lift(pair)
    assert alone is not None
    assert not [r for r in alone.rows if r.scope == "action"]


@pytest.mark.parametrize("width", [60, 100])
def test_the_page_cuts_nothing(width: int) -> None:
    found = lift(simulated(np.random.default_rng(4), 3000, 0.6, 0.2))
    assert found is not None
    screen = Console(file=io.StringIO(), width=width, markup=False)
    screen.print(lift_page(found, 56))
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in text
    assert " ".join(text.split()).count("points, 95 %") == 2
    assert "Who looks every night goes by" in " ".join(text.split())
    rated = [one for one in found.rows if one.scope == "stage" and one.best and one.verdict != TOO_SMALL]
    silent = sum(one.scope != "all" and one.verdict == TOO_SMALL for one in found.rows)
    assert rated
    assert not silent or f"{silent} comparison" in text  # one line for all of them, not one each
    for one in rated:
        assert one.best is not None
        scale, form = (100, "+.1f") if one.outcome == "bought" else (1, "+,.2f")
        assert format(one.best.estimate * scale, form) in text


# Simulated customers: gamma rates, Poisson purchases, gamma amounts; the treated buy more by a known factor.


def draw(random: np.random.Generator, n: int, more: float, weeks: float = 8) -> dict[str, Any]:
    rate, mean = random.gamma(0.6, 1 / 6, n), 84 / random.gamma(3.7, 1.0, n)

    def money(k: Any) -> Any:
        return np.where(k > 0, random.gamma(6 * np.maximum(k, 1), mean / 6), 0.0)

    x, k0, k1 = random.poisson(rate * 40), random.poisson(rate * weeks), random.poisson(rate * weeks * more)
    spend, y0 = money(x + 1), money(k0)
    clv = (0.6 + x) / 46 * 52 * spend / (x + 1)
    stage = np.array(["new", "regular", "lost"])[np.minimum(x, 2)]
    return {"x": x, "spend": spend, "clv": clv, "stage": stage, "k0": k0, "y0": y0, "k1": k0 + k1, "y1": y0 + money(k1)}


def simulated(random: np.random.Generator, n: int, more: float, share: float) -> Pair:
    d = draw(random, n, more)
    control = random.random(n) < share
    k, y = np.where(control, d["k0"], d["k1"]), np.where(control, d["y0"], d["y1"])
    last = pl.Series(k > 0)
    same = {
        "customer_id": pl.Series(range(n)).cast(pl.String), "stage": d["stage"], "in_control": control,
        "action": ["write"] * n, "phase": ["p"] * n, "variant": pl.Series([None] * n, dtype=pl.String),
        "first_purchase_date": [FIRST] * n, "clv": d["clv"],
    }  # fmt: skip
    old = pl.DataFrame({**same, "total_spend": d["spend"], "purchases": d["x"] + 1}).with_columns(
        last_purchase_date=pl.lit(EARLIER)
    )
    new = pl.DataFrame({**same, "total_spend": d["spend"] + y, "purchases": d["x"] + 1 + k}).with_columns(
        last_purchase_date=pl.when(last).then(pl.lit(LATER)).otherwise(pl.lit(EARLIER))
    )
    days = (OLD_DAY, OLD_DAY + timedelta(56))
    tables = [
        ScoredTable("t", frame, {"as_of": str(day), "horizon": "12m"})
        for frame, day in zip((old, new), days, strict=True)
    ]
    return pair_up(*tables)


def truth(more: float, cap: float) -> dict[str, float]:
    """The effect in the population, by 2 million draws (error of the mean: 0.02 points, 0.03 of spend)."""
    d = draw(np.random.default_rng(1), 2_000_000, more)
    money = np.minimum(d["y1"], cap) - np.minimum(d["y0"], cap)
    return {"bought": float(((d["k1"] > 0) * 1.0 - (d["k0"] > 0)).mean()), "spend": float(money.mean())}


@pytest.mark.slow
def test_intervals_cover_a_known_effect_and_adjusting_narrows_them() -> None:
    """1,000 trials of 3,000 customers, 20 % control, 30 % more purchases: 93 to 97 % of intervals hold the truth."""
    random, cap = np.random.default_rng(2), 600.0
    real = truth(0.3, cap)
    covered = {"bought": 0, "spend": 0}
    narrower = {"bought": 0, "spend": 0}
    for _ in range(1000):
        found = lift(simulated(random, 3000, 0.3, 0.2), cap)
        for outcome, effect in real.items():
            one = the(found, "all", outcome)
            assert one.adjusted is not None
            assert one.plain is not None
            covered[outcome] += one.adjusted.low <= effect <= one.adjusted.high
            narrower[outcome] += one.adjusted.error < one.plain.error
    assert 930 <= covered["bought"] <= 970, covered
    assert 930 <= covered["spend"] <= 970, covered
    assert min(narrower.values()) >= 990, narrower


@pytest.mark.slow
def test_no_effect_raises_few_alarms() -> None:
    """1,000 trials without an effect: at most 7 % claim one overall, at most 7 % claim any for a stage."""
    random = np.random.default_rng(3)
    overall = parts = 0
    for _ in range(1000):
        found = lift(simulated(random, 2000, 0.0, 0.2))
        assert found is not None
        claims = {row.scope for row in found.rows if row.verdict != TOO_SMALL}
        overall += "all" in claims
        parts += bool(claims - {"all"})
    assert overall <= 70, overall
    assert parts <= 70, parts
