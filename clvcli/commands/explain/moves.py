"""What would change a customer's stage: purchases, a large purchase, silence. The cuts of the run stay as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from clvcli.engines.base import CUSTOMER_COLUMNS, Engine
from clvcli.log.purchases import Purchases
from clvcli.models.registry import purchase_model
from clvcli.scoring.describe import predict

if TYPE_CHECKING:
    from clvcli.scoring.scored import Scored

SILENCE = 730
MOST_PURCHASES = 6
TIMES = (2, 3, 5, 10)
Stage = tuple[str, str | None]


@dataclass(frozen=True)
class Move:
    """A change that would bring the customer to `stage`, where it stands on `when`.

    Kind purchase: `purchases` of `amount` each, one a day from as_of on. Kind silence: no purchase until `when`.
    """

    kind: str
    when: date
    amount: float | None
    stage: str
    phase: str | None
    purchases: int = 0


def moves(row: pl.DataFrame, bought: pl.DataFrame, scored: "Scored", engine: Engine) -> tuple[Move, ...]:
    """One purchase of the usual amount; where more of them, or a larger one, lead elsewhere, the least that does; and
    the stages that silence leads through in two years. For a lead the usual amount is that of all purchases.
    """
    amounts = bought if bought.height else scored.log.purchases
    usual = max(1, round(amounts["amount"].mean() or 0))  # type: ignore[arg-type]
    found = list(_growth(row, bought, usual, scored, engine))
    return (*found, *_silence(row, scored)) if bought.height else tuple(found)


def _growth(row: pl.DataFrame, bought: pl.DataFrame, usual: int, scored: "Scored", engine: Engine) -> Iterator[Move]:
    money, today, now = 10.0**scored.scorer.decimals, scored.log.as_of, row["stage"][0]
    once = _after(row, bought, 1, usual, scored, engine)
    yield Move("purchase", today, usual / money, *once, purchases=1)
    for n in range(2, MOST_PURCHASES + 1):
        reached = _after(row, bought, n, usual, scored, engine)
        if reached[0] not in (once[0], now):
            yield Move("purchase", today + timedelta(days=n - 1), usual / money, *reached, purchases=n)
            break
    for times in TIMES:
        reached = _after(row, bought, 1, usual * times, scored, engine)
        if reached[0] not in (once[0], now):
            yield Move("purchase", today, usual * times / money, *reached, purchases=1)
            break


def _after(row: pl.DataFrame, bought: pl.DataFrame, n: int, amount: int, scored: "Scored", engine: Engine) -> Stage:
    """The stage after `n` purchases, today and on the days after it."""
    back, today = timedelta(days=n - 1), scored.log.as_of
    new = {"customer_id": [row["customer_id"][0]] * n, "day": [today - timedelta(days=i) for i in range(n)]}
    earlier = bought.with_columns(pl.col("day") - back)  # every date moves back, so that as_of and the cuts may stand
    days = pl.concat([earlier, pl.DataFrame({**new, "amount": [amount] * n}, schema=bought.schema)])
    days = days.group_by("customer_id", "day").agg(pl.col("amount").sum()).sort("customer_id", "day")
    fresh = engine.customers(Purchases.of(days), _model_needs(scored))
    known = _back(inputs(row, scored), n - 1)
    fresh = fresh.with_columns(known[name] for name in known.columns if name not in (*CUSTOMER_COLUMNS, *fresh.columns))
    stage, phase = _classified(fresh, scored).select("stage", "phase").row(0)
    return stage, phase


def _silence(row: pl.DataFrame, scored: "Scored") -> Iterator[Move]:
    known = inputs(row, scored)
    later = pl.concat([_back(known, day, name=f"{day:05d}") for day in range(1, SILENCE + 1)])
    stages = [row.select("stage", "phase").row(0), *_classified(later, scored).select("stage", "phase").iter_rows()]
    for day, (before, after) in enumerate(pairwise(stages), start=1):
        if before != after:
            yield Move("silence", scored.log.as_of + timedelta(days=day), None, *after)


def _back(known: pl.DataFrame, days: int, name: str | None = None) -> pl.DataFrame:
    """The customer `days` later: every date moves back, so that as_of and the frozen cuts may stand."""
    dates = [pl.col(n) - pl.duration(days=days) for n, kind in known.schema.items() if kind == pl.Date]
    moved = known.with_columns(dates)
    return moved if name is None else moved.with_columns(customer_id=pl.lit(name))


def _classified(customers: pl.DataFrame, scored: "Scored") -> pl.DataFrame:
    from clvcli.scoring.classify import classify

    return classify(predict(customers, scored.scorer), scored.cuts, scored.rules, scored.log.as_of)


def inputs(row: pl.DataFrame, scored: "Scored") -> pl.DataFrame:
    """The internal columns of a scored row, attributes included: what `predict` starts from."""
    names = [*CUSTOMER_COLUMNS, *scored.people.schema, *_model_needs(scored), "model_group", "margin"]
    return row.select([name for name in dict.fromkeys(names) if name in row.columns])


def _model_needs(scored: "Scored") -> tuple[str, ...]:
    fits = scored.scorer.pooled
    return purchase_model(fits.purchase.name).needs if fits is not None else ()
