"""Sums of money are exact whatever their size: against fractions, and through the front door."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import Clv
from hypothesis import given
from hypothesis import strategies as st
from series.test_series_value import AS_OF, table

from clvcli.engines import local
from clvcli.models.exact_sum import whole_sums
from clvcli.scoring.series.lists import Lists
from clvcli.scoring.series.spread import Bins
from clvcli.scoring.series.stages import Stages, stage_rows
from clvcli.scoring.series.value import Grid, Headline

MOST = 2**63 - 1
WHOLES = st.lists(st.tuples(st.integers(0, 3), st.integers(-MOST - 1, MOST)), max_size=60)


@given(WHOLES, st.sampled_from([1, 2**10, 2**40, 2**62]))
def test_sums_of_whole_numbers_by_group(rows: list[tuple[int, int]], less: int) -> None:
    rows = [(group, value // less) for group, value in rows]
    groups, values = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    floats = values.astype(np.float64) * 1e9
    wanted = [sum(value for group, value in rows if group == k) for k in range(4)]
    assert whole_sums(values, groups, 4) == wanted
    assert whole_sums(floats, groups, 4) == [sum(int(v) for v in floats[groups == k]) for k in range(4)]


SIZES = st.sampled_from([1e-2, 1.0, 1e6, 1e12, 1e15, 1e19, 1e25])
PEOPLE = st.lists(st.tuples(st.floats(0, 1), SIZES, st.integers(0, 10**17)), min_size=1, max_size=40)


def steps(value: float) -> int:
    return int(np.rint(value * 1e4))


@given(PEOPLE, st.integers(0, 6))
def test_series_add_up_money_of_every_size(people: list[tuple[float, float, int]], decimals: int) -> None:
    clv, total = [share * size for share, size, _ in people], [spent for *_, spent in people]
    n, spend = len(clv), [spent / 10**decimals for spent in total]
    frame = table(clv, total=total, total_spend=spend, alert_date=[AS_OF] * n, expected_purchases=[0.5] * n)
    headline = local.reduce(frame, Headline(AS_OF, decimals, ("loyal",)))
    whole = sum(steps(v) for v in clv) / 1e4
    assert [headline[name] for name in ("clv", "silent_clv", "at_risk_clv")] == [whole] * 3
    assert [headline[name] for name in ("spend", "silent_spend")] == [sum(total) / 10.0**decimals] * 2
    assert local.reduce(frame, Lists(AS_OF))["contacts"]["clv"] == whole
    assert local.reduce(frame, Grid())[0]["value"] == round(whole, 4)
    (row,) = stage_rows(local.reduce(frame, Stages(("loyal",))), [("loyal", None)])
    exact = float(sum((Fraction(v) for v in clv), Fraction(0)))
    assert (row["clv"], row["clv_share"]) == (round(exact, 6), 1.0 if exact else None)
    bins = local.reduce(pl.DataFrame({"value": np.sort(clv)}), Bins((1e30,)))
    assert bins[0]["value"] == round(exact, 4) == round(math.fsum(clv), 4)


@pytest.mark.parametrize(("size", "code"), [(3e11, None), (9e13, "spend_beyond_digits")])
def test_sums_beyond_64_bits_through_the_front_door(clv: Clv, tmp_path: Path, size: float, code: str | None) -> None:
    small = size / 3000 if code else size
    rows = [
        f"C{i % 300:03},2023-{1 + i // 300 % 12:02}-{1 + i % 28:02},{small * (1 + i % 7) / 4:.2f}\n"
        for i in range(2400)
    ]
    big = [f"B{i},2023-0{1 + k}-05,{size}\n" for i in range(3) for k in range(4)]
    (tmp_path / "log.csv").write_text("customer_id,date,amount\n" + "".join(rows + big))
    done = clv("score", "log.csv", "-o", "scored.parquet", "-q")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "scored.parquet.run.json").read_text())
    scored = pl.read_parquet(tmp_path / "scored.parquet")
    headline, contacts = manifest["series"]["headline"], manifest["series"]["contacts"]
    assert headline["clv"] == pytest.approx(math.fsum(scored["clv"]), rel=1e-12)
    assert headline["clv"] > 9.3e14
    assert headline["spend"] == pytest.approx(math.fsum(scored["total_spend"]), rel=1e-12)
    assert min(headline["silent_clv"], headline["soon_clv"], contacts["clv"]) >= 0
    assert sum(row["value"] for row in manifest["series"]["rfm"]) == pytest.approx(headline["clv"], rel=1e-12)
    codes = {warning["code"] for warning in manifest["warnings"]}
    assert ("spend_beyond_digits" in codes) == (code is not None)
