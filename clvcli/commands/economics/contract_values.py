"""What every contract is still worth: renewals and revenue to come, and the chance that it ends at the next renewal.

A contract pays `monthly` x `term` every `term` months and may end every `renewal` months, as its curve says.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.commands.economics.contract_curves import Curve, with_curves
from clvcli.commands.economics.contracts import Contracts, numbered, relationships
from clvcli.commands.economics.renewal import months_between
from clvcli.models.base import Array
from clvcli.models.contract import curves
from clvcli.models.contract.curves import Residual
from clvcli.models.contract.sbg import LONGEST, Renewals

RESAMPLED = 40
NEGLIGIBLE = 1e-12
"""A discount below which payments of an endless horizon are left out."""
NORMAL = 1.6448536269514722
"""The 95 % quantile of a normal distribution."""
KEYS = ["curve", "renewal", "term", "age", "wait"]
"""What says how much of its price a running contract will bring."""
SHAPE = {
    "contract_id": pl.String(),
    "customer_id": pl.String(),
    "plan": pl.String(),
    "start": pl.Date(),
    "end": pl.Date(),
    "status": pl.String(),
    "monthly": pl.Float64(),
    "renewal_months": pl.Int64(),
    "tenure_months": pl.Int64(),
    "renewals": pl.Int64(),
    "next_renewal": pl.Date(),
    "p_churn": pl.Float64(),
    "expected_renewals": pl.Float64(),
    "expected_revenue": pl.Float64(),
    "revenue_low": pl.Float64(),
    "revenue_high": pl.Float64(),
    "clv": pl.Float64(),
    "model": pl.String(),
    "model_group": pl.String(),
}
"""The columns of the table, before the stage."""


@dataclass(frozen=True)
class ContractValues:
    """`table`: a row a contract, see SHAPE, sorted by customer_id, start and contract_id. `curves`: what they follow.

    `running`: how many have not ended; `valued`: those of them that follow a curve; `revenue`: expected of these within
    the horizon, `low` and `high` 90 % of what it may be, by chance and by what the curves do not know; `elasticity`:
    d ln revenue / d ln retention. None where no curve could be fitted or the horizon has no end.
    """

    table: pl.DataFrame
    curves: tuple[Curve, ...]
    running: int
    valued: int
    revenue: float | None
    low: float | None
    high: float | None
    elasticity: float | None


@dataclass(frozen=True)
class _Ahead:
    """Contracts that are alike in what lies ahead: the renewals before each payment and its discount."""

    curve: int
    passed: int
    due: npt.NDArray[np.int64]
    weights: Array
    most: int


def contract_values(
    contracts: Contracts, *, horizon_months: float, discount_rate: float, margin: pl.DataFrame | float, decimals: int
) -> ContractValues:  # fmt: skip
    """Of all contracts as of their day. `margin`: a rate, or customer_id and margin."""
    relations, found = with_curves(relationships(contracts.spells), contracts.as_of)
    rows = _rows(contracts, relations, decimals, dated=discount_rate > 0)
    finite = math.isfinite(horizon_months)
    months = round(horizon_months) if finite else _endless(discount_rate)
    runs = rows.filter(pl.col("status") == "running")
    kinds = runs.select(KEYS).unique().sort(KEYS)
    aheads = {row: _ahead(row, months, discount_rate) for row in kinds.iter_rows() if found[row[0]].fit.params}
    deepest = {c: max(a.passed + a.most for a in aheads.values() if a.curve == c) + 1 for c, *_ in aheads}
    logs = {c: curves.log_survival(found[c].fit, n) for c, n in deepest.items()}
    left = {row: curves.residual(logs[a.curve], a.passed, a.due, a.weights, a.most) for row, a in aheads.items()}
    table = _told(rows, left, found, margin, finite=finite)
    if not left:
        return ContractValues(table, tuple(found), runs.height, 0, None, None, None, None)
    price = pl.col("monthly") * pl.col("term")
    summed = runs.select(*KEYS, price=price, square=price**2).group_by(KEYS).agg(pl.exclude(KEYS).sort().sum())
    totals = {row[:5]: row[5:] for row in summed.sort(KEYS).iter_rows()}
    revenue = math.fsum(totals[row][0] * r.value for row, r in left.items())
    moved = math.fsum(totals[row][0] * r.moved for row, r in left.items())
    low = high = None
    if finite:
        chance = math.fsum(totals[row][1] * r.variance for row, r in left.items())
        spread = NORMAL * math.sqrt(chance + _unknown(found, aheads, totals, deepest))
        low, high = max(0.0, revenue - spread), revenue + spread
    elasticity = moved / revenue if revenue else None
    valued = runs.join(kinds.filter(pl.col("curve").is_in(list(logs))), on=KEYS, how="semi").height
    return ContractValues(table, tuple(found), runs.height, valued, revenue, low, high, elasticity)


def _endless(rate: float) -> int:
    """Months after which what a payment is worth is next to nothing."""
    return min(LONGEST, math.ceil(-12 * math.log(NEGLIGIBLE) / math.log1p(rate)))


def _rows(contracts: Contracts, relations: pl.DataFrame, decimals: int, *, dated: bool) -> pl.DataFrame:
    """A row a contract, with what its relationship says: `curve`, `began`, `age` in whole months, and `wait`, the days
    until the next payment where these are `dated`."""
    as_of = contracts.as_of
    own = relations if contracts.paid else numbered(contracts.spells)
    begun = relations.select("chain", "renewal", "curve", began="start", over="end")
    rows = own.drop("renewal", "curve", strict=False).join(begun, on="chain", how="left", maintain_order="left")
    runs = pl.col("end").is_null()
    goes_on = pl.col("over").is_null() | (pl.col("over") > pl.col("end"))
    status = pl.when(runs).then(pl.lit("running")).when(goes_on).then(pl.lit("replaced")).otherwise(pl.lit("ended"))
    rows = rows.with_columns(status=status, monthly=pl.col("monthly") / 10.0**decimals)
    age = months_between(rows.select(start="began", end=pl.col("end").fill_null(as_of)), up=False)
    rows = rows.with_columns(age=pl.Series(age, dtype=pl.Int64))
    payment = (pl.col("age") // pl.col("term") + 1) * pl.col("term")
    wait = (pl.col("began").dt.offset_by(pl.format("{}mo", payment)) - pl.lit(as_of)).dt.total_days().clip(0)
    return rows.with_columns(wait=pl.when(runs & dated).then(wait).otherwise(0).cast(pl.Int64))


def _ahead(kind: tuple[int, ...], months: int, rate: float) -> _Ahead:
    """Payments stand at whole months of the contract's age; the first is `wait` days away."""
    curve, renewal, term, age, wait = kind
    passed = age // renewal
    at = np.arange(age // term + 1, (age + months) // term + 1, dtype=np.int64) * term
    years = wait / 365.25 + np.arange(at.size, dtype=np.float64) * (term / 12)
    weights = np.asarray((1 + rate) ** -years, dtype=np.float64)
    return _Ahead(curve, passed, at // renewal - passed, weights, (age + months) // renewal - passed)


def _told(
    rows: pl.DataFrame, left: dict[tuple[int, ...], Residual], found: list[Curve],
    margin: pl.DataFrame | float, *, finite: bool,
) -> pl.DataFrame:  # fmt: skip
    known = pl.DataFrame(
        [(*row, r.churn, r.renewals, r.value, r.low, r.high) for row, r in left.items()],
        schema=dict.fromkeys(KEYS, pl.Int64) | dict.fromkeys(("p_churn", "more", "value", "low", "high"), pl.Float64),
        orient="row",
    )
    named = pl.DataFrame(
        {"curve": range(len(found)), "model": [c.fit.name if c.fit.params else None for c in found],
         "model_group": [c.name for c in found]},
        schema={"curve": pl.Int64, "model": pl.String, "model_group": pl.String},
    )  # fmt: skip
    table = rows.join(known, on=KEYS, how="left", maintain_order="left").join(named, on="curve", how="left")
    rate: pl.Expr = pl.lit(margin) if isinstance(margin, float) else pl.col("margin")
    if not isinstance(margin, float):
        table = table.join(margin, on="customer_id", how="left", maintain_order="left")
    runs = pl.col("status") == "running"
    price = pl.col("monthly") * pl.col("term")

    def expected(column: str, factor: pl.Expr) -> pl.Expr:
        """Nothing of what has ended."""
        return pl.when(runs).then((pl.col(column) * factor).round_sig_figs(10)).otherwise(0.0)

    none = pl.lit(None, pl.Float64)
    renewals = pl.col("age") // pl.col("renewal")
    made = table.with_columns(
        contract_id="contract",
        end="until",
        renewal_months="renewal",
        tenure_months="age",
        renewals=renewals,
        next_renewal=pl.when(runs).then(
            pl.col("began").dt.offset_by(pl.format("{}mo", (renewals + 1) * pl.col("renewal")))
        ),
        p_churn=pl.when(runs).then(pl.col("p_churn").round_sig_figs(10)),
        expected_renewals=expected("more", pl.lit(1.0)) if finite else none,
        expected_revenue=expected("value", price),
        revenue_low=expected("low", price) if finite else none,
        revenue_high=expected("high", price) if finite else none,
        clv=expected("value", price * rate),
    )
    return made.select(pl.col(n).cast(kind) for n, kind in SHAPE.items()).sort(
        "customer_id", "start", "contract_id", "monthly", "end", nulls_last=True
    )


def _unknown(
    found: list[Curve], aheads: dict[tuple[int, ...], _Ahead], totals: dict[tuple[int, ...], tuple[float, float]],
    deepest: dict[int, int],
) -> float:  # fmt: skip
    """Variance of the total from what the curves do not know: each fitted anew to its contracts drawn again."""
    random = np.random.default_rng(0)
    variance = 0.0
    for c, curve in enumerate(found):
        mine = [(totals[row][0], a) for row, a in aheads.items() if a.curve == c]
        if not mine:
            continue
        drawn = []
        for _ in range(RESAMPLED):
            seen = Renewals(*(random.poisson(part).astype(np.float64) for part in (curve.seen.left, curve.seen.stayed)))
            if not seen.left.sum():
                continue
            log_s = curves.log_survival(curves.near(curve.fit, seen), deepest[c])
            drawn.append(
                math.fsum(p * float(np.exp(log_s[a.passed + a.due] - log_s[a.passed]) @ a.weights) for p, a in mine)
            )
        variance += float(np.var(drawn, ddof=1)) if len(drawn) > 1 else 0.0
    return variance
