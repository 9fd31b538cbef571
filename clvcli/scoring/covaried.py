"""The fits of customers whom --covariates tells apart: one model that their covariates move, as its cells have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.errors import Notice, UsageError
from clvcli.core.marked import marked
from clvcli.engines import local
from clvcli.engines.base import Collapses, Rows
from clvcli.engines.buyers import buyers_of
from clvcli.models.base import AT_BOUND, CONVERGED
from clvcli.models.registry import names, purchase_model
from clvcli.models.static_covariates import BUYING, PROCESSES, Movable, Moved, fit_moved
from clvcli.models.units import in_weeks, rescale
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.choose import AUTO
from clvcli.scoring.covariates import Column, Encoded, column_of, encoded, learned, named, terms_of
from clvcli.scoring.terms import Fits

REPEAT_BUYERS = 10
"""For each coefficient, at least: fewer tell nothing of it."""
MOST = 50.0
"""No coefficient of a file is beyond this."""


@dataclass(frozen=True)
class Covariates:
    """A model that covariates move, and what they are. `without`: the log-likelihood of the pooled model."""

    columns: tuple[Column, ...]
    moved: Moved
    without: float | None


def supporting() -> list[str]:
    """The models that covariates can move."""
    return [name for name in names() if isinstance(purchase_model(name), Movable)]


def refuse_covariates(options: Any) -> None:
    """Raises UsageError for what cannot stand beside --covariates."""
    if not named(options):
        return
    if options.by:
        raise UsageError(
            "--by and --covariates contradict each other: a group has a model of its own", hint="leave one out"
        )
    if options.model != AUTO and options.model in names() and options.model not in supporting():
        raise UsageError(
            marked("--covariates: {model} takes none", model=options.model),
            hint=marked("--model {known}", known=", or ".join(supporting())),
        )


def encode(
    options: Any, saved: Covariates | None, customers: Rows, since: date | None
) -> tuple[Encoded | None, tuple[Notice, ...]]:
    """Customers in the cells of --covariates, as those first seen from `since` on tell, or of the saved model; None
    where there are none, with why. Raises UsageError as `learned` does."""
    if saved is not None:
        lacking = [c.name for c in saved.columns if not (isinstance(customers, pl.DataFrame) and c.name in customers)]
        if lacking:
            return None, (_unused(marked("--customers with {columns} is needed", columns=", ".join(lacking))),)
        found = encoded(customers, saved.columns)
        return found, found.notices
    columns = named(options)
    if not columns or getattr(options, "no_model", False):
        return None, ()
    found = encoded(customers, learned(buyers_of(local.first_seen(customers, since)), columns))
    return found, found.notices


def covaried(
    plain: Calibration, known: Encoded, engine: Collapses, as_of: date, since: date | None, saved: Covariates | None
) -> Calibration:
    """The calibration with the fits of every cell: of the saved model, or fitted on the same customers as `plain`."""
    if saved is not None:
        return _of_cells(plain, known, saved)
    cells = engine.histories_by(engine.first_seen(known.customers, since), "model_group", as_of)
    return moved_fits(plain, known, cells)


def moved_fits(plain: Calibration, known: Encoded, cells: Mapping[Any, Any]) -> Calibration:
    """`cells`: the histories of those that the fit looks at, by cell. The pooled model stays where they do not do."""
    pooled = plain.pooled.purchase
    model = purchase_model(pooled.name)
    terms = len(terms_of(known.columns))
    if not pooled.usable:
        return plain
    if not isinstance(model, Movable):
        told = _unused(marked("{model} takes none", model=pooled.name))
        return replace(plain, notices=(*plain.notices, told))
    z = np.array([known.cells[name] for name in cells])
    repeat = sum(float(cell.weight[cell.x > 0].sum()) for cell in cells.values())
    needed = len(PROCESSES) * terms * REPEAT_BUYERS
    if repeat < needed or np.linalg.matrix_rank(z - z.mean(axis=0)) < terms:
        told = _unused(marked("{n:d} repeat buyers in all groups are needed", n=needed))
        return replace(plain, notices=(*plain.notices, told))
    histories = list(cells.values())
    moved = fit_moved(model, pooled, z, histories)
    notices = plain.notices
    if moved.covariance is None:
        moved = fit_moved(model, pooled, z, histories, (BUYING,))
        text = marked("this log does not tell how the covariates move leaving: they move how often customers buy alone")
        notices = (*notices, Notice("covariates_of_buying", text))
    found = Covariates(known.columns, moved, pooled.log_likelihood)
    return _of_cells(replace(plain, notices=notices), known, found)


def _of_cells(plain: Calibration, known: Encoded, found: Covariates) -> Calibration:
    groups = {name: Fits(found.moved.at(z), plain.pooled.spend) for name, z in known.cells.items()}
    return replace(plain, groups=groups, covariates=found)


def _unused(reason: str) -> Notice:
    return Notice(
        "covariates_unused", marked("the covariates are not used, the model without them is: {reason}", reason=reason)
    )


def covariates_json(found: Covariates, time_unit: str) -> dict[str, Any]:
    """The covariates as the manifest and the model file show them; parameters, in `time_unit`, at the mean of every
    number and the reference of every category."""
    zero = found.moved.at(np.zeros(len(terms_of(found.columns))))
    fit = rescale(zero, purchase_model(zero.name), time_unit)
    terms = terms_of(found.columns)
    return {
        "columns": [column.as_json() for column in found.columns],
        "name": fit.name,
        "time_unit": time_unit,
        "params": dict(fit.params),
        "std_errors": dict(fit.std_errors),
        "coefficients": [
            {"process": process, "term": term, "value": value, "std_error": error}
            for process, pairs in found.moved.coefficients().items()
            for term, (value, error) in zip(terms, pairs, strict=True)
        ],
        "log_likelihood": fit.log_likelihood,
        "gain": _gain(found),
        "status": CONVERGED if found.moved.covariance is not None else AT_BOUND,
    }


def _gain(found: Covariates) -> float | None:
    """Log-likelihood over that of the pooled model."""
    value = found.moved.log_likelihood
    return None if value is None or found.without is None else value - found.without


def covariates_from_json(value: Mapping[str, Any]) -> Covariates:
    """The reverse, without errors. Raises KeyError, TypeError, ValueError."""
    columns = tuple(column_of(one) for one in value["columns"])
    model = purchase_model(value["name"])
    if not isinstance(model, Movable):
        raise ValueError(f"{value['name']} takes no covariates")
    terms, given = terms_of(columns), _given(value["coefficients"])
    processes = tuple(p for p in PROCESSES if any(process == p for process, _ in given))
    wanted = [(process, term) for process in processes for term in terms]
    if not terms or not processes or set(given) != set(wanted):
        raise ValueError("coefficients are one for each term of the columns and each process")
    params = in_weeks({name: _positive(value["params"][name]) for name in model.parameters}, model, value["time_unit"])
    theta = np.array([*np.log([params[name] for name in model.parameters]), *(given[key] for key in wanted)])
    return Covariates(columns, Moved(model, processes, theta, None, None), None)


def _given(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], float]:
    found = {(str(row["process"]), str(row["term"])): float(row["value"]) for row in rows}
    if not all(abs(value) <= MOST for value in found.values()):
        raise ValueError(f"coefficients lie between -{MOST:g} and {MOST:g}")
    return found


def _positive(value: Any) -> float:
    if not 1e-10 <= float(value) <= 1e10:
        raise ValueError("params of covariates are not positive numbers that a fit can give")
    return float(value)
