"""The sums of parts that the workers make, without a cluster: put together in any order they are those of the whole."""

import json
import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from clvcli.scoring.cluster.sums.purchases import COUNTS, Every, activity_on_cluster, purchases_of
from clvcli.scoring.cluster.sums.spread import spread_of
from clvcli.scoring.cluster.sums.totals import TableSums, lists_of, stage_rows, whole
from clvcli.scoring.cluster.thresholds import Ranks
from conftest import ROOT
from engines.test_conformance import same_values

from clvcli.core.options import ScoreOptions
from clvcli.scoring.manifest import stages, stages_of
from clvcli.scoring.scored import Scored, score_log
from clvcli.scoring.series import activity_in, series_of, series_of_log
from clvcli.scoring.series.value import headline_of

PARTS = 7


@pytest.fixture(scope="module")
def scored() -> Scored:
    return score_log(ScoreOptions(data=(str(ROOT / "sample_data" / "transactions.csv"),)))


@pytest.fixture(scope="module")
def series(scored: Scored) -> dict[str, Any]:
    of_log = series_of_log(
        activity_in(scored.table, scored.log.bought.amounts, scored.log.as_of), scored.table, scored.calibration, 2
    )
    return series_of(
        scored.table, of_log, scored.calibration, as_of=scored.log.as_of, decimals=2,
        stages=[stage for stage, _ in scored.rules.stage_names], at_risk=at_risk(scored),
    )  # fmt: skip


def at_risk(scored: Scored) -> tuple[str, ...]:
    return tuple(stage.stage for stage in scored.rules.every_stage if stage.at_risk)


def in_parts(table: pl.DataFrame) -> list[pl.DataFrame]:
    draw = random.Random(5)
    part = pl.Series([draw.randrange(PARTS) for _ in range(table.height)])
    return [table.filter(part == i) for i in range(PARTS)]


def put_together(table: pl.DataFrame, step: Any) -> Any:
    """As `reduced` does it: each part that has rows as JSON, added up one after the other."""
    parts = [json.loads(json.dumps(step(part))) for part in in_parts(table) if part.height]
    total = parts[0]
    for part in parts[1:]:
        total = json.loads(json.dumps(step.merge([total, part])))
    return total


def test_sums_of_the_table(scored: Scored, series: dict[str, Any]) -> None:
    step = TableSums(scored.log.as_of, 2, at_risk(scored))
    total = put_together(scored.table, step)
    concentration = {name: series["headline"][name] for name in ("top_fifth", "gini")}
    same_values(series["headline"], headline_of(total["headline"], at_risk(scored), concentration), "headline")
    same_values(series["rfm"], total["rfm"], "rfm")
    lists = lists_of(total, scored.log.as_of, at_risk(scored))
    for name in ("contacts", "stage_firsts"):
        same_values(series[name], lists[name], name)
    named = scored.rules.stage_names
    same_values(stages(scored.table, named), stages_of(stage_rows(total), named), "stages")
    assert whole(total, "clv") == pytest.approx(scored.table["clv"].sum(), rel=1e-12)


@pytest.mark.parametrize("column", ["clv", "total_spend"])
def test_how_value_is_spread(
    column: str, scored: Scored, series: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = scored.table.select(column)
    points = np.unique(np.sort(values[column].to_numpy())[::50])
    bucket = pl.Series("bucket", np.searchsorted(points, values[column].to_numpy(), side="right").astype(np.int64))
    placed = values.with_columns(bucket).sort("bucket", column).with_columns(
        place=pl.int_range(1, pl.len() + 1).over("bucket")
    )  # fmt: skip
    sizes = np.bincount(bucket.to_numpy(), minlength=points.size + 1)
    ranks = Ranks(points, np.cumsum(sizes) - sizes, values.height)
    place = "clvcli.scoring.cluster.sums.spread"
    monkeypatch.setattr(f"{place}.ranks_of", lambda *_: ranks)
    monkeypatch.setattr(f"{place}.ranked", lambda *_: placed)
    monkeypatch.setattr(f"{place}.reduced", lambda frame, step, _: put_together(frame, step))
    found = spread_of(scored.table, values.height, column)
    if column == "clv":
        for name in ("value_bins", "lorenz"):
            same_values(series[name], found[name], name)
        same_values({n: series["headline"][n] for n in ("top_fifth", "gini")}, found["concentration"], "concentration")
    assert sum(row["customers"] for row in found["value_bins"]) == values.height
    assert found["lorenz"][-1]["value"] == 1.0


def test_what_happened_in_the_log(scored: Scored, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = scored.log.purchases
    lists = frame.group_by("customer_id", maintain_order=True).agg(days="day", amounts="amount")
    customers = scored.table.select("customer_id", "first_day", "purchases").join(lists, on="customer_id")
    assert purchases_of(customers).equals(frame)
    monkeypatch.setattr(
        "clvcli.scoring.cluster.sums.purchases.reduced", lambda frame, step, _: put_together(frame, step)
    )
    first = frame["day"].min()
    assert isinstance(first, date)
    found, most = activity_on_cluster(customers, first, scored.log.as_of)
    assert most == scored.table["purchases"].max()
    assert found.purchases.sum() == frame.height
    assert found.births.sum() == customers.height
    assert found.revenue.sum() == frame["amount"].sum()
    assert (found.active.sum(axis=1) >= np.diag(found.active)).all()
    assert set(COUNTS) <= set(vars(found))
    assert found.starts[0] <= first < found.starts[0] + timedelta(days=31)


def test_every_kth_row_whatever_the_parts() -> None:
    ids = [f"c{i:04d}" for i in range(1_000)]
    sizes = {"a": 300, "b": 1, "c": 699}
    part = [name for name, size in sizes.items() for _ in range(size)]
    row = [i for size in sizes.values() for i in range(size)]
    placed = pl.DataFrame({"customer_id": ids, "part": part, "row": row})
    step = Every(7, {"a": 0, "b": 300, "c": 301})
    found = pl.concat(step(iter(in_parts(placed))))
    assert sorted(found["customer_id"]) == ids[::7]
