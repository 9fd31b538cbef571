"""The models of a run, from its options: which basis, fitted or saved, and what `predict` needs of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl

from clvcli.core.errors import Notice, UsageError
from clvcli.core.horizon import parse_span
from clvcli.core.language import marked
from clvcli.core.options import ModelOptions
from clvcli.core.spend_basis import ALL, REPEAT
from clvcli.engines.base import Collapses, Rows
from clvcli.scoring.calibration import Calibration, calibrate
from clvcli.scoring.choose import AUTO, by_simplicity
from clvcli.scoring.drift import drift_notices, parts_of, period_notices
from clvcli.scoring.portfolio import Rehearsals
from clvcli.scoring.saved_model import SavedModel
from clvcli.scoring.season import DayCounts, Rehearsed, horizon_season
from clvcli.scoring.terms import Scorer


def fitted(
    options: ModelOptions, saved: SavedModel | None, engine: Collapses, customers: Rows, as_of: date, basis: str,
    first: date | None,
) -> Calibration:  # fmt: skip
    """The fits of the run: the saved ones, or fitted now. `first`: the day of the first purchase."""
    if saved is not None:
        return _saved(saved, engine, customers, as_of, basis, options.decimals, first)
    since = acquired_from(options)
    return calibrate(
        engine, customers, as_of=as_of, model=options.model, basis=basis, decimals=options.decimals, acquired_from=since
    )


def _saved(
    saved: SavedModel, engine: Collapses, customers: Rows, as_of: date, basis: str, decimals: int, first: date | None
) -> Calibration:
    """The fits of the file, with what to say of them."""
    notices = (
        *period_notices(saved, first, as_of),
        *drift_notices(saved, engine, parts_of(saved, engine, customers), as_of, basis, decimals),
    )
    known = not saved.groups or "model_group" in engine.columns(customers)
    told = Notice(
        "groups_unused", marked("the model file has models by group, which --by uses; here the pooled one stands")
    )
    return Calibration(
        saved.pooled, dict(saved.groups) if known else {}, basis, (*(() if known else (told,)), *notices)
    )


def acquired_from(options: ModelOptions) -> date | None:
    """The first day of the customers that the models are fitted on."""
    return date.fromisoformat(options.acquired_from) if options.acquired_from else None


def scorer_of(options: ModelOptions, as_of: date, basis: str, calibration: Calibration | None) -> Scorer:
    """What `predict` needs, from the options and the fits."""
    rate = margin_rate(options.margin)
    try:
        horizon = parse_span(options.horizon).days(as_of)
    except ValueError as problem:
        raise UsageError(marked("--horizon: {problem}", problem=problem)) from None
    return Scorer(
        as_of=as_of,
        horizon_days=horizon,
        time_unit=options.time_unit,
        decimals=options.decimals,
        margin=rate,
        discount_rate=options.discount_rate,
        alert=options.alert,
        basis=basis,
        pooled=calibration.pooled if calibration else None,
        groups=calibration.groups if calibration else {},
        counts=getattr(options, "counts", None),
    )


def with_season(
    options: ModelOptions, scorer: Scorer, first: date | None, counts: Callable[[], DayCounts],
    rehearsals: Callable[[], Rehearsals | None],
) -> tuple[Scorer, tuple[Notice, ...], bool]:  # fmt: skip
    """The scorer with the factor of --seasonality, what to say of the horizon, and whether there is a factor. `first`,
    `counts`: see season.horizon_season."""
    fit = scorer.pooled.purchase if scorer.pooled else None

    def rehearsed() -> Rehearsed:
        known = rehearsals()
        return [] if known is None else known.by_season()

    factor, notices = horizon_season(
        first, counts, scorer.as_of, fit, scorer.horizon_days, asked=options.seasonality, rehearsed=rehearsed
    )
    return replace(scorer, season=1.0 if factor is None else factor), tuple(notices), factor is not None


def season_terms(purchases: pl.DataFrame, customers: pl.DataFrame) -> tuple[date | None, Callable[[], DayCounts]]:
    """What `with_season` wants of a log in memory. `purchases`: day of each; `customers` as in engines/base.py."""
    first: date | None = customers["first_day"].min()  # type: ignore[assignment]
    return first, lambda: DayCounts.of(purchases, customers)


def margin_rate(text: str) -> float | None:
    """The rate that `--margin` gives, None where it names a column."""
    try:
        rate = float(text)
    except ValueError:
        return None
    if not 0 <= rate < float("inf"):
        raise UsageError(
            marked("--margin: is a rate of 0 or more, or a column of --customers; got {text}", text=repr(text))
        )
    return rate


def spend_basis(options: ModelOptions, saved: SavedModel | None) -> str:
    """The file's basis wins over the default; a typed one that differs is an error."""
    if saved is None or saved.basis is None or saved.basis == options.spend_basis:
        return options.spend_basis
    if options.sources.get("spend_basis", "default") != "default":
        raise UsageError(
            marked(
                "--spend-basis {spend_basis}: the saved model was fitted on {basis}",
                spend_basis=options.spend_basis,
                basis=saved.basis,
            ),
            hint=marked("--spend-basis {basis}, or fit again", basis=saved.basis),
        )
    return saved.basis


def basis_seen(basis: str, known: str | None) -> str:
    """The basis of the run on what is `known`: see Log.basis. A forecast needs no single amounts, only a fit does."""
    if known is None or basis == known:
        return basis
    return REPEAT if REPEAT in (basis, known) else ALL


def needs_of(options: ModelOptions, saved: SavedModel | None) -> tuple[str, ...]:
    """Statistics beyond (x, t_x, T) that the run's purchase models need; those of all while --model auto has not
    chosen."""
    from clvcli.models.registry import purchase_model

    if saved is not None:
        return purchase_model(saved.pooled.purchase.name).needs
    if getattr(options, "no_model", False):
        return ()
    models = by_simplicity() if options.model == AUTO else [options.model]
    return tuple(dict.fromkeys(need for name in models for need in purchase_model(name).needs))
