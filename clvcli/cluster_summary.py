"""What is told of a run on a cluster: its manifest, from sums and counts.

It has every part of the manifest of one machine but those that need all customers at once: the interval of the total
(portfolio), and of the series all but the headline and the weeks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli import manifest as manifests
from clvcli.calibration import POOLED, Calibration
from clvcli.cuts import Cuts
from clvcli.engines.on_spark.cuts import counted
from clvcli.engines.on_spark.frames import collected, mapped
from clvcli.engines.on_spark.log import ClusterLog
from clvcli.engines.on_spark.score import PARTS, StageSums, figures, stage_rows
from clvcli.errors import Notice
from clvcli.lifecycle.balance import balance_notices
from clvcli.lifecycle.compile import Compiled
from clvcli.options import ScoreOptions
from clvcli.scorer import Scorer
from clvcli.season import horizon_notices
from clvcli.series import rules_of
from clvcli.series.activity import Activity, weekly
from clvcli.series.fitted import expected_repeats
from clvcli.series.value import SOON_DAYS, who_at_risk


@dataclass(frozen=True)
class Parts:
    """A log scored on a cluster. `table`: a Spark frame with the columns of the scored table, not sorted."""

    log: ClusterLog
    table: Any
    customers: int
    scorer: Scorer
    calibration: Calibration | None
    cuts: Cuts
    compiled: Compiled


@dataclass(frozen=True)
class Summary:
    """What is known once the table is written."""

    options: ScoreOptions
    parts: Parts
    stages: list[dict[str, Any]]
    series: dict[str, Any]
    campaign: dict[str, Any]
    notices: tuple[Notice, ...]

    def manifest(self, outputs: Sequence[str], run: Mapping[str, Any]) -> dict[str, Any]:
        """The manifest of the run."""
        parts, options = self.parts, self.options
        return manifests.manifest(
            command="score",
            options=options,
            as_of=parts.log.as_of,
            quality=parts.log.quality,
            customers=parts.customers,
            purchases=int(parts.log.days["purchases"].sum()),
            leads=0,
            calibration=parts.calibration,
            horizon=options.horizon,
            time_unit=options.time_unit,
            stages=self.stages,
            warnings=self.notices,
            series=self.series,
            more={"portfolio": None, "rules": rules_of(parts.compiled), **self.campaign},
            outputs=outputs,
            run=run,
        )


def summary_of(options: ScoreOptions, parts: Parts, table: Any) -> Summary:
    """Adds up the scored `table`, a Spark frame."""
    step = StageSums(parts.log.as_of, SOON_DAYS)
    rows, total = stage_rows(collected(mapped(table, step, PARTS)))
    compiled, rules = parts.compiled, parts.compiled.rules
    births = counted(parts.log.customers, "first_day").rename({"value": "first_day", "count": "customers"})
    few = pl.DataFrame({"stage": [r["stage"] for r in rows], "n": [r["customers"] for r in rows]})
    fit = parts.calibration.pooled.purchase if parts.calibration else None
    length = (parts.log.as_of - _first(births)).days
    notices = (
        *parts.log.quality.notices,
        *(parts.calibration.notices if parts.calibration else ()),
        *horizon_notices(fit, parts.scorer.horizon_days, length),
        *balance_notices(compiled, few.select(pl.col("stage").repeat_by("n").explode())),
    )
    campaign = {}
    if rules.control_group is not None:
        counts = total["counts"]
        treated = counts["customers"] - counts["in_control"]
        variants = {name: total["variants"].get(name, 0) for name in rules.variants}
        campaign = {"campaign": {"in_control": counts["in_control"], "treated": treated, "variants": variants}}
    at_risk = [stage.stage for stage in compiled.every_stage if stage.at_risk]
    series = {"headline": _headline(rows, total, at_risk), "weekly": _weekly(parts, births)}
    return Summary(options, parts, manifests.stages_of(rows, compiled.stage_names), series, campaign, notices)


def _first(births: pl.DataFrame) -> date:
    first = births["first_day"].min()
    assert isinstance(first, date)
    return first


def _headline(rows: Sequence[Mapping[str, Any]], total: Mapping[str, Any], at_risk: Sequence[str]) -> dict[str, Any]:
    counts, sums = total["counts"], figures(total)
    marked = [row for row in rows if row["stage"] in at_risk]
    told = {
        "buyers": counts["customers"],
        "one_time": counts["one_time"],
        "spend": round(sums["total_spend"], 6),
        "valued": counts["valued"],
        "clv": round(sums["clv"], 4),
        "alerts": counts["alerts"],
        "silent": counts["silent"],
        "silent_clv": round(sums["silent_clv"], 4),
        "silent_spend": round(sums["silent_spend"], 6),
        "at_risk": sum(row["customers"] for row in marked),
        "at_risk_clv": round(sum(row["clv"] for row in marked), 4),
        "at_risk_spend": round(sum(row["total_spend"] for row in marked), 6),
        "soon": counts["soon"],
        "soon_clv": round(sums["soon_clv"], 4),
        "in_control": counts["in_control"],
        "low_zero": counts["low_zero"],
    }
    if not counts["valued"]:
        told |= dict.fromkeys(("clv", "at_risk_clv", "silent", "silent_clv", "silent_spend", "soon", "soon_clv"))
    return told | who_at_risk(told, at_risk) | {"soon_days": SOON_DAYS, "top_fifth": None, "gini": None}


def _weekly(parts: Parts, births: pl.DataFrame) -> list[dict[str, Any]]:
    first, as_of = _first(births), parts.log.as_of
    size = (as_of - first).days + 1

    def by_day(frame: pl.DataFrame, column: str) -> Any:
        made = np.zeros(size, dtype=np.int64)
        made[(frame["first_day"] - first).dt.total_days().to_numpy()] = frame[column].to_numpy()
        return made

    days = parts.log.days.filter(pl.col("purchases") > 0)
    nothing = np.zeros((0, 0), dtype=np.int64)
    found = Activity(first, as_of, by_day(days, "purchases"), by_day(births, "customers"), (), 0, nothing, nothing)
    if parts.calibration is None:
        return weekly(found)
    group = births.select(pl.lit(POOLED).alias("group"), "first_day", "customers")
    return weekly(found, expected_repeats({None: parts.calibration.pooled.purchase}, group, first))
