"""Who is worth what: totals of the scored table, who is at risk, the R x F grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.buyers import buyers_of
from clvcli.engines.series import Counts, Part
from clvcli.models.exact_sum import whole_sum
from clvcli.scoring.series.money import in_steps, money, steps_by

SOON_DAYS = 30
WITHOUT_MODEL = ("clv", "at_risk_clv", "silent", "silent_clv", "silent_spend", "soon", "soon_clv")
CELLS = 56
"""R and F scores as one number of two digits."""


@dataclass(frozen=True)
class Headline(Counts):
    """Totals of the whole table, and who is at risk now: those in the stages `at_risk`, else see who_at_risk."""

    as_of: date
    decimals: int
    at_risk: tuple[str, ...] = ()

    def of(self, batch: pl.DataFrame) -> Part:
        """Counts; clv in ten-thousandths, spend in minor units."""
        buyer, late, slipping, soon = batch.select(*self._groups()).get_columns()
        counts = batch.select(
            buyers=pl.lit(buyer.sum()), one_time=(pl.col("purchases") == 1).sum(), valued=pl.col("clv").count(),
            alerts=pl.col("alert_date").count(), silent=pl.lit(late.sum()), at_risk=pl.lit(slipping.sum()),
            soon=pl.lit(soon.sum()), in_control=pl.col("in_control").sum(), low_zero=(pl.col("clv_low") <= 0).sum(),
        )  # fmt: skip
        clv, spend = in_steps(batch["clv"]), batch["total"].to_numpy()
        at = {"": buyer, "silent_": late, "at_risk_": slipping, "soon_": soon}
        rows = {name: None if bool(kept.all()) else kept.arg_true().to_numpy() for name, kept in at.items()}
        sums = {f"{name}spend": whole_sum(spend if of is None else spend[of]) for name, of in rows.items()}
        valued = {f"{name}clv": whole_sum(clv if of is None else clv[of]) for name, of in rows.items() if name}
        return counts.to_dicts()[0] | sums | valued | {"clv": whole_sum(clv)}

    def _groups(self) -> list[pl.Expr]:
        days = pl.col("alert_date")
        groups = {
            "buyer": pl.col("purchases") > 0,
            "late": days <= self.as_of,
            "slipping": pl.col("stage").is_in(list(self.at_risk)),
            "soon": (days > self.as_of) & (days <= self.as_of + timedelta(days=SOON_DAYS)),
        }
        return [condition.fill_null(False).alias(name) for name, condition in groups.items()]

    def finish(self, total: Part) -> dict[str, Any]:
        """All of the headline but how concentrated value is."""
        sums = {name: money(n) if name.endswith("clv") else n for name, n in total.items()}
        sums |= {name: n / 10.0**self.decimals for name, n in total.items() if name.endswith("spend")}
        row = {name: sums[name] for name in ORDER}
        if row["valued"] == 0:
            row |= dict.fromkeys(WITHOUT_MODEL)
        return row | who_at_risk(row, self.at_risk) | {"soon_days": SOON_DAYS}


ORDER = (
    "buyers", "one_time", "spend", "valued", "clv", "alerts", "silent", "silent_clv", "silent_spend", "at_risk",
    "at_risk_clv", "at_risk_spend", "soon", "soon_clv", "in_control", "low_zero",
)  # fmt: skip


def who_at_risk(row: Mapping[str, Any], stages: tuple[str, ...]) -> dict[str, Any]:
    """Who is at risk, and who says so: the stages that the rules mark, else P(alive) below --alert.

    Null where no stage is marked and P(alive) tells nothing: it falls below --alert for nobody, ever.
    """
    if stages:
        return {"at_risk_by": "rules", "at_risk_stages": list(stages)}
    by_silence = bool(row["alerts"]) and row["silent"] is not None
    return {
        "at_risk_by": "silence" if by_silence else None,
        "at_risk_stages": [],
        **{f"at_risk{part}": row[f"silent{part}"] if by_silence else None for part in ("", "_clv", "_spend")},
    }


class Grid(Counts):
    """Customers and value of every combination of R and F score that occurs; by what they spent without a model."""

    def of(self, batch: pl.DataFrame) -> Part:
        """By cell, R x 10 + F; of a batch without any clv what they spent."""
        value = "clv" if batch["clv"].count() else "total_spend"
        buyers = buyers_of(batch.select(value, "purchases", "r_score", "f_score"))
        cell = buyers["r_score"].to_numpy() * 10 + buyers["f_score"].to_numpy()
        counts = np.bincount(cell, minlength=CELLS)
        sums = steps_by(buyers[value], cell, CELLS)
        return {str(i): {"customers": int(counts[i]), value: sums[i]} for i in np.flatnonzero(counts).tolist()}

    def finish(self, total: Part) -> list[dict[str, Any]]:
        """Cells ordered by R, then F."""
        value = "clv" if any("clv" in cell for cell in total.values()) else "total_spend"
        return [
            {"customers": cell["customers"], "value": round(money(cell.get(value, 0)), 4), "r": at // 10, "f": at % 10}
            for at, cell in sorted((int(name), cell) for name, cell in total.items())
        ]
