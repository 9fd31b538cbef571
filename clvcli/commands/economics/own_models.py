"""The models of each group of --by: its own behaviour, as far as its customers are enough to know it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from clvcli.commands.economics.source import ASSIGNED, Source, members_of
from clvcli.engines import local as engine
from clvcli.models.base import Fit, History
from clvcli.models.registry import purchase_model
from clvcli.models.thinned import thinned
from clvcli.scoring.credibility import Part, credible_fits
from clvcli.scoring.predict import predict_buyers
from clvcli.scoring.terms import Scorer

Key = tuple[str | None, str | None]
Logged = Callable[[Mapping[str, float]], float]
REPLICATES, RESAMPLED = 12, 1_000
STEP = 0.02
FOR_EVER = 260.0
"""Weeks that stand for an infinite horizon where only the width of an interval is asked."""


@dataclass(frozen=True)
class OwnModel:
    """The models that stand for a group. `own`: which part of the purchase model rests on the group's own customers
    (1: all of it); `history`: theirs."""

    scorer: Scorer
    own: float
    history: History | None

    def predicted(self, buyers: pl.DataFrame) -> pl.DataFrame:
        """The buyers of the group, clv and expected_purchase_value by these models."""
        fits = self.scorer.pooled
        if fits is None or not fits.purchase.usable or buyers.is_empty():
            return buyers
        columns = predict_buyers(buyers, fits, replace(self.scorer, interval=False))
        return buyers.with_columns(columns[name].alias(name) for name in ("clv", "expected_purchase_value"))

    def repeats_error(self, weeks: float) -> float | None:
        """Standard error of the log of a new customer's expected repeat purchases within `weeks`, from the parameters:
        by the delta method or, where the likelihood is flat, from fits on resampled customers."""
        fits = self.scorer.pooled
        if fits is None or not fits.purchase.usable or self.history is None:
            return None
        model, at = purchase_model(fits.purchase.name), np.array([min(weeks, FOR_EVER)])

        def logged(params: Mapping[str, float]) -> float:
            return math.log(max(float(model.expected_from_birth(params, at)[0]), 1e-12))

        if fits.purchase.covariance is not None:
            return _delta(logged, fits.purchase)
        return _resampled(logged, fits.purchase, self.history)


def own_models(source: Source, groups: Sequence[Key], since: date | None) -> dict[Key, OwnModel]:
    """The models of everybody and of all groups. Stages and other columns that clv assigns by what customers did keep
    the pooled model: fitted on those who happened to buy, a model would take their luck for their nature.

    `since`: fit on customers first seen from then on.
    """
    scorer = source.scored.scorer
    pooled = scorer.pooled
    if source.contracts is not None or pooled is None or not pooled.purchase.usable:
        return dict.fromkeys(groups, OwnModel(scorer, 1.0, None))
    everybody = _part(source, source.customers, since)
    found = {key: OwnModel(scorer, 0.0, None) for key in groups}
    for column in dict.fromkeys(column for column, _ in groups):
        if column is None:
            found[None, None] = OwnModel(scorer, 1.0, everybody.history)
        elif column not in ASSIGNED:
            values = {str(value): value for of, value in groups if of == column and value is not None}
            parts = {name: _part(source, members_of(source, column, name), since) for name in values}
            credible = credible_fits(pooled, everybody, parts)
            for name, fits in credible.fits.items():
                own = replace(scorer, pooled=fits)
                found[column, name] = OwnModel(own, credible.own[name][0], parts[name].history)
    return found


def _part(source: Source, customers: pl.DataFrame, since: date | None) -> Part:
    scorer = source.scored.scorer
    assert scorer.pooled is not None
    buyers = customers.filter(pl.col("purchases") > 0)
    buyers = buyers if since is None else buyers.filter(pl.col("first_day") >= since)
    needs = purchase_model(scorer.pooled.purchase.name).needs
    return Part(engine.history(buyers, scorer.as_of, needs), engine.spending(buyers, scorer.basis, scorer.decimals))


def _delta(logged: Logged, fit: Fit) -> float:
    matrix = np.array(fit.covariance)
    slope = np.zeros(len(matrix))
    for i, name in enumerate(list(fit.params)[: len(matrix)]):
        up, down = ({**fit.params, name: fit.params[name] * math.exp(step)} for step in (STEP, -STEP))
        slope[i] = (logged(up) - logged(down)) / (2 * STEP)
    return math.sqrt(max(0.0, float(slope @ matrix @ slope)))


def _resampled(logged: Logged, fit: Fit, history: History) -> float | None:
    """Standard deviation over fits of a thousand customers drawn anew, made smaller for as many as there are."""
    few = thinned(history, RESAMPLED)
    random = np.random.default_rng(0)
    found = []
    for _ in range(REPLICATES):
        drawn = purchase_model(fit.name).fit(replace(few, weight=random.poisson(few.weight).astype(np.float64)))
        if drawn.usable:
            found.append(logged(drawn.params))
    if len(found) < REPLICATES // 2:
        return None
    return float(np.std(found, ddof=1)) * math.sqrt(float(few.weight.sum() / history.weight.sum()))
