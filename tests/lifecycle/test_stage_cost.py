"""Stages are cheap beside the run that they are part of."""

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clvcli.core.options import ScoreOptions
from clvcli.lifecycle.derived import derive
from clvcli.scoring.classify import facts_of
from clvcli.scoring.scored import score_log

CUSTOMERS = 200_000


@pytest.mark.slow
def test_fourteen_stages_cost_at_most_a_tenth_of_a_run(tmp_path: Path) -> None:
    """Both grow with the number of customers, so 200,000 stand for a million."""
    rng = np.random.default_rng(1)
    counts = np.minimum(rng.geometric(0.4, CUSTOMERS), 40)
    ids = np.repeat(np.arange(CUSTOMERS), counts)
    days = pl.Series(rng.integers(0, 700, ids.size)).cast(pl.Int32)
    log = pl.DataFrame({"customer_id": ids, "date": days, "amount": rng.integers(100, 9_999, ids.size) / 100})
    log = log.with_columns(date=pl.date(2023, 1, 1) + pl.duration(days=pl.col("date")))
    log.write_csv(tmp_path / "log.csv")

    started = time.perf_counter()
    scored = score_log(ScoreOptions(data=(str(tmp_path / "log.csv"),)))
    run = time.perf_counter() - started
    assert len(scored.rules.stages) == 14

    bare = scored.table.drop("stage", "phase", "action", "in_control", "variant", "typical_gap", "overdue")
    facts = facts_of(scored.cuts, scored.log.as_of)
    times = []
    for _ in range(3):
        started = time.perf_counter()
        found = scored.rules.classify(derive(bare, scored.rules.needs, facts))
        times.append(time.perf_counter() - started)
    assert found["stage"].equals(scored.table["stage"])
    share = min(times) / (run - min(times))
    assert share <= 0.10, f"{share:.1%} of {run:.1f} s"
