"""The fits of a run: pooled, and one a group where `--by` asks and the group is large enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from clvcli.core.errors import Notice
from clvcli.engines.base import Collapses, Rows
from clvcli.models.base import History
from clvcli.models.covariate import Tieable, tie
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.credibility import FEWEST, Part, credible_fits
from clvcli.scoring.terms import Fits

if TYPE_CHECKING:
    from clvcli.scoring.covaried import Covariates

SPEND_MODEL = "gamma-gamma"
GROUP_BUYERS, GROUP_REPEAT_BUYERS = 500, 100


@dataclass(frozen=True)
class Calibration:
    """The fits of a run. `groups`: fits of the groups that have their own; `notices`: what to say of them.

    `choice`: how --model auto came to its model (see choose.py). `covariates`: those that tell the groups apart.
    """

    pooled: Fits
    groups: dict[str, Fits]
    basis: str
    notices: tuple[Notice, ...]
    choice: Mapping[str, Any] | None = None
    covariates: "Covariates | None" = None


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
    """Both fits of one set of customers."""
    customers = engine.first_seen(customers, acquired_from)
    history = engine.history(customers, as_of, purchase_model(model).needs)
    return fits_of(Part(history, engine.spending(customers, basis, decimals)), model)


def fits_of(part: Part, model: str) -> Fits:
    """Both fits, by maximum likelihood. Raises nothing: a fit says its status."""
    return Fits(purchase_model(model).fit(part.history), spend_model(SPEND_MODEL).fit(part.spending))


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
    """The pooled fits and, where a column `model_group` is there, those of every group with 30 buyers or more, small
    ones pulled towards the pooled fits (see credibility.py)."""
    fitting = engine.first_seen(customers, acquired_from)

    def part_of(some: Rows) -> Part:
        history = engine.history(some, as_of, purchase_model(model).needs)
        return Part(history, engine.spending(some, basis, decimals))

    everybody = part_of(fitting)
    pooled = fits_of(everybody, model)
    if "_covariate" in engine.columns(customers):
        cells = engine.histories_by(fitting, "_covariate", as_of)
        groups = tied_fits(pooled, cells, engine.bands(customers))
        return Calibration(pooled, groups, basis, tuple(notices_of(pooled)))
    parts = {name: part_of(engine.of_group(fitting, name)) for name in groups_of(engine, fitting)}
    own = dict(credible_fits(pooled, everybody, parts).fits)
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


def groups_of(engine: Collapses, customers: Rows) -> list[str]:
    """The groups with at least 30 buyers, by name."""
    if "model_group" not in engine.columns(customers):
        return []
    return engine.group_sizes(customers).filter(pl.col("buyers") >= FEWEST)["model_group"].sort().to_list()


def notices_of(fits: Fits) -> list[Notice]:
    """What to say of the pooled fits."""
    found: list[Notice] = []
    for kind, fit in (("purchase", fits.purchase), ("spend", fits.spend)):
        if fit.message and fit.status != "converged":
            found.append(Notice(f"{kind}_model_{fit.status}", fit.message))
        found += [Notice(code, text) for code, text in fit.notices if text != fit.message or fit.status == "converged"]
    return found
