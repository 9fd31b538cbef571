"""What predictions need besides the customers: the fits and the terms of the run, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from clvcli.models.base import Fit


@dataclass(frozen=True)
class Fits:
    """The models of one group of customers."""

    purchase: Fit
    spend: Fit


@dataclass(frozen=True)
class Scorer:
    """Everything that `predict` needs besides the customers; plain values, so that it travels to workers.

    `horizon_days` is inf for the infinite horizon; `discount_rate` is per year; `margin` a rate or None where the
    customers bring a column `margin`. `groups` holds the fits of each value of the column `model_group`; `pooled` those
    of every other customer. `season` scales finite horizons (1: no season).
    """

    as_of: date
    horizon_days: float
    time_unit: str
    decimals: int
    margin: float | None
    discount_rate: float
    alert: float
    basis: str
    pooled: Fits | None
    groups: Mapping[str, Fits] = field(default_factory=dict)
    counts: int | None = None
    season: float = 1.0
    interval: bool = True
    """Whether clv_low and clv_high are wanted: they cost more than all the rest."""


def count_columns(counts: int | None) -> list[str]:
    """The columns of `--counts K`."""
    return [] if counts is None else [*(f"p_count_{k}" for k in range(counts + 1)), "p_count_more"]
