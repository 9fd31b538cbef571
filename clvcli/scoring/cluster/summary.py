"""What is told of a run on a cluster: its manifest, from sums and counts, and from a few customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.options import ScoreOptions
from clvcli.engines import local as polars_engine
from clvcli.engines.spark.accounts import ClusterLog
from clvcli.engines.spark.frames import collected
from clvcli.engines.spark.reduce import Part, reduced
from clvcli.lifecycle.actions import of_rules
from clvcli.lifecycle.balance import balance_notices
from clvcli.lifecycle.compile import Compiled
from clvcli.scoring import manifest as manifests
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.cluster.fits import births_by_group, every_kth_id
from clvcli.scoring.cluster.output import Written
from clvcli.scoring.cluster.people import Everyone, economics_on_cluster
from clvcli.scoring.cluster.previous import Earlier
from clvcli.scoring.cluster.sums.purchases import activity_on_cluster, every_kth, purchases_by
from clvcli.scoring.cluster.sums.spread import spread_of
from clvcli.scoring.cluster.sums.totals import TableSums, lists_of, stage_rows, whole
from clvcli.scoring.groups import POOLED
from clvcli.scoring.portfolio import TOTALS, every, portfolio_notices, portfolio_of
from clvcli.scoring.run_models import margin_rate
from clvcli.scoring.series import of_activity, of_fits, rules_of
from clvcli.scoring.series.activity import Ints
from clvcli.scoring.series.value import headline_of
from clvcli.scoring.terms import Scorer
from clvcli.scoring.thresholds import Cuts


@dataclass(frozen=True)
class Predicted:
    """Predicted customers and leads, as a Spark frame, kept, with the internal columns too. `customers`: those who
    bought."""

    everyone: Any
    customers: int
    leads: int

    @classmethod
    def of(cls, everyone: Any) -> "Predicted":
        """Counts them."""
        customers = everyone.where("purchases > 0").count()
        return cls(everyone, customers, everyone.count() - customers)

    @property
    def buyers(self) -> Any:
        """Those who bought."""
        return self.everyone.where("purchases > 0") if self.leads else self.everyone


@dataclass(frozen=True)
class Parts:
    """A log scored on a cluster. `table`: a Spark frame with the columns of the scored table, not sorted."""

    log: ClusterLog
    people: Everyone
    predicted: Predicted
    table: Any
    scorer: Scorer
    calibration: Calibration | None
    cuts: Cuts
    compiled: Compiled
    of_horizon: tuple[Notice, ...]


@dataclass(frozen=True)
class Summary:
    """What is known once the table is written."""

    options: ScoreOptions
    parts: Parts
    stages: list[dict[str, Any]]
    series: dict[str, Any]
    more: dict[str, Any]
    notices: tuple[Notice, ...]

    def manifest(self, outputs: Sequence[str], run: Mapping[str, Any]) -> dict[str, Any]:
        """The manifest of the run."""
        parts, options = self.parts, self.options
        return manifests.manifest(
            command="score",
            options=options,
            as_of=parts.log.as_of,
            quality=parts.log.quality,
            customers=parts.predicted.customers,
            purchases=int(parts.log.days["purchases"].sum()),
            leads=parts.predicted.leads,
            calibration=parts.calibration,
            horizon=options.horizon,
            time_unit=options.time_unit,
            stages=self.stages,
            warnings=self.notices,
            series=self.series,
            more=self.more,
            outputs=outputs,
            run=run,
        )


def summary_of(session: Any, options: ScoreOptions, parts: Parts, written: Written, earlier: Earlier | None) -> Summary:
    """Adds up the scored table, and what it was made of."""
    compiled, as_of = parts.compiled, parts.log.as_of
    at_risk = tuple(stage.stage for stage in compiled.every_stage if stage.at_risk)
    actions = of_rules(compiled.rules)
    sums = TableSums(as_of, options.decimals, at_risk, actions)
    total = reduced(written.table, sums, sums.merge)
    assert total is not None
    rows = stage_rows(total)
    notices = (
        *parts.log.quality.notices,
        *parts.people.told.notices,
        *(parts.calibration.notices if parts.calibration else ()),
        *parts.of_horizon,
        *balance_notices(compiled, {row["stage"]: row["customers"] for row in rows}),
    )
    series = _of_table(parts, written, total, at_risk, options.horizon) | _of_log(options, parts)
    portfolio = _portfolio(session, options, parts, written, total)
    more = {"portfolio": portfolio, "rules": rules_of(compiled)}
    notices = (*notices, *portfolio_notices(portfolio, parts.scorer))
    if earlier is not None:
        stages = [stage for stage, _ in compiled.stage_names]
        series["transitions"], more["previous"] = earlier.told(written, str(options.previous), stages)
    more |= {
        **_campaign(compiled, total),
    }
    return Summary(options, parts, manifests.stages_of(rows, compiled.stage_names), series, more, notices)


def _of_table(parts: Parts, written: Written, total: Part, at_risk: Sequence[str], horizon: str) -> dict[str, Any]:
    """The series of the scored table, in the order of series_of."""
    column = "clv" if total["headline"]["valued"] else "total_spend"
    buyers = written.table.where("purchases > 0") if parts.predicted.leads else written.table
    spread = spread_of(buyers, parts.predicted.customers, column)
    return {
        "headline": headline_of(total["headline"], at_risk, spread.pop("concentration")),
        **spread,
        "rfm": total["rfm"],
        **lists_of(total, parts.log.as_of, at_risk, of_rules(parts.compiled.rules), horizon),
    }


def _of_log(options: ScoreOptions, parts: Parts) -> dict[str, Any]:
    """The series of the fits and of the log."""
    first, as_of = parts.log.first, parts.log.as_of
    found, most = activity_on_cluster(parts.log.purchases, first, as_of)
    births = births_by_group(parts.predicted.buyers) if options.by else _births(first, as_of, found.births)
    return {
        **of_fits(parts.calibration, (as_of - first).days, most),
        **of_activity(
            found, births.filter(pl.col("customers") > 0), parts.calibration, options.decimals, options.horizon
        ),
        "economics": economics_on_cluster(parts.predicted.everyone, margin_rate(options.margin)),
        "transitions": None,
    }


def _births(first: date, as_of: date, counts: Ints) -> pl.DataFrame:
    """Customers by the day of their first purchase: see fitted.expected_repeats."""
    days = pl.date_range(first, as_of, eager=True).alias("first_day")
    return pl.DataFrame({"group": [POOLED] * days.len(), "first_day": days, "customers": counts})


def _portfolio(
    session: Any, options: ScoreOptions, parts: Parts, written: Written, total: Part
) -> dict[str, Any] | None:
    """The interval of the total: from a few customers, whose purchases come to the driver."""
    customers = parts.predicted.customers
    if parts.predicted.leads:
        ids = every_kth_id(parts.predicted.buyers, every(customers))
    else:
        ids = collected(every_kth(written.placed, every(customers)))
    few = session.createDataFrame(ids.to_arrow())
    chosen = collected(parts.predicted.buyers.join(few, "customer_id", "left_semi")).sort("customer_id")
    bought = purchases_by(session, parts.log.purchases, ids)
    totals = {name: whole(total, name) if chosen[name].count() else None for name in TOTALS}
    since = date.fromisoformat(options.acquired_from) if options.acquired_from else None
    return portfolio_of(polars_engine, bought, chosen, customers, totals, parts.scorer, since=since)


def _campaign(compiled: Compiled, total: Part) -> dict[str, Any]:
    """The sizes of the control group and of the variants, where the rules have them."""
    rules = compiled.rules
    if rules.control_group is None:
        return {}
    held = sum(stage["counts"]["in_control"] for stage in total["stages"].values())
    customers = sum(stage["counts"]["customers"] for stage in total["stages"].values())
    variants = {name: total["variants"].get(name, 0) for name in rules.variants}
    return {"campaign": {"in_control": held, "treated": customers - held, "variants": variants}}
