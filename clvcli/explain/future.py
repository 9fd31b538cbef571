"""What may become of a customer: P(alive) over time, chances of purchases, and what would change the stage."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from clvcli.engines.base import CUSTOMER_COLUMNS, Engine
from clvcli.models.registry import purchase_model
from clvcli.scoring import Fits, count_columns, predict

if TYPE_CHECKING:
    from clvcli.scored import Scored

POINTS = 60
AHEAD = 365
SILENCE = 730
MOST = 5


@dataclass(frozen=True)
class Move:
    """A change that would bring the customer to `stage`: a purchase of `amount` today, or silence until `when`."""

    kind: str
    when: date
    amount: float | None
    stage: str
    phase: str | None


def alive_over_time(days: Sequence[date], as_of: date, fits: Fits | None) -> tuple[tuple[date, float], ...]:
    """P(alive) as the model would say on each of some 60 days, from the first purchase to a year ahead in silence.

    Every purchase day and as_of are among them. Empty without purchases or a model.
    """
    if not days or fits is None or not fits.purchase.usable:
        return ()
    end = as_of + timedelta(days=AHEAD)
    span = (end - days[0]).days
    steps = {days[0] + timedelta(days=round(i * span / POINTS)) for i in range(POINTS + 1)}
    shown = sorted(steps | set(days[-POINTS:]) | {as_of})
    bought = np.searchsorted(np.array(days, dtype="datetime64[D]"), np.array(shown, dtype="datetime64[D]"), "right")
    x = bought.astype(np.float64) - 1
    t_x = np.array([(days[n - 1] - days[0]).days / 7 for n in bought])
    T = np.array([(day - days[0]).days / 7 for day in shown])
    alive = purchase_model(fits.purchase.name).p_alive(fits.purchase.params, x, t_x, T)
    return tuple((day, round(float(p), 6)) for day, p in zip(shown, alive, strict=True))


def counts(row: pl.DataFrame, scored: "Scored") -> tuple[float, ...]:
    """Chance of 0, 1, ... 5 and of more purchases within the horizon; empty without a model or for an infinite one."""
    scorer = dataclasses.replace(scored.scorer, counts=MOST)
    names = count_columns(MOST)
    bare = row.select([name for name in row.columns if name not in names])
    predicted = predict(_inputs(bare, scored), scorer).select(names).row(0)
    return () if any(p is None for p in predicted) else tuple(round(p, 6) for p in predicted)


def moves(row: pl.DataFrame, bought: pl.DataFrame, scored: "Scored", engine: Engine) -> tuple[Move, ...]:
    """One more purchase of the usual amount today; and the stages that silence leads through in the next two years."""
    if bought.is_empty():
        return ()
    money = 10.0**scored.scorer.decimals
    usual = max(1, round(bought["amount"].mean() or 0))  # type: ignore[arg-type]
    more = pl.DataFrame(
        {"customer_id": [row["customer_id"][0]], "day": [scored.log.as_of], "amount": [usual]}, schema=bought.schema
    )
    days = pl.concat([bought, more]).group_by("customer_id", "day").agg(pl.col("amount").sum())
    needs = [n for n in _inputs(row, scored).columns if n not in CUSTOMER_COLUMNS]
    fresh = engine.customers(days.sort("customer_id", "day"), _model_needs(scored))
    fresh = fresh.with_columns(row[name] for name in needs if name not in fresh.columns)
    bought_today = _classified(fresh, scored)
    found = [Move("purchase", scored.log.as_of, usual / money, *bought_today.select("stage", "phase").row(0))]
    inputs = _inputs(row, scored)
    later = pl.concat([_shifted(inputs, day) for day in range(1, SILENCE + 1)])
    stages = [row.select("stage", "phase").row(0), *_classified(later, scored).select("stage", "phase").iter_rows()]
    for day, (before, after) in enumerate(pairwise(stages), start=1):
        if before != after:
            found.append(Move("silence", scored.log.as_of + timedelta(days=day), None, *after))
    return tuple(found)


def _shifted(inputs: pl.DataFrame, days: int) -> pl.DataFrame:
    """The customer `days` later: every date moves back, so that as_of and the frozen cuts may stand."""
    dates = [pl.col(name) - pl.duration(days=days) for name, kind in inputs.schema.items() if kind == pl.Date]
    return inputs.with_columns(dates, customer_id=pl.format("{}", pl.lit(f"{days:05d}")))


def _classified(customers: pl.DataFrame, scored: "Scored") -> pl.DataFrame:
    from clvcli.classify import classify

    return classify(predict(customers, scored.scorer), scored.cuts, scored.rules, scored.log.as_of)


def _inputs(row: pl.DataFrame, scored: "Scored") -> pl.DataFrame:
    """The internal columns of a scored row, attributes included: what `predict` starts from."""
    names = [*CUSTOMER_COLUMNS, *scored.people.schema, *_model_needs(scored), "model_group", "margin"]
    return row.select([name for name in dict.fromkeys(names) if name in row.columns])


def _model_needs(scored: "Scored") -> tuple[str, ...]:
    fits = scored.scorer.pooled
    return purchase_model(fits.purchase.name).needs if fits is not None else ()
