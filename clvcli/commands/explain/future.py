"""What may become of a customer: P(alive) over time, and the chances of purchases."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clvcli.commands.explain.moves import inputs
from clvcli.models.registry import purchase_model
from clvcli.scoring.describe import predict
from clvcli.scoring.terms import count_columns

if TYPE_CHECKING:
    from clvcli.scoring.scored import Scored

Array = NDArray[np.float64]
POINTS = 60
AHEAD = 365
MOST = 5


def alive_over_time(
    days: Sequence[date], as_of: date, model: str, params: Mapping[str, float]
) -> tuple[tuple[date, float], ...]:
    """P(alive) as the model would say on each of some 60 days, from the first purchase to a year ahead in silence.

    Every purchase day and as_of are among them. Empty without purchases. `params` are in weeks.
    """
    if not days:
        return ()
    end = as_of + timedelta(days=AHEAD)
    span = (end - days[0]).days
    steps = {days[0] + timedelta(days=round(i * span / POINTS)) for i in range(POINTS + 1)}
    shown = sorted(steps | set(days[-POINTS:]) | {as_of})
    bought = np.searchsorted(np.array(days, dtype="datetime64[D]"), np.array(shown, dtype="datetime64[D]"), "right")
    x = bought.astype(np.float64) - 1
    t_x = np.array([(days[n - 1] - days[0]).days / 7 for n in bought])
    T = np.array([(day - days[0]).days / 7 for day in shown])
    return _told(shown, model, params, x, t_x, T)


def alive_ahead(
    first: date, last: date, purchases: int, as_of: date, model: str, params: Mapping[str, float]
) -> tuple[tuple[date, float], ...]:
    """The same from the last purchase on, of a customer of whom no other is known but the first."""
    span = (as_of - last).days + AHEAD
    shown = sorted({last + timedelta(days=round(i * span / POINTS)) for i in range(POINTS + 1)} | {as_of})
    x, t_x = np.full(len(shown), purchases - 1.0), np.full(len(shown), (last - first).days / 7)
    T = np.array([(day - first).days / 7 for day in shown])
    return _told(shown, model, params, x, t_x, T)


def _told(
    days: Sequence[date], model: str, params: Mapping[str, float], x: Array, t_x: Array, T: Array
) -> tuple[tuple[date, float], ...]:
    alive = purchase_model(model).p_alive(params, x, t_x, T)
    return tuple((day, round(float(p), 6)) for day, p in zip(days, alive, strict=True))


def counts(row: pl.DataFrame, scored: "Scored") -> tuple[float, ...]:
    """Chance of 0, 1, ... 5 and of more purchases within the horizon; empty without a model or for an infinite one."""
    scorer = dataclasses.replace(scored.scorer, counts=MOST)
    names = count_columns(MOST)
    bare = row.select([name for name in row.columns if name not in names])
    predicted = predict(inputs(bare, scored), scorer).select(names).row(0)
    return () if any(p is None for p in predicted) else tuple(round(p, 6) for p in predicted)
