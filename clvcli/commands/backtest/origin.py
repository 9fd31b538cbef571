"""One origin of a backtest: the customers of that day, every forecast of what they would do, and its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from clvcli.commands.backtest import metrics
from clvcli.commands.backtest.challenger import challenger
from clvcli.commands.backtest.forecasts import (
    Forecast,
    Setting,
    covariate_forecast,
    grouped_forecast,
    model_forecast,
    spend_fits,
)
from clvcli.commands.backtest.heuristics import heuristics
from clvcli.commands.backtest.metrics import Row
from clvcli.core.options import BacktestOptions
from clvcli.core.options.shared import SEASON_MONTH
from clvcli.engines import local as engine
from clvcli.engines.people import grouped
from clvcli.log.read import Log
from clvcli.models.registry import purchase_model
from clvcli.scoring.choose import AUTO, DEFAULT, by_simplicity
from clvcli.scoring.covariates import named
from clvcli.scoring.covaried import supporting
from clvcli.scoring.rolling_origins import Cases, Fold, cases
from clvcli.scoring.season import DayCounts, season_of
from clvcli.scoring.terms import Fits

Stage = Callable[[str], None]


@dataclass(frozen=True)
class Judged:
    """One origin: its cases, all forecasts with their figures in the same order, the fits by model."""

    cases: Cases
    forecasts: tuple[Forecast, ...]
    rows: tuple[Row, ...]
    fits: Mapping[str, Fits]
    failed: str
    """Why a model could not be fitted; empty when all could."""

    def forecast(self, name: str) -> Forecast | None:
        """The forecast of that name, if there is one."""
        return next((f for f in self.forecasts if f.name == name), None)


def models_of(options: BacktestOptions) -> list[str]:
    """All models, BG/NBD first; a model typed as --model stands against BG/NBD alone."""
    typed = options.model if options.sources.get("model") == "flag" and options.model != AUTO else None
    return by_simplicity() if typed is None else list(dict.fromkeys([DEFAULT, purchase_model(typed).name]))


def judged(options: BacktestOptions, log: Log, fold: Fold, stage: Stage, people: pl.DataFrame | None = None) -> Judged:
    """`people`: what --customers tells, where the options ask for covariates."""
    models = models_of(options)
    needs = tuple(dict.fromkeys(need for name in models for need in purchase_model(name).needs))
    held = cases(engine, log.purchases, fold, decimals=options.decimals, needs=needs)
    if options.by:
        held = replace(held, customers=grouped(held.customers, options.by, log.attributes))
    since = date.fromisoformat(options.acquired_from) if options.acquired_from else None
    setting = Setting(options.decimals, options.spend_basis, since)
    spend = spend_fits(engine, held, setting)
    found: list[Forecast] = []
    fits: dict[str, Fits] = {}
    failed = ""
    for name in models:
        stage(f"{fold.origin}: {name}")
        answer = model_forecast(engine, held, name, setting, spend)
        if isinstance(answer, tuple):
            found.append(answer[0])
            fits[name] = answer[1]
        else:
            failed = failed or answer.message
    if DEFAULT in fits:
        found += _variants(options, log, held, setting, fits)
    if people is not None:
        for name in (name for name in models if name in fits and name in supporting()):
            stage(f"{fold.origin}: {name} with covariates")
            moved = covariate_forecast(engine, held, name, setting, fits[name], named(options), people)
            found += [] if moved is None else [moved]
    if options.challenger:
        stage(f"{fold.origin}: challenger")
        found += challenger(engine, log.purchases, held, options.decimals)
    found += heuristics(engine, log.purchases, held, options.decimals)
    return Judged(held, tuple(found), tuple(metrics.measure(f, held) for f in found), fits, failed)


def _variants(
    options: BacktestOptions, log: Log, held: Cases, setting: Setting, fits: Mapping[str, Fits]
) -> list[Forecast]:
    """BG/NBD with one model a group, and with months, where the options ask for them."""
    found = []
    if options.by and (grouped := grouped_forecast(engine, held, DEFAULT, setting)):
        found.append(grouped)
    if options.seasonality == SEASON_MONTH:
        origin = held.fold.origin
        before = log.purchases.filter(pl.col("day") <= origin)
        season = season_of(DayCounts.of(before, held.customers), origin, fits[DEFAULT].purchase)
        if season is not None and season.proven:
            factor = season.factor(origin, held.fold.days)
            answer = model_forecast(engine, held, DEFAULT, setting, spend_fits(engine, held, setting), factor)
            found += [answer[0]] if isinstance(answer, tuple) else []
    return found
