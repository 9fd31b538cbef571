"""The fits of a run: pooled, and one a group where `--by` asks and the group is large enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from clvcli.core.errors import Notice
from clvcli.engines.base import Collapses, Rows
from clvcli.models.base import History
from clvcli.models.covariate import Tieable, tie
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.terms import Fits

SPEND_MODEL = "gamma-gamma"
GROUP_BUYERS, GROUP_REPEAT_BUYERS = 500, 100


@dataclass(frozen=True)
class Calibration:
    """The fits of a run. `groups`: fits of the groups that have their own; `notices`: what to say of them.

    `choice`: how --model auto came to its model (see choose.py).
    """

    pooled: Fits
    groups: dict[str, Fits]
    basis: str
    notices: tuple[Notice, ...]
    choice: Mapping[str, Any] | None = None


def fit_models(
    engine: Collapses,
    customers: Rows,
    *,
    as_of: date,
    model: str,
    basis: str,
    decimals: int,
    acquired_from: date | None = None,
) -> Fits:
    """Both fits of one set of customers, by maximum likelihood. Raises nothing: a fit says its status."""
    customers = engine.first_seen(customers, acquired_from)
    purchase = purchase_model(model)
    history = engine.history(customers, as_of, purchase.needs)
    return Fits(purchase.fit(history), spend_model(SPEND_MODEL).fit(engine.spending(customers, basis, decimals)))


def calibrate(
    engine: Collapses,
    customers: Rows,
    *,
    as_of: date,
    model: str,
    basis: str,
    decimals: int,
    acquired_from: date | None = None,
) -> Calibration:
    """The pooled fits and, where a column `model_group` is there, those of every group that is large enough."""

    fits_of = partial(
        fit_models, engine, as_of=as_of, model=model, basis=basis, decimals=decimals, acquired_from=acquired_from
    )
    pooled = fits_of(customers)
    if "_covariate" in engine.columns(customers):
        cells = engine.histories_by(engine.first_seen(customers, acquired_from), "_covariate", as_of)
        groups = tied_fits(pooled, cells, engine.bands(customers))
        return Calibration(pooled, groups, basis, tuple(notices_of(pooled)))
    groups = {name: fits_of(engine.of_group(customers, name)) for name in large_groups(engine, customers)}
    own = {name: fits for name, fits in groups.items() if fits.purchase.usable and fits.spend.usable}
    return Calibration(pooled, own, basis, tuple(notices_of(pooled)))


def tied_fits(pooled: Fits, cells: Mapping[float, History], bands: Mapping[str, float]) -> dict[str, Fits]:
    """The models of all values of the covariate, which share all but the purchase rate; none where customers are few or
    alike, or the model takes no covariate. `cells`: histories by covariate, ascending; `bands`: covariates of all
    groups, ascending."""
    model = purchase_model(pooled.purchase.name)
    if not (pooled.purchase.usable and isinstance(model, Tieable) and len(cells) > 1):
        return {}
    buyers = sum(float(cell.weight.sum()) for cell in cells.values())
    repeat = sum(float(cell.weight[cell.x > 0].sum()) for cell in cells.values())
    if buyers < GROUP_BUYERS or repeat < GROUP_REPEAT_BUYERS:
        return {}
    tied = tie(model, pooled.purchase, list(cells.items()))
    return {band: Fits(tied.at(z, cells.get(z)), pooled.spend) for band, z in bands.items()}


def large_groups(engine: Collapses, customers: Rows) -> list[str]:
    """The groups with at least 500 buyers and 100 repeat buyers, by name."""
    if "model_group" not in engine.columns(customers):
        return []
    large = engine.group_sizes(customers).filter(
        (pl.col("buyers") >= GROUP_BUYERS) & (pl.col("repeat") >= GROUP_REPEAT_BUYERS)
    )
    return large["model_group"].sort().to_list()


def notices_of(fits: Fits) -> list[Notice]:
    """What to say of the pooled fits."""
    found: list[Notice] = []
    for kind, fit in (("purchase", fits.purchase), ("spend", fits.spend)):
        if fit.message and fit.status != "converged":
            found.append(Notice(f"{kind}_model_{fit.status}", fit.message))
        found += [Notice(code, text) for code, text in fit.notices if text != fit.message or fit.status == "converged"]
    return found
