"""Fields that conditions may use beside the output columns: functions of one row and of frozen whole-table facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.lifecycle.names import COST, DERIVED

PRIOR_GAPS = 1
"""Gaps of average length that a customer's own rhythm starts from."""


@dataclass(frozen=True)
class Facts:
    """Whole-table values, frozen: taken once from the table that the cuts were taken from, carried by a saved model.

    as_of: the day on which the run stands.
    typical_gap: days; 75th percentile (linear interpolation) of second purchase - first purchase over customers who
        made a second one; None when nobody did.
    mean_gap: days; sum over repeat buyers of (last - first purchase) / sum of their (purchases - 1); None without any.
    mean_p_purchase: mean of p_purchase over the customers that have one; None without a model.
    total_clv: sum of clv over the customers that have one, in currency; None without a model.
    """

    as_of: date
    typical_gap: float | None = None
    mean_gap: float | None = None
    mean_p_purchase: float | None = None
    total_clv: float | None = None


def derive(batch: pl.DataFrame, needs: Iterable[str], facts: Facts) -> pl.DataFrame:
    """`batch` with the derived fields among `needs` (see names.DERIVED); a field that cannot be told is null.

    `spend_trend` reads `total` and `last3_total` (minor units) besides the output columns.
    """
    wanted = sorted(set(needs) & set(DERIVED))
    expressions = {name: _expression(name, facts, batch.columns) for name in wanted}
    return batch.with_columns(expr.cast(DERIVED[name][0]).alias(name) for name, expr in expressions.items())


def _expression(name: str, facts: Facts, columns: Sequence[str]) -> pl.Expr:
    made = {
        "as_of": lambda: pl.lit(facts.as_of),
        "customer_age_days": lambda: _days(pl.lit(facts.as_of) - pl.col("first_purchase_date")),
        "typical_gap": lambda: pl.lit(facts.typical_gap, pl.Float64),
        "overdue": lambda: _overdue(facts.mean_gap),
        "p_purchase_vs_average": lambda: _over(pl.col("p_purchase"), facts.mean_p_purchase),
        "value_at_stake": lambda: pl.col("clv") * (1.0 - pl.col("p_alive")),
        "value_share": lambda: _over(pl.col("clv"), facts.total_clv),
        "clv_to_cac": lambda: _clv_to_cac() if COST in columns else pl.lit(None),
        "spend_trend": _spend_trend,
    }
    return made[name]()


def _days(span: pl.Expr) -> pl.Expr:
    return span.dt.total_days()


def _over(value: pl.Expr, whole: float | None) -> pl.Expr:
    """value / whole; null where the whole is unknown or 0."""
    # Polars multiplies by the reciprocal of a constant, except in a batch of one row.
    return value / (value * 0 + whole) if whole else pl.lit(None, pl.Float64)


def _overdue(mean_gap: float | None) -> pl.Expr:
    """Silence over the customer's own mean gap, shrunk towards everybody's as if one such gap had been seen."""
    if not mean_gap:
        return pl.lit(None, pl.Float64)
    active = _days(pl.col("last_purchase_date") - pl.col("first_purchase_date"))
    rhythm = (active + PRIOR_GAPS * mean_gap) / (pl.col("purchases") - 1 + PRIOR_GAPS)
    return pl.when(pl.col("purchases") > 0).then(pl.col("days_since_last_purchase") / rhythm)


def cost_read() -> pl.Expr:
    """The cost of winning a customer, null where it is no number of 0 or more."""
    cost = pl.col(COST).cast(pl.Float64, strict=False)
    return pl.when(cost.is_finite() & (cost >= 0)).then(cost)


def _clv_to_cac() -> pl.Expr:
    cost = cost_read()
    return pl.when(cost > 0).then((pl.col("clv") / cost).round_sig_figs(10))


def _spend_trend() -> pl.Expr:
    """Null with fewer than four purchases, and where the earlier ones were free."""
    earlier = pl.col("total") - pl.col("last3_total")
    known = (pl.col("purchases") > 3) & (earlier > 0)
    return pl.when(known).then(pl.col("last3_total") * (pl.col("purchases") - 3) / (3 * earlier))
