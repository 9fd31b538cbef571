"""The audit of a customer base by hand: why sales changed, deciles, cohorts."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import Clv

from clvcli.commands.compare.audit import audit
from clvcli.core.errors import UsageError
from clvcli.scoring.series.activity import Purchased
from clvcli.scoring.series.change import change, window_of

AS_OF = date(2024, 12, 31)


def bought(**days: list[tuple[str, int]]) -> pl.DataFrame:
    """customer=[(day, amount in cents)]."""
    rows = [(c, date.fromisoformat(d), a) for c, found in days.items() for d, a in found]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}, orient="row")


LOG = bought(
    old=[("2022-01-01", 500)],
    gone=[("2023-06-01", 3000)],
    back=[("2022-02-01", 100), ("2024-05-01", 1500)],
    new=[("2024-03-01", 700), ("2024-04-01", 300)],
    kept=[("2023-02-01", 1000), ("2024-02-01", 1200), ("2024-08-01", 1200), ("2024-09-01", 1200)],
)
"""Two years to 31 December 2024: 40 in the first (gone 30, kept 10), 61 in the second (back 15, new 10, kept 36)."""


def test_why_sales_changed_by_hand() -> None:
    found = audit(LOG, AS_OF, 2, None).change
    assert found is not None
    assert (found["from"], found["middle"], found["until"], found["days"]) == (
        "2023-01-02", "2024-01-01", "2024-12-31", 365,
    )  # fmt: skip
    assert {k: r["customers"] for k, r in found["kinds"].items()} == {"kept": 1, "new": 1, "back": 1, "gone": 1}
    # Kept: from 1 x 10 to 3 x 12: two more purchases at the mean of 10 and 12 are 22; 2 more each at the mean of 2: 4.
    assert found["effects"] == {"new": 10, "back": 15, "gone": -30, "kept_frequency": 22, "kept_value": 4}
    assert sum(found["effects"].values()) == found["now"]["spend"] - found["before"]["spend"] == 21
    assert found["before"] == {"customers": 2, "purchases": 2, "spend": 40}
    assert found["now"] == {"customers": 3, "purchases": 6, "spend": 61}
    assert sum(found["factors"].values()) == pytest.approx(21)


@pytest.mark.parametrize("seed", range(5))
def test_effects_and_factors_add_up_and_the_page_has_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 400
    days = [date.fromordinal(int(d)) for d in random.integers(date(2022, 1, 1).toordinal(), AS_OF.toordinal() + 1, n)]
    log = pl.DataFrame(
        {"customer_id": random.integers(0, 90, n).astype(str), "day": days, "amount": random.integers(0, 99_999, n)}
    )
    log = log.group_by("customer_id", "day").agg(pl.col("amount").sum()).sort("customer_id", "day")
    found = audit(log, AS_OF, 2, None).change
    assert found is not None
    moved = found["now"]["spend"] - found["before"]["spend"]
    assert sum(found["effects"].values()) == pytest.approx(moved)
    assert sum(found["factors"].values()) == pytest.approx(moved)
    first = log["day"].min()
    assert isinstance(first, date)
    people = log.group_by("customer_id", maintain_order=True).agg(first_day=pl.col("day").first(), purchases=pl.len())
    series = Purchased(first, AS_OF)
    half = int(people["purchases"].head(40).sum())
    parts = [series.of(people[:40], log[:half]), series.of(people[40:], log[half:])]
    window = window_of(first, AS_OF)
    assert window is not None
    assert change(list(series.finish(series.merge(parts)).change), window, 2) == found


def test_deciles_and_cohorts_by_hand() -> None:
    found = audit(LOG, AS_OF, 2, None)
    assert [(d.decile, d.customers, d.spend) for d in found.deciles] == [(1, 1, 36), (2, 1, 15), (3, 1, 10)]
    assert sum(d.share for d in found.deciles) == pytest.approx(1)
    assert found.periods[0] == "2022-Q1"
    assert found.periods[-1] == "2024-Q4"
    first = found.cohorts[0]
    assert (first.cohort, first.customers, first.active[0], first.spend[0]) == ("2022-Q1", 2, 2, 6)
    assert first.active[9] == 1  # `back` in the second quarter of 2024
    assert first.again == {90: 0.0, 180: 0.0, 365: 0.0}
    new = next(c for c in found.cohorts if c.cohort == "2024-Q1")
    assert (new.again[90], new.again[365]) == (1.0, None)  # not seen for a year yet
    assert sum(sum(c.spend) for c in found.cohorts) == pytest.approx(LOG["amount"].sum() / 100)


def test_a_length_of_ones_own_and_one_that_is_too_long() -> None:
    found = audit(LOG, AS_OF, 2, "6m").change
    assert found is not None
    assert (found["middle"], found["days"]) == ("2024-06-30", 184) or found["days"] in range(181, 185)
    with pytest.raises(UsageError, match="does not hold it twice"):
        audit(LOG, AS_OF, 2, "3y")


def test_history_shows_and_writes_it(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    done = clv("history", cdnow_csv, "--every", "9m", "--json", "-o", "h.csv", "-q")
    assert done.code == 0, done.err
    told = json.loads(done.out)["audit"]
    assert told == json.loads((tmp_path / "h.csv.run.json").read_text())["audit"]
    assert sum(c["customers"] for c in told["cohorts"]) == 2357
    page = clv("history", cdnow_csv, "--every", "9m").page
    assert "Why sales changed" in page
    assert "Cohorts" in page
