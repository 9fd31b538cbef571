"""The series behind the report, in the manifest under `series`: aggregates of a scored run, so a page needs no log.

Their size does not grow with customers. `clvcli/report/` draws them and computes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines.buyers import buyers_of
from clvcli.lifecycle.actions import StageActions
from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.schema import Stage
from clvcli.models.base import Fit
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.groups import POOLED
from clvcli.scoring.series.activity import Activity, activity_of, cohorts, lifetime_spend, weekly
from clvcli.scoring.series.economics import economics_of
from clvcli.scoring.series.fitted import alive_grid, dropout, expected_repeats, purchase_rates
from clvcli.scoring.series.lists import NONE, contacts, stage_firsts, top_rows
from clvcli.scoring.series.moves import transitions
from clvcli.scoring.series.past import like_for_like
from clvcli.scoring.series.value import bins, headline, lorenz, rfm_grid, values_of


def series_of(
    table: pl.DataFrame,
    of_log: Mapping[str, Any],
    calibration: Calibration | None,
    *,
    as_of: date,
    decimals: int,
    stages: list[str],
    margin: float | None = 1.0,
    previous: pl.DataFrame | None = None,
    at_risk: Sequence[str] = (),
    actions: StageActions = NONE,
    horizon: str = "12m",
) -> dict[str, Any]:
    """All series of a run. `table`: scored, internal columns included, sorted by customer; `of_log`: what series_of_log
    gave; `margin`: the rate of the run, None where the table has it; `previous`: an earlier table with customer_id,
    stage, clv; `at_risk`: the stages that the rules mark; `actions`: theirs. A series without data is empty or null.
    """
    values = values_of(table)
    return {
        "headline": headline(table, as_of, decimals, at_risk, values),
        "value_bins": bins(values),
        "lorenz": lorenz(values),
        "rfm": rfm_grid(table),
        "contacts": contacts(table, as_of, at_risk),
        "stage_firsts": stage_firsts(table),
        "top": top_rows(table, actions, horizon),
        **_of_fits(table, calibration, as_of),
        **of_log,
        "economics": economics_of(table, margin),
        "transitions": None if previous is None else transitions(table, previous, stages),
    }


def _of_fits(table: pl.DataFrame, calibration: Calibration | None, as_of: date) -> dict[str, Any]:
    buyers = buyers_of(table.select("first_day", "purchases"))
    age, most = buyers.select((pl.lit(as_of) - pl.col("first_day")).dt.total_days().max(), "purchases").max().row(0)
    return of_fits(calibration, age or 0, most or 1)


def of_fits(calibration: Calibration | None, age: int, most: int) -> dict[str, Any]:
    """What the pooled fit says. age: days since the first purchase of all; most: purchases of one customer."""
    if calibration is None:
        return {"alive": None, "rates": [], "dropout": None}
    fit = calibration.pooled.purchase
    return {"alive": alive_grid(fit, age, most), "rates": purchase_rates(fit), "dropout": dropout(fit)}


def activity_in(customers: pl.DataFrame, purchases: pl.DataFrame, as_of: date) -> Activity | None:
    """The counts of a log, None of one without purchases. `customers`: see engines/base.py, sorted by id; `purchases`:
    day and amount of each, in the order of customer and day."""
    buyers = buyers_of(customers.select("first_day", "purchases"))
    return None if buyers.is_empty() else activity_of(purchases, buyers, as_of)


def series_of_log(
    found: Activity | None,
    customers: pl.DataFrame,
    calibration: Calibration | None,
    decimals: int,
    horizon: str = "12m",
) -> dict[str, Any]:
    """The series that need no scores. `found`: what activity_in gave; `customers`: with `model_group`, where there are
    groups."""
    if found is None:
        return {"weekly": [], "cohorts": {"months": 1, "rows": []}, "lifetime_spend": [], "like_for_like": None}
    needed = [name for name in ("first_day", "purchases", "model_group") if name in customers.columns]
    return of_activity(found, _births(buyers_of(customers.select(needed))), calibration, decimals, horizon)


def of_activity(
    found: Activity, births: pl.DataFrame, calibration: Calibration | None, decimals: int, horizon: str = "12m"
) -> dict[str, Any]:
    """The series that come from a log. `births`: see expected_repeats."""
    expected = expected_repeats(_fits(calibration), births, found.first) if calibration else None
    return {
        "weekly": weekly(found, expected),
        "cohorts": {"months": found.months, "rows": cohorts(found, decimals)},
        "lifetime_spend": lifetime_spend(found, decimals),
        "like_for_like": like_for_like(found, decimals, horizon),
    }


def _fits(calibration: Calibration) -> Mapping[str | None, Fit]:
    return {None: calibration.pooled.purchase, **{g: fits.purchase for g, fits in calibration.groups.items()}}


def _births(buyers: pl.DataFrame) -> pl.DataFrame:
    """Customers by group and day of the first purchase."""
    group = pl.col("model_group") if "model_group" in buyers.columns else pl.lit(POOLED)
    return buyers.group_by(group.alias("group"), "first_day").agg(customers=pl.len()).sort("group", "first_day")


def rules_of(compiled: Compiled) -> dict[str, Any]:
    """What the rules say of their stages, for people; with what decides them, so that two runs can be told apart."""
    rules = compiled.rules
    group = rules.control_group
    return {
        "name": rules.name,
        "description": rules.description,
        "phases": dict(rules.phases),
        "stages": {
            stage.stage: {
                "when": stage.when if isinstance(stage, Stage) else None,
                "who": stage.who,
                "goal": stage.goal,
                "max_cost": stage.max_cost,
                "at_risk": stage.at_risk,
                "actions": [action.model_dump(exclude_none=True, exclude_defaults=True) for action in stage.actions],
            }
            for stage in compiled.every_stage
        },
        "fields": dict(rules.fields),
        "breakpoints": rules.breakpoints,
        "control_group": None if group is None else {"share": group.share},
        "variants": list(rules.variants),
        **({"attributes": {name: a.type for name, a in rules.attributes.items()}} if rules.attributes else {}),
        **({"holidays": rules.holidays.model_dump(exclude_none=True)} if rules.holidays else {}),
        **({"consent": dict(rules.consent)} if rules.consent else {}),
    }


__all__ = ["Activity", "activity_in", "of_activity", "of_fits", "rules_of", "series_of", "series_of_log"]
