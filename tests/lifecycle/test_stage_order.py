"""The order of the fourteen stages on holdouts of two real logs.

Authority: the table of the presets' evidence (share / bought in the holdout / spend per customer), made by a second
implementation. Within each phase 95 % intervals (Wilson) of the purchase rate may overlap, not invert.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import sqrt
from pathlib import Path

import polars as pl
import pytest
from conftest import cdnow_rows

from clvcli.core.options import ScoreOptions
from clvcli.scoring.scored import score_log

ORDER = (
    ("champions", "loyal"),
    ("potential loyalists", "promising"),
    ("first-time buyers", "recent buyers"),
    ("can't lose", "need attention", "at risk", "about to sleep", "hibernating", "lost"),
)
CDNOW = {
    "champions": (14.3, 0.723, 137.1),
    "loyal": (5.3, 0.558, 39.7),
    "potential loyalists": (8.6, 0.466, 41.1),
    "promising": (6.2, 0.411, 20.6),
    "can't lose": (0.4, 0.312, 32.9),
    "need attention": (5.9, 0.208, 18.1),
    "at risk": (2.9, 0.195, 23.2),
    "about to sleep": (20.1, 0.156, 7.8),
    "hibernating": (19.0, 0.154, 10.6),
    "lost": (17.4, 0.123, 5.9),
}
ONLINE_RETAIL = {
    "champions": (14.6, 0.965, 5080),
    "loyal": (9.7, 0.902, 1571),
    "potential loyalists": (6.4, 0.795, 863),
    "promising": (4.9, 0.662, 375),
    "can't lose": (2.3, 0.851, 1471),
    "need attention": (6.1, 0.783, 772),
    "at risk": (3.9, 0.629, 893),
    "first-time buyers": (9.7, 0.592, 489),
    "recent buyers": (9.4, 0.516, 377),
    "about to sleep": (1.3, 0.684, 265),
    "hibernating": (14.5, 0.513, 419),
    "lost": (17.2, 0.457, 244),
}


@dataclass(frozen=True)
class Outcome:
    """What a stage did in the holdout."""

    customers: int
    share: float
    buyers: int
    rate: float
    spend: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the purchase rate."""
        n, z = self.customers, 1.959964
        centre = (self.rate + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(self.rate * (1 - self.rate) / n + z * z / (4 * n * n))
        return centre - half, centre + half


def outcomes(options: ScoreOptions, purchases: pl.DataFrame, end: date) -> dict[str, Outcome]:
    """Stages as of the options, purchases after that up to `end`."""
    scored = score_log(options)
    later = purchases.filter((pl.col("day") > scored.log.as_of) & (pl.col("day") <= end))
    bought = later.group_by("customer_id").agg(pl.col("amount").sum())
    joined = scored.table.select("customer_id", "stage").join(bought, on="customer_id", how="left")
    found = joined.group_by("stage").agg(
        n=pl.len(), buyers=pl.col("amount").count(), spend=pl.col("amount").fill_null(0).sum() / pl.len() / 100
    )
    return {
        r["stage"]: Outcome(r["n"], r["n"] / joined.height, r["buyers"], r["buyers"] / r["n"], r["spend"])
        for r in found.to_dicts()
    }


def check_order(found: dict[str, Outcome]) -> None:
    for phase in ORDER:
        present = [name for name in phase if name in found]
        for better, worse in pairwise(present):
            assert found[better].interval[1] >= found[worse].interval[0], (better, worse)
    assert max(outcome.share for outcome in found.values()) <= 0.25
    assert "unclassified" not in found


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, pl.DataFrame]:
    """The full CDNOW log: its path and its purchases."""
    path = tmp_path_factory.mktemp("cdnow") / "master.csv"
    path.write_text("customer_id,date,amount\n" + "".join(",".join(r) + "\n" for r in cdnow_rows("CDNOW_master.txt")))
    return str(path), score_log(ScoreOptions(data=(str(path),), no_model=True)).log.purchases


def test_cdnow_is_the_table(master: tuple[str, pl.DataFrame]) -> None:
    path, purchases = master
    options = ScoreOptions(data=(path,), as_of="1997-09-30", no_model=True)
    found = outcomes(options, purchases, date(1998, 6, 30))
    assert set(found) == set(CDNOW)
    for name, (share, rate, spend) in CDNOW.items():
        assert found[name].share * 100 == pytest.approx(share, abs=0.06), name
        assert found[name].rate == pytest.approx(rate, abs=0.0006), name
        assert found[name].spend == pytest.approx(spend, abs=0.06), name
    check_order(found)


def test_cdnow_at_another_cut_keeps_the_order(master: tuple[str, pl.DataFrame]) -> None:
    path, purchases = master
    options = ScoreOptions(data=(path,), as_of="1997-06-30", no_model=True)
    check_order(outcomes(options, purchases, date(1998, 3, 31)))


@pytest.mark.shared
@pytest.mark.slow
def test_online_retail_is_the_table(online_retail: Path) -> None:
    def options(as_of: str | None) -> ScoreOptions:
        return ScoreOptions(
            data=(str(online_retail),),
            amount="Quantity * UnitPrice",
            where="Quantity > 0 AND UnitPrice > 0 AND InvoiceNo NOT IN ('581483', '541431')",
            as_of=as_of,
            no_model=True,
        )

    purchases = score_log(options(None)).log.purchases
    found = outcomes(options("2011-06-30"), purchases, date(2011, 12, 9))
    assert set(found) == set(ONLINE_RETAIL)
    for name, (share, rate, spend) in ONLINE_RETAIL.items():
        assert found[name].share * 100 == pytest.approx(share, abs=0.11), name
        assert found[name].rate == pytest.approx(rate, abs=0.006), name
        assert found[name].spend == pytest.approx(spend, rel=0.01), name
    check_order(found)
    check_order(outcomes(options("2011-08-31"), purchases, date(2011, 12, 9)))
