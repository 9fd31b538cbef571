"""The fits of a run: pooled, and one a group where `--by` asks and the group is large enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import Notice
from clvcli.engines.base import Engine
from clvcli.models.base import History
from clvcli.models.covariate import Tieable, tie
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.credibility import FEWEST, Part, credible_fits
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
    engine: Engine,
    customers: pl.DataFrame,
    *,
    as_of: date,
    model: str,
    basis: str,
    decimals: int,
    acquired_from: date | None = None,
) -> Fits:
    """Both fits of one set of customers."""
    if acquired_from is not None:
        customers = customers.filter(pl.col("first_day") >= acquired_from)
    history = engine.history(customers, as_of, purchase_model(model).needs)
    return fits_of(Part(history, engine.spending(customers, basis, decimals)), model)


def calibrate(
    engine: Engine,
    customers: pl.DataFrame,
    *,
    as_of: date,
    model: str,
    basis: str,
    decimals: int,
    acquired_from: date | None = None,
) -> Calibration:
    """The pooled fits and, where a column `model_group` is there, those of every group with 30 buyers or more, small
    ones pulled towards the pooled fits (see credibility.py)."""
    fitting = customers if acquired_from is None else customers.filter(pl.col("first_day") >= acquired_from)
    needs = purchase_model(model).needs

    def part_of(some: pl.DataFrame) -> Part:
        return Part(engine.history(some, as_of, needs), engine.spending(some, basis, decimals))

    everybody = part_of(fitting)
    pooled = fits_of(everybody, model)
    if "_covariate" in customers.columns:
        groups = _by_covariate(engine, customers, fitting, as_of, pooled)
        return Calibration(pooled, groups, basis, tuple(notices_of(pooled)))
    parts = {name: part_of(fitting.filter(pl.col("model_group") == name)) for name in groups_of(fitting)}
    own = dict(credible_fits(pooled, everybody, parts).fits)
    return Calibration(pooled, own, basis, tuple(notices_of(pooled)))


def fits_of(part: Part, model: str) -> Fits:
    """Both fits, by maximum likelihood. Raises nothing: a fit says its status."""
    return Fits(purchase_model(model).fit(part.history), spend_model(SPEND_MODEL).fit(part.spending))


def _by_covariate(
    engine: Engine, customers: pl.DataFrame, fitting: pl.DataFrame, as_of: date, pooled: Fits
) -> dict[str, Fits]:
    """See tied_fits. `fitting`: the customers to fit on."""
    known = fitting.drop_nulls("_covariate")
    cells = {
        key[0]: engine.history(part, as_of) for key, part in known.sort("_covariate").partition_by(
            "_covariate", as_dict=True
        ).items()
    }  # fmt: skip
    bands = customers.select("model_group", "_covariate").drop_nulls().unique().sort("_covariate")
    return tied_fits(pooled, cells, dict(bands.iter_rows()))


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


def groups_of(customers: pl.DataFrame) -> list[str]:
    """The groups with at least 30 buyers, sorted."""
    if "model_group" not in customers.columns:
        return []
    sizes = customers.filter(pl.col("purchases") > 0)["model_group"].drop_nulls().value_counts(name="buyers")
    return sizes.filter(pl.col("buyers") >= FEWEST)["model_group"].sort().to_list()


def notices_of(fits: Fits) -> list[Notice]:
    """What to say of the pooled fits."""
    found: list[Notice] = []
    for kind, fit in (("purchase", fits.purchase), ("spend", fits.spend)):
        if fit.message and fit.status != "converged":
            found.append(Notice(f"{kind}_model_{fit.status}", fit.message))
        found += [Notice(code, text) for code, text in fit.notices if text != fit.message or fit.status == "converged"]
    return found
