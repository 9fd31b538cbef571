"""Every series over a table cut into parts, in any order, tells what it tells of the whole, as workers ask it."""

import json
import random
from datetime import date
from typing import Any

import polars as pl
import pytest
from conftest import ROOT

from clvcli.core.options import ScoreOptions
from clvcli.engines import local
from clvcli.engines.series import Series, Together
from clvcli.lifecycle.actions import of_rules
from clvcli.lifecycle.previous import gone_since, with_previous
from clvcli.scoring.scored import Scored, score_log
from clvcli.scoring.series.activity import Purchased
from clvcli.scoring.series.economics import Costs
from clvcli.scoring.series.fitted import Births
from clvcli.scoring.series.lists import Lists, Top
from clvcli.scoring.series.moves import Moves
from clvcli.scoring.series.spread import Bins, Held
from clvcli.scoring.series.stages import Campaign, Stages
from clvcli.scoring.series.value import Grid, Headline
from clvcli.scoring.summary import spread_of
from clvcli.scoring.thresholds import _Facting

PARTS = 7
DATA = (str(ROOT / "sample_data" / "transactions.csv"),)


@pytest.fixture(scope="module")
def scored() -> Scored:
    people = str(ROOT / "sample_data" / "customers.csv")
    return score_log(ScoreOptions(data=DATA, customers=people, by="region"))


def in_parts(table: pl.DataFrame) -> list[pl.DataFrame]:
    draw = random.Random(5)
    place = pl.Series([draw.randrange(PARTS) for _ in range(table.height)])
    return [part for i in range(PARTS) if (part := table.filter(place == i)).height]


def put_together(table: pl.DataFrame, series: Series) -> Any:
    """As a cluster does it: each part as JSON, added up one after the other, in another order than the table's."""
    parts = [json.loads(json.dumps(series.of(part))) for part in in_parts(table)]
    total = parts[-1]
    for part in parts[:-1]:
        total = json.loads(json.dumps(series.merge([total, part])))
    return series.finish(total)


def test_series_of_the_table(scored: Scored) -> None:
    at_risk = tuple(stage.stage for stage in scored.rules.every_stage if stage.at_risk)
    as_of = scored.log.as_of
    series: dict[str, Series] = {
        "headline": Headline(as_of, 2, at_risk),
        "rfm": Grid(),
        "lists": Lists(as_of, at_risk),
        "top": Top(of_rules(scored.rules.rules), "12m"),
        "births": Births(),
        "stages": Stages(tuple(stage for stage, _ in scored.rules.stage_names)),
        "costs": Costs(0.3),
        "campaign": Campaign(("a", "b")),
    }
    whole, parts = (run(scored.table, Together(series)) for run in (local.reduce, put_together))
    assert whole.pop("births").equals(parts.pop("births"))
    assert parts == whole
    assert list(parts["lists"]["stage_firsts"]) == list(whole["lists"]["stage_firsts"])
    assert parts["headline"]["buyers"] == 5_993
    assert len(parts["lists"]["contacts"]["first"]) == len(parts["top"]) == 10


def test_without_a_model_the_firsts_are_by_spend_in_parts_too() -> None:
    scored = score_log(ScoreOptions(data=DATA, no_model=True))
    for series in (Lists(scored.log.as_of, ("lost",)), Grid(), Headline(scored.log.as_of, 2)):
        assert put_together(scored.table, series) == local.reduce(scored.table, series)


@pytest.mark.parametrize("column", ["clv", "total_spend"])
def test_how_value_is_spread(column: str, scored: Scored) -> None:
    ranked = local.ranked(scored.table, column)
    found = put_together(ranked, Held(ranked.height))
    whole = spread_of(local, scored.table, column, {"valued": ranked.height, "buyers": ranked.height})
    assert put_together(ranked, Bins(tuple(found["edges"]))) == whole["value_bins"]
    assert found["edges"] == whole["edges"]
    assert found["concentration"] == pytest.approx(whole["concentration"], rel=1e-5)
    assert [p["value"] for p in found["lorenz"]] == pytest.approx([p["value"] for p in whole["lorenz"]], rel=1e-5)
    assert found["lorenz"][-1]["value"] == 1.0


def test_what_the_cuts_rest_on(scored: Scored) -> None:
    whole, parts = (run(scored.table, _Facting()) for run in (local.reduce, put_together))
    for name, value in vars(whole).items():
        assert value.equals(vars(parts)[name]) if isinstance(value, pl.DataFrame) else value == vars(parts)[name]


def test_moves_of_parts_are_those_of_the_whole() -> None:
    now, then = (score_log(ScoreOptions(data=DATA, as_of=day)).table for day in (None, "2024-06-30"))
    moves = Moves(tuple(sorted(now["stage"].unique().cast(pl.String))), gone_since(now, then))
    beside = with_previous(now, then)
    whole, parts = (run(beside, moves) for run in (local.reduce, put_together))
    assert parts == whole
    assert parts["counts"]["changed"] > 1_000
    assert len(parts["transitions"]["up"]) == 10


def test_what_happened_in_the_log(scored: Scored) -> None:
    frame, customers = scored.log.purchases, scored.table.filter(pl.col("purchases") > 0)
    first = frame["day"].min()
    assert isinstance(first, date)
    series = Purchased(first, scored.log.as_of)
    parts = [
        series.of(part, frame.join(part.select("customer_id"), on="customer_id", maintain_order="right"))
        for part in in_parts(customers)
    ]
    found = series.finish(series.merge(json.loads(json.dumps(parts))))
    assert series.merge(parts) == series.of(customers, frame)
    assert found.purchases.sum() == frame.height
    assert found.births.sum() == customers.height
    assert found.revenue.sum() == frame["amount"].sum()
