"""`predict` on a few customers made by hand: terms of the run, bounds of the dates, groups, leads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from clvcli.models.base import CONVERGED, Fit
from clvcli.models.predictive import spend_quantiles
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.describe import predict
from clvcli.scoring.predict import LAST_DAY, MAX_WAIT_DAYS, alert_date, next_purchase, spend_seen
from clvcli.scoring.terms import Fits, Scorer

AS_OF = date(2024, 12, 31)
PURCHASE = Fit("bg-nbd", {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}, {}, -1.0, CONVERGED)
FASTER = replace(PURCHASE, params={**PURCHASE.params, "alpha": 2.0})
SPEND = Fit("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.4}, {}, -1.0, CONVERGED)
SCORER = Scorer(
    as_of=AS_OF, horizon_days=364.0, time_unit="week", decimals=2, margin=1.0, discount_rate=0.0, alert=0.5,
    basis="all", pooled=Fits(PURCHASE, SPEND),
)  # fmt: skip
MONEY = ["clv", "clv_low", "clv_high"]


def batch(**more: Sequence[object]) -> pl.DataFrame:
    """Five buyers and a lead, in cents: (first day, last day, purchases, total, first total, paid days, of repeats)."""
    rows = [
        ("a", date(2024, 1, 1), date(2024, 12, 1), 9, 90_000, 12_000, 9, 8),
        ("b", date(2024, 1, 1), date(2024, 1, 1), 1, 3_000, 3_000, 1, 0),
        ("c", date(2023, 3, 5), date(2024, 8, 20), 4, 20_000, 5_000, 3, 2),
        ("d", date(2024, 12, 31), date(2024, 12, 31), 1, 0, 0, 0, 0),
        ("e", date(2022, 6, 1), date(2024, 12, 30), 40, 400_000, 9_900, 40, 39),
        ("lead", None, None, 0, 0, 0, 0, 0),
    ]
    names = [
        "customer_id",
        "first_day",
        "last_day",
        "purchases",
        "total",
        "first_total",
        "paid_days",
        "repeat_paid_days",
    ]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(**{k: pl.Series(v) for k, v in more.items()})


def close(got: pl.Series, wanted: pl.Series) -> bool:
    assert got.is_null().equals(wanted.is_null(), check_names=False)
    return got.drop_nulls().to_list() == pytest.approx(wanted.drop_nulls().to_list(), rel=1e-9)


@pytest.mark.parametrize("discount", [0.0, 0.2])
def test_a_season_scales_purchases_and_value_and_is_a_longer_horizon_for_chances(discount: float) -> None:
    plain = replace(SCORER, counts=3, discount_rate=discount)
    now, later = predict(batch(), replace(plain, season=1.25)), predict(batch(), replace(plain, horizon_days=455.0))
    one = predict(batch(), plain)
    assert close(now["expected_purchases"], one["expected_purchases"] * 1.25)
    assert close(now["clv"], one["clv"] * 1.25)
    for name in ("p_purchase", "p_count_0", "p_count_1", "p_count_3", "p_count_more"):
        assert close(now[name], later[name])
    if not discount:
        assert close(now["clv_high"], later["clv_high"])
    assert now["p_alive"].equals(one["p_alive"])


MODELS = {
    "bg-nbd": PURCHASE.params,
    "mbg-nbd": {"r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6},
    "pareto-nbd": {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7},
    "bg-cnbd": {"k": 2.0, "r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6},
    "mbg-cnbd": {"k": 2.0, "r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6},
}


@pytest.mark.parametrize("name", MODELS)
def test_each_customer_by_its_own_history(name: str) -> None:
    """Histories that agree in all but the last day, or in all but what was paid, are told apart where it matters."""
    first, model, params = date(2024, 1, 1), purchase_model(name), MODELS[name]
    rows = [
        (f"c{i}", first, last, 4, total, 500, 4, 3)
        for i, (last, total) in enumerate([(date(2024, m, 1), t) for m in (3, 9, 12) for t in (4_000, 9_000)])
    ]
    fit = Fit(name, params, {}, -1.0, CONVERGED)
    scorer = replace(SCORER, counts=2, pooled=Fits(fit, SPEND))
    table = predict(pl.DataFrame(rows, schema=batch().columns, orient="row"), scorer)
    x, T = np.full(6, 3.0), np.full(6, 365 / 7)
    t_x = np.array([(row[2] - first).days / 7 for row in rows])
    alive = model.p_alive(params, x, t_x, T)
    counts = model.pmf(params, x, t_x, T, 52.0, 2)
    paid = np.array([row[4] for row in rows]) / 400
    amount = spend_model("gamma-gamma").expected_value(SPEND.params, x + 1, paid)
    bought = alive * model.expected_purchases(params, x, t_x, T, 52.0)
    for column, wanted in {
        "p_alive": alive,
        "expected_purchases": bought,
        "p_purchase": alive * (1 - model.p_no_purchase(params, x, t_x, T, 52.0)),
        "clv": bought * amount,
        "clv_high": spend_quantiles(
            fit,
            SPEND,
            x=x,
            t_x=t_x,
            T=T,
            p_alive=alive,
            n=x + 1,
            mean=paid,
            t=52.0,
        )[1],
        "p_count_0": 1 - alive + alive * counts[:, 0],
        "p_count_2": alive * counts[:, 2],
    }.items():
        assert table[column].to_list() == pytest.approx(wanted.tolist(), rel=1e-8), column
    silent = np.floor(np.round(model.alert_wait(params, x, t_x, 0.5) * 7, 9)) + 1
    for row, days, told in zip(rows, silent, table["alert_date"], strict=True):
        assert told == (row[2] + timedelta(days=int(days)) if np.isfinite(days) else None)


def test_counts_hold_the_chance_of_a_purchase() -> None:
    table = predict(batch(), replace(SCORER, counts=2)).head(5)
    assert close(1 - table["p_count_0"], table["p_purchase"])
    assert table["p_alive"].min() < 0.9  # type: ignore[operator]
    names = ["p_count_0", "p_count_1", "p_count_2", "p_count_more"]
    assert table.select(pl.sum_horizontal(names)).to_series().to_list() == pytest.approx([1.0] * 5)
    zero = predict(batch(), replace(SCORER, counts=0)).head(5)
    assert close(zero["p_count_more"], table["p_purchase"])


def test_without_end_there_is_no_season() -> None:
    endless = replace(SCORER, horizon_days=float("inf"), discount_rate=0.1)
    assert predict(batch(), replace(endless, season=1.25)).equals(predict(batch(), endless))


def test_a_discount_scales_value_and_interval_alike() -> None:
    one, less = predict(batch(), SCORER), predict(batch(), replace(SCORER, discount_rate=0.2))
    model, at = purchase_model("bg-nbd"), (np.array([8.0]), np.array([335 / 7]), np.array([365 / 7]))
    params, delta = PURCHASE.params, np.log(1.2) * 7 / 365.25
    ratio = model.expected_purchases(params, *at, 52.0, delta)[0] / model.expected_purchases(params, *at, 52.0)[0]
    assert less["expected_purchases"].equals(one["expected_purchases"])
    assert one["clv_low"][4] > 0
    assert less["clv_low"][4] / one["clv_low"][4] == pytest.approx(less["clv_high"][4] / one["clv_high"][4], rel=1e-8)
    assert less["clv_low"][4] / one["clv_low"][4] == pytest.approx(less["clv"][4] / one["clv"][4], rel=1e-8)
    for name in MONEY:
        assert less[name][0] == pytest.approx(one[name][0] * ratio, rel=1e-9)


def test_value_is_margin_times_chance_times_purchases_times_amount() -> None:
    model, spend = purchase_model("bg-nbd"), spend_model("gamma-gamma")
    x, t_x, T = np.array([8.0]), np.array([335 / 7]), np.array([365 / 7])
    alive, bought = (
        model.p_alive(PURCHASE.params, x, t_x, T),
        model.expected_purchases(PURCHASE.params, x, t_x, T, 52.0),
    )
    amount = spend.expected_value(SPEND.params, np.array([9.0]), np.array([100.0]))
    row = predict(batch(), replace(SCORER, margin=0.3)).row(0, named=True)
    assert row["p_alive"] == pytest.approx(alive[0], rel=1e-9)
    assert row["expected_purchases"] == pytest.approx((alive * bought)[0], rel=1e-9)
    assert row["expected_purchase_value"] == pytest.approx(amount[0], rel=1e-9)
    assert row["clv"] == pytest.approx(0.3 * (alive * bought * amount)[0], rel=1e-9)


def test_a_margin_of_each_customer() -> None:
    margins = [1.0, 0.5, 0.0, 0.25, 2.0, 1.0]
    own, one = predict(batch(margin=margins), replace(SCORER, margin=None)), predict(batch(), SCORER)
    for name in MONEY:
        assert close(own[name].head(5), one[name].head(5) * pl.Series(margins).head(5))


@pytest.mark.parametrize(("basis", "n", "mean"), [("all", 9.0, 100.0), ("repeat", 8.0, 97.5)])
def test_what_the_spend_model_sees(basis: str, n: float, mean: float) -> None:
    seen = spend_seen(batch(), replace(SCORER, basis=basis))
    assert (seen[0][0], seen[1][0]) == (n, mean)
    assert (seen[0][3], seen[1][3]) == (0.0, 0.0)


def test_what_needs_no_model() -> None:
    table = predict(batch(), replace(SCORER, time_unit="day", pooled=None))
    rows = {row["customer_id"]: row for row in table.iter_rows(named=True)}
    a, once, lead = rows["a"], rows["b"], rows["lead"]
    assert (a["frequency"], a["recency"], a["T"], a["days_since_last_purchase"]) == (8, 335.0, 365.0, 30)
    assert (a["total_spend"], a["avg_purchase_value"], a["monetary_value"]) == (900.0, 100.0, 97.5)
    assert a["avg_days_between_purchases"] == 41.875
    assert (once["frequency"], once["recency"], once["avg_purchase_value"]) == (0, 0.0, 30.0)
    assert once["monetary_value"] is None
    assert once["avg_days_between_purchases"] is None
    assert {name for name, value in lead.items() if value is not None} <= {
        "customer_id", "purchases", "total", "first_total", "paid_days", "repeat_paid_days", "total_spend",
    }  # fmt: skip
    assert all(row["clv"] is None for row in rows.values())


def test_each_group_by_its_own_models_and_the_others_by_the_pooled_ones() -> None:
    groups = ["y", "x", "y", None, "z", None]
    scorer = replace(SCORER, groups={"y": Fits(FASTER, SPEND)})
    mixed = predict(batch(model_group=groups), scorer)
    pooled, faster = predict(batch(), SCORER), predict(batch(), replace(SCORER, pooled=Fits(FASTER, SPEND)))
    assert mixed["customer_id"].to_list() == pooled["customer_id"].to_list()
    for i, group in enumerate(groups):
        wanted = faster if group == "y" else pooled
        assert mixed["clv"][i] == wanted["clv"][i]
        assert mixed["alert_date"][i] == wanted["alert_date"][i]
    assert pooled["clv"][0] != faster["clv"][0]


def test_the_next_purchase_is_told_up_to_two_years_ahead_of_those_alive() -> None:
    waits = np.array([1.0, 1.01, MAX_WAIT_DAYS / 7, (MAX_WAIT_DAYS + 1) / 7, 1.0, 1.0, np.inf])
    days = next_purchase(AS_OF, waits, np.array([1.0, 1.0, 1.0, 1.0, 0.5, 0.49, 1.0])).to_list()
    wanted = [
        AS_OF + timedelta(7),
        AS_OF + timedelta(8),
        AS_OF + timedelta(730),
        None,
        AS_OF + timedelta(7),
        None,
        None,
    ]
    assert days == wanted


def test_the_alert_is_the_day_after_the_wait() -> None:
    last = np.array([0.0, 0.0, 10.0, 0.0, float((LAST_DAY - date(1970, 1, 1)).days - 8), 10.0])
    waits = np.array([0.0, 1.0, 1.5, np.inf, 1.0, 1e9])
    wanted = [date(1970, 1, 2), date(1970, 1, 9), date(1970, 1, 22), None, LAST_DAY, None]
    assert alert_date(last, waits).to_list() == wanted


def test_all_customers_leads() -> None:
    table = predict(batch().filter(pl.col("purchases") == 0), SCORER)
    assert table["p_alive"].to_list() == [None]
