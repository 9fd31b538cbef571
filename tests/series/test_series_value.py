"""Concentration, bins, sums and lists of the scored table, against numbers worked by hand."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.engines import local
from clvcli.lifecycle.previous import gone_since, with_previous
from clvcli.scoring.series.economics import Costs
from clvcli.scoring.series.lists import Lists
from clvcli.scoring.series.moves import Moves
from clvcli.scoring.series.stages import Stages, stage_rows
from clvcli.scoring.series.value import Grid, Headline
from clvcli.scoring.summary import spread_of

AS_OF = date(2024, 6, 30)


def table(clv: Sequence[float | None], **columns: Sequence[object]) -> pl.DataFrame:
    """A scored table of buyers; every column that the lists read is there."""
    n = len(clv)
    base: dict[str, object] = {
        "customer_id": [f"c{i}" for i in range(n)],
        "purchases": [2] * n, "total": [1000] * n, "total_spend": [10.0] * n,
        "clv": clv, "clv_low": [0.0] * n, "clv_high": [9.0] * n, "p_alive": [0.5] * n, "p_purchase": [0.5] * n,
        "stage": ["loyal"] * n, "action": ["write"] * n, "variant": [None] * n, "in_control": [False] * n,
        "last_purchase_date": [AS_OF] * n, "days_since_last_purchase": [0] * n, "next_purchase_date": [None] * n,
        "alert_date": [None] * n, "r_score": [5] * n, "f_score": [2] * n,
    }  # fmt: skip
    dates = dict.fromkeys(("alert_date", "next_purchase_date", "last_purchase_date"), pl.Date)
    overrides = {"clv": pl.Float64, "variant": pl.String, "action": pl.String, **dates}
    return pl.DataFrame({**base, **columns}, schema_overrides=overrides)


def headline(frame: pl.DataFrame, as_of: date, decimals: int, at_risk: Sequence[str] = ()) -> dict[str, Any]:
    found = local.reduce(frame, Headline(as_of, decimals, tuple(at_risk)))
    spread = spread_of(local, frame, "clv" if found["valued"] else "total_spend", found)
    return {**found, **spread["concentration"]}


def contacts(frame: pl.DataFrame, as_of: date, at_risk: Sequence[str] = ()) -> dict[str, Any]:
    found: dict[str, Any] = local.reduce(frame, Lists(as_of, tuple(at_risk)))["contacts"]
    return found


def stage_firsts(frame: pl.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = local.reduce(frame, Lists(AS_OF))["stage_firsts"]
    return found


def transitions(now: pl.DataFrame, old: pl.DataFrame, stages: Sequence[str]) -> dict[str, Any]:
    moves = Moves(tuple(stages), gone_since(now, old))
    found: dict[str, Any] = local.reduce(with_previous(now, old), moves)["transitions"]
    return found


def test_concentration_of_the_worked_example() -> None:
    # NUMERICS: values 80, 5, 5, 5, 5: best fifth 80 %, Gini .60.
    facts = headline(table([5, 80, 5, 5, 5]), AS_OF, 2)
    assert facts["top_fifth"] == pytest.approx(0.8)
    assert facts["gini"] == pytest.approx(0.6)
    assert facts["clv"] == 100
    assert facts["spend"] == 50


DAYS = [date(2024, 6, 30), date(2024, 7, 1), date(2024, 7, 30), date(2024, 7, 31), None]


def test_silent_is_who_passed_the_alert_date_up_to_today() -> None:
    facts = headline(table([1, 2, 4, 8, 16], alert_date=DAYS), AS_OF, 2)
    assert (facts["silent"], facts["silent_clv"], facts["silent_spend"]) == (1, 1, 10)
    assert (facts["soon"], facts["soon_clv"]) == (2, 6)


def test_at_risk_is_who_stands_in_the_stages_that_the_rules_mark() -> None:
    stages = ["slipping", "loyal", "gone", "gone", "loyal"]
    facts = headline(table([1, 2, 4, 8, 16], alert_date=DAYS, stage=stages), AS_OF, 2, ["slipping", "gone"])
    assert (facts["at_risk"], facts["at_risk_clv"], facts["at_risk_spend"]) == (3, 13, 30)
    assert (facts["at_risk_by"], facts["at_risk_stages"]) == ("rules", ["slipping", "gone"])


def test_where_no_stage_is_marked_silence_says_who_is_at_risk() -> None:
    facts = headline(table([1, 2, 4, 8, 16], alert_date=DAYS), AS_OF, 2)
    assert (facts["at_risk_by"], facts["at_risk"], facts["at_risk_clv"], facts["at_risk_spend"]) == (
        "silence",
        1,
        1,
        10,
    )


def test_where_nobody_is_seen_to_leave_and_no_stage_is_marked_at_risk_is_unknown_not_none() -> None:
    facts = headline(table([1, 2, 4]), AS_OF, 2)
    assert [facts[k] for k in ("at_risk_by", "at_risk", "at_risk_clv", "at_risk_spend")] == [None] * 4


def test_without_an_alarm_the_contacts_are_who_is_at_risk_by_stage_the_most_valuable_first() -> None:
    stages = ["slipping", "loyal", "slipping", "slipping"]
    frame = table([1, 9, 4, 2], stage=stages, in_control=[False, False, False, True])
    found = contacts(frame, AS_OF, ["slipping"])
    assert (found["by"], found["customers"], found["clv"]) == ("stage", 2, 5)
    assert [row["customer_id"] for row in found["first"]] == ["c2", "c0"]
    unvalued = contacts(table([None] * 2, stage=["slipping"] * 2, total_spend=[3.0, 5.0]), AS_OF, ["slipping"])
    assert [row["customer_id"] for row in unvalued["first"]] == ["c1", "c0"]
    assert contacts(frame, AS_OF)["first"] == []


def test_without_a_model_nothing_is_predicted() -> None:
    facts = headline(table([None, None], total_spend=[30.0, 10.0]), AS_OF, 2)
    assert [facts[k] for k in ("clv", "at_risk", "soon")] == [None] * 3
    assert facts["gini"] == pytest.approx(0.25)  # of what they spent: (2 x (10 + 60)) / (2 x 40) - 3/2


positive = st.lists(st.floats(0, 1e7, allow_subnormal=False), min_size=1, max_size=80)


@given(positive)
def test_bins_hold_everybody_and_the_curve_never_falls(values: list[float]) -> None:
    ordered = np.sort(np.array(values))
    found = spread_of(local, table(values), "clv", {"valued": len(values), "buyers": len(values)})
    rows, curve = found["value_bins"], found["lorenz"]
    if ordered[-1] <= 0:
        assert (rows, curve) == ([], [])
        return
    assert sum(r["customers"] for r in rows) == len(values)
    assert sum(r["value"] for r in rows) == pytest.approx(ordered.sum(), rel=1e-6, abs=1e-2)
    assert len(rows) <= 25
    held = [p["value"] for p in curve]
    assert held == sorted(held)
    assert held[0] == 0
    assert held[-1] == pytest.approx(1.0, rel=1e-5)
    for row in rows[:-1]:
        inside = ((ordered >= row["from"]) & (ordered < row["to"])).sum()
        assert inside == row["customers"]


def test_grid_counts_every_buyer_once() -> None:
    frame = table([1, 2, 3], r_score=[5, 5, 1], f_score=[2, 2, 5])
    assert local.reduce(frame, Grid()) == [
        {"customers": 1, "value": 3.0, "r": 1, "f": 5},
        {"customers": 2, "value": 3.0, "r": 5, "f": 2},
    ]


def test_contacts_are_due_reachable_and_by_value() -> None:
    due = date(2024, 7, 7)
    days = [due, due, date(2024, 7, 8), date(2024, 5, 31), date(2024, 6, 1), due]
    frame = table([1, 5, 9, 9, 3, 7], alert_date=days, in_control=[False, False, False, False, False, True])
    found = contacts(frame, AS_OF)
    assert [r["customer_id"] for r in found["first"]] == ["c1", "c4", "c0"]
    assert (found["customers"], found["clv"]) == (3, 9)
    assert found["first"][0]["alert_date"] == "2024-07-07"


def test_equal_values_are_named_by_id_in_any_row_order() -> None:
    frame = table([2.0] * 50, alert_date=[AS_OF] * 50)
    assert contacts(frame, AS_OF) == contacts(frame.sample(fraction=1, shuffle=True, seed=1), AS_OF)
    assert stage_firsts(frame) == stage_firsts(frame.reverse())


def test_firsts_of_every_stage_that_has_an_action() -> None:
    stages = ["loyal", "lost", "lost", "lost", "lost", "gone"]
    frame = table([1, 2, 3, 4, 5, 6], stage=stages, action=["write"] * 5 + [None])
    found = stage_firsts(frame)
    assert {s: [r["customer_id"] for r in rows] for s, rows in found.items()} == {
        "loyal": ["c0"], "lost": ["c4", "c3", "c2"],
    }  # fmt: skip
    assert stage_firsts(frame.with_columns(action=pl.lit(None, pl.String))) == {}


def test_transitions_count_everybody_of_both_tables() -> None:
    now = table([10, 20, 30], stage=["loyal", "lost", "new"])
    old = pl.DataFrame(
        {"customer_id": ["c0", "c1", "gone"], "stage": ["loyal", "loyal", "lost"], "clv": [5.0, 50.0, 1.0]}
    )
    found = transitions(now, old, ["new", "loyal", "lost"])
    assert {(m["from"], m["to"]): m["customers"] for m in found["moves"]} == {
        ("loyal", "loyal"): 1, ("loyal", "lost"): 1, ("lost", None): 1, (None, "new"): 1,
    }  # fmt: skip
    assert found["changed"] == 1
    assert [(r["customer_id"], r["change"], r["previous_clv"]) for r in found["down"]] == [("c1", -30.0, 50.0)]
    assert found["up"] == []


def test_an_earlier_table_without_values_moves_nobody() -> None:
    now = table([10, 20], stage=["a", "b"])
    old = pl.DataFrame({"customer_id": ["c0", "c1"], "stage": ["b", "b"]})
    found = transitions(now, old, ["a", "b"])
    assert (found["changed"], found["up"], found["down"]) == (1, [], [])


def test_economics_of_known_costs_by_hand() -> None:
    frame = table([40, 60, 8], total_spend=[100.0, 300.0, 5.0], acquisition_cost=["20", "60", "unknown"])
    # Margin 25 %: so far (25 + 75) / 2 = 50, ahead (40 + 60) / 2 = 50, cost 40: 2.5 to 1.
    assert local.reduce(frame, Costs(0.25)) == {
        "customers": 2, "cost": 40.0, "margin_so_far": 50.0, "margin_ahead": 50.0, "ratio": 2.5,
    }  # fmt: skip


def test_shares_of_stages_are_those_of_buyers() -> None:
    stages = ["guests", "new", "new", "loyal"]
    frame = pl.DataFrame(
        {"stage": stages, "purchases": [0, 1, 0, 2], "in_control": [False] * 4}
        | {name: [1.0] * 4 for name in ("clv", "total_spend", "expected_purchases", "p_alive")}
    )
    named = [(name, None) for name in ("guests", "new", "loyal", "lost")]
    rows = stage_rows(local.reduce(frame, Stages(tuple(name for name, _ in named))), named)
    assert [(row["customers"], row["share"]) for row in rows] == [(1, None), (2, 0.5), (1, 0.5), (0, 0.0)]
