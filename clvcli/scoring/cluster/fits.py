"""The models of a run on a cluster: which one, fitted or of a file, one for all or one a group; and the season.

The driver sees distinct histories, counts, and the purchases of at most 20,000 customers where it chooses a model.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from clvcli.core.options import ScoreOptions
from clvcli.engines import local as one_machine
from clvcli.engines import spark
from clvcli.engines.spark.accounts import ClusterLog
from clvcli.engines.spark.frames import collected
from clvcli.engines.spark.session import failures
from clvcli.log.first_amount import FIRST_AMOUNT
from clvcli.log.purchases import Purchases
from clvcli.models.registry import purchase_model
from clvcli.scoring.calibration import Calibration, fits_of, notices_of, tied_fits
from clvcli.scoring.choose import AUTO, CUSTOMERS, Choice, by_simplicity, settle
from clvcli.scoring.cluster.output import PARTITION, ROW
from clvcli.scoring.cluster.sums.purchases import every_kth, purchases_by
from clvcli.scoring.credibility import FEWEST, Part, credible_fits
from clvcli.scoring.drift import drift_notices, period_notices
from clvcli.scoring.run_models import acquired_from, needs_of, of_file
from clvcli.scoring.saved_model import SavedModel
from clvcli.scoring.season import DayCounts
from clvcli.scoring.terms import Fits


def statistics_of(options: ScoreOptions, saved: SavedModel | None) -> tuple[str, ...]:
    """What customers have to bring before it is known which model is taken: see needs_of."""
    if saved is None and not options.no_model and options.model == AUTO:
        return tuple(dict.fromkeys(need for name in by_simplicity() for need in purchase_model(name).needs))
    return needs_of(options, saved)


def chosen_model(
    session: Any, options: ScoreOptions, saved: SavedModel | None, log: ClusterLog
) -> tuple[ScoreOptions, Choice | None]:
    """As choose.settle, from the purchases of every k-th customer."""
    if saved is not None or options.no_model or options.model != AUTO:
        return options, None
    customers = log.purchases.count()
    ids = every_kth_id(log.purchases, -(-customers // CUSTOMERS)) if customers > CUSTOMERS else None
    return settle(options, one_machine, Purchases.of(purchases_by(session, log.purchases, ids)), log.as_of)


def every_kth_id(customers: Any, k: int) -> pl.DataFrame:
    """customer_id of every k-th of them by id, on the driver. One sort of the ids."""
    ordered = customers.select("customer_id").orderBy("customer_id").persist()
    found = collected(every_kth(ordered.selectExpr("customer_id", f"{PARTITION} as part", f"{ROW} as row"), k))
    ordered.unpersist()
    return found


def fitted_on_cluster(options: ScoreOptions, saved: SavedModel | None, log: ClusterLog, basis: str) -> Calibration:
    """As run_models.fitted."""
    if saved is None:
        return _fitted(options, log, basis)
    grouped = options.by is not None
    parts = _parts(saved, log.customers, grouped=grouped)
    with failures("comparing the saved models"):
        drift = drift_notices(saved, spark, parts, log.as_of, basis, options.decimals)
    return of_file(saved, basis, [*period_notices(saved, log.first, log.as_of), *drift], grouped=grouped)


def _parts(saved: SavedModel, customers: Any, *, grouped: bool) -> Iterator[tuple[str, Any]]:
    """As drift.parts_of."""
    seen = spark.first_seen(customers, saved.acquired_from)
    yield "", seen
    for name in saved.groups if grouped else ():
        yield name, seen.where(seen["model_group"] == name)


def _fitted(options: ScoreOptions, log: ClusterLog, basis: str) -> Calibration:
    """As calibration.calibrate."""
    seen = spark.first_seen(log.customers, acquired_from(options))
    everybody = _part(options, log, seen, basis)
    pooled = fits_of(everybody, options.model)
    groups: dict[str, Fits] = {}
    if options.by == FIRST_AMOUNT:
        cells = spark.histories_by(seen.where("_covariate is not null"), "_covariate", log.as_of)
        bands = collected(log.customers.select("model_group", "_covariate").distinct()).drop_nulls()
        groups = tied_fits(pooled, cells, dict(bands.sort("_covariate").iter_rows()))
    elif options.by is not None:
        names = _groups_of(seen)
        parts = {name: _part(options, log, seen.where(seen["model_group"] == name), basis) for name in names}
        groups = dict(credible_fits(pooled, everybody, parts).fits)
    return Calibration(pooled, groups, basis, tuple(notices_of(pooled)))


def _part(options: ScoreOptions, log: ClusterLog, customers: Any, basis: str) -> Part:
    history = spark.history(customers, log.as_of, purchase_model(options.model).needs)
    return Part(history, spark.spending(customers, basis, options.decimals))


def _groups_of(customers: Any) -> list[str]:
    """As calibration.groups_of."""
    sizes = customers.where("purchases > 0 and model_group is not null").groupBy("model_group").count()
    return collected(sizes.where(f"count >= {FEWEST}").select("model_group"))["model_group"].sort().to_list()


def day_counts(log: ClusterLog) -> DayCounts:
    """As DayCounts.of."""
    with failures("counting days"):
        births = collected(log.customers.where("purchases > 0").groupBy("first_day").count())
    bought = log.days.select(day="first_day", count="purchases").filter(pl.col("count") > 0)
    return DayCounts(bought.sort("day"), births.rename({"first_day": "day"}).sort("day"))


def births_by_group(predicted: Any) -> pl.DataFrame:
    """group, first_day, customers: see fitted.expected_repeats."""
    counted = collected(predicted.where("purchases > 0").groupBy("model_group", "first_day").count())
    return counted.rename({"model_group": "group", "count": "customers"}).sort("group", "first_day")


def with_choice(calibration: Calibration, choice: Choice | None) -> Calibration:
    """The calibration, with how --model auto came to its model."""
    return calibration if choice is None else replace(calibration, choice=choice.as_json())
