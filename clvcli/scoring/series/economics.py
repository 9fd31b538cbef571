"""What customers cost against what they bring, where `--customers` has a column acquisition_cost."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.series import Counts, Part
from clvcli.lifecycle.derived import cost_read
from clvcli.scoring.series.money import money, steps_of


@dataclass(frozen=True)
class Costs(Counts):
    """Means over the customers whose cost is known: cost, margin so far, margin ahead, and their ratio.

    `margin`: the rate of the run, None where every customer has one in the column `margin`.
    """

    margin: float | None

    def of(self, batch: pl.DataFrame) -> Part:
        """Counts, and sums in ten-thousandths."""
        rate = pl.col("margin").cast(pl.Float64) if self.margin is None else pl.lit(self.margin)
        known = (
            batch.filter(pl.col("purchases") > 0)
            .select(
                cost_read().alias("cost"),
                (pl.col("total_spend") * rate).alias("so_far"),
                "clv",
            )
            .filter(pl.col("cost").is_not_null())
        )
        sums = {name: steps_of(known[name]) for name in ("cost", "so_far", "clv")}
        return sums | {"customers": known.height, "valued": known["clv"].count()}

    def finish(self, total: Part) -> dict[str, Any] | None:
        """None where no cost is known."""
        n = total["customers"]
        if not n:
            return None
        ahead = money(total["clv"]) / n if total["valued"] == n else None
        cost, so_far = money(total["cost"]) / n, money(total["so_far"]) / n
        ratio = (so_far + ahead) / cost if ahead is not None and cost > 0 else None
        means = {"cost": cost, "margin_so_far": so_far, "margin_ahead": ahead, "ratio": ratio}
        return {"customers": n, **{name: None if v is None else round(v, 6) for name, v in means.items()}}
