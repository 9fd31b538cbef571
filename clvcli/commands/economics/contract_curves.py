"""Which retention curve each contract follows: that of its plan and year of start where those are enough, else of all
contracts that renew as often."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.commands.economics.renewal import renewals_of
from clvcli.models.base import Fit
from clvcli.models.contract import curves
from clvcli.models.contract.sbg import Renewals

ENOUGH = 30
"""Departures from which on a group may have a curve of its own."""
RENEWALS = 3
"""Renewals that a group must have seen for that."""
MOST = 40
"""Groups that are tried at most, those with the most departures first: each takes a third of a second."""
PARTS = (("plan",), ("cohort",), ("plan", "cohort"))


@dataclass(frozen=True)
class Curve:
    """Contracts that renew every `renewal_months`, of one plan or year of start where these have a curve of their own.

    `contracts`, `left`: how many it rests on; `fit` has no parameters where there is no shape to learn.
    """

    renewal_months: int
    plan: str | None
    cohort: int | None
    contracts: int
    left: int
    fit: Fit
    seen: Renewals

    @property
    def name(self) -> str:
        """`pro, 2023`, or `pooled`."""
        return ", ".join(str(part) for part in (self.plan, self.cohort) if part is not None) or "pooled"


def with_curves(relations: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, list[Curve]]:
    """The relationships (see contracts.relationships) with `cohort`, the year of their start, and `curve`, a place in
    the list; the most common renewal length first."""
    known = relations.with_columns(cohort=pl.col("start").dt.year().cast(pl.Int64), curve=pl.lit(0, pl.Int64))
    counts = known["renewal"].value_counts(name="n").sort(["n", "renewal"], descending=[True, False])
    found: list[Curve] = []
    for months in counts["renewal"]:
        own = known.filter(pl.col("renewal") == months)
        for curve in _chosen(own, months, as_of):
            mine = pl.col("renewal") == months
            for column, value in (("plan", curve.plan), ("cohort", curve.cohort)):
                mine &= pl.lit(True) if value is None else (pl.col(column) == value).fill_null(False)
            known = known.with_columns(curve=pl.when(mine).then(len(found)).otherwise("curve").cast(pl.Int64))
            found.append(curve)
    return known, found


def _chosen(own: pl.DataFrame, months: int, as_of: date) -> list[Curve]:
    """The pooled curve, then those of the groups of the partition that is the best by BIC; the pooled one alone where
    none is better."""
    pooled = _curve(own, months, as_of, {})
    if pooled.fit.log_likelihood is None:
        return [pooled]
    price = 0.5 * math.log(own.height)
    best, chosen = pooled.fit.log_likelihood - price * len(pooled.fit.params), [pooled]
    for part in PARTS:
        groups = own.drop_nulls(list(part)).partition_by(list(part), as_dict=True)
        named = [dict(zip(part, key, strict=True)) for key in sorted(groups)]
        gone = {tuple(name.values()): groups[tuple(name.values())]["end"].count() for name in named}
        large = [name for name in named if gone[tuple(name.values())] >= ENOUGH]
        large = sorted(large, key=lambda name: -gone[tuple(name.values())])[:MOST]
        curved = [_curve(groups[tuple(name.values())], months, as_of, name) for name in large]
        able = [c for c in curved if len(c.seen.left) >= RENEWALS and c.fit.params]
        rest = own
        for curve in able:
            same = [(pl.col(n) == getattr(curve, n)).fill_null(False) for n in part]
            rest = rest.filter(~pl.all_horizontal(same))
        value = math.fsum((c.fit.log_likelihood or 0.0) - price * len(c.fit.params) for c in able)
        if rest.height:
            value += curves.log_likelihood(pooled.fit, renewals_of(rest, months, as_of))
            value -= price * len(pooled.fit.params)
        if able and value > best:
            best, chosen = value, [pooled, *able]
    return chosen


def _curve(own: pl.DataFrame, months: int, as_of: date, name: Mapping[str, Any]) -> Curve:
    seen = renewals_of(own, months, as_of)
    left = int(seen.left.sum())
    return Curve(months, name.get("plan"), name.get("cohort"), own.height, left, curves.fitted(seen), seen)
