"""Warnings of what customers show beside each other: parts put together say what is said of the whole."""

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest
from engines.cluster import Cluster
from engines.dirty_log import ODD_IDS
from engines.spark_fixtures import Run, clean_env
from engines.test_conformance import same_warnings
from hypothesis import example, given
from hypothesis import strategies as st
from series.test_series_parts import in_parts, put_together

from clvcli.engines.spark import warn
from clvcli.log.anomalies import about_customers
from clvcli.log.id_anomalies import MESSAGES, VARIANTS, suspicious_ids

NAMES = st.one_of(
    st.sampled_from(ODD_IDS),
    st.text("aAbBéÉ01 \u00a0.,E'\u0430", min_size=1, max_size=4),
    st.text(min_size=1, max_size=6),
)
TOTALS = st.lists(
    st.tuples(NAMES, st.integers(1, 90), st.integers(-5, 9000)), min_size=1, max_size=60, unique_by=lambda row: row[0]
)


def shared_keys(names: pl.DataFrame, kinds: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """As Spark does it: keys of the parts, counted, those of several ids."""
    keyed = pl.concat([made for part in in_parts(names) for made in warn.Keyed(kinds)(iter([part]))])
    shared = keyed.group_by("kind", "key").len("count").filter(pl.col("count") > 1)
    found = shared.group_by("kind").agg(pl.col("count").sum(), pl.col("key").min())
    return {kind: (n, key) for kind, n, key in found.iter_rows()}


TIED = [(f"c{i:02}", 100 if i >= 52 else 1, 100 if i >= 52 else 1) for i in reversed(range(60))]
"""Eight customers share the most records; the first of them is named, wherever it is."""


@given(TOTALS)
@example(TIED)
def test_ids_and_extremes_of_parts_are_those_of_the_whole(rows: list[tuple[str, int, int]]) -> None:
    totals = pl.DataFrame(rows, schema={"customer": pl.String, "lines": pl.Int64, "amount": pl.Int64}, orient="row")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warn, "reduced", put_together)
        patch.setattr(warn, "shared_keys", shared_keys)
        found = warn.about_totals(totals)
    assert found == suspicious_ids(totals) + about_customers(totals)


def test_every_suspicion_is_among_the_odd_ids() -> None:
    totals = pl.DataFrame({"customer": ODD_IDS, "lines": [1] * len(ODD_IDS)})
    assert {notice.code for notice in suspicious_ids(totals)} == {*MESSAGES, *VARIANTS}


def write_log(path: Path) -> None:
    """A till, a wholesaler, a part in cents, and two customers who only bring back."""
    lines = [
        f"c{i % 40},2024-{1 + i % 9:02}-{1 + i % 28:02},{(10 + i % 7) * (1 if i % 9 < 5 else 100)}.50"
        for i in range(400)
    ]
    lines += [f"till,2024-0{1 + i % 5}-11,1.25" for i in range(90)] + ["shop,2024-03-03,90000.5", "Shop,2024-03-04,1.5"]
    lines += [f"{'back' if i % 2 else 'Back'},2024-04-{1 + i:02},-3.5" for i in range(30)]
    path.write_text("customer_id,date,amount\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("returns", ["reverse", pytest.param("keep", marks=pytest.mark.long_on_cluster)])
def test_the_same_is_said_of_customers_beside_each_other(
    returns: str, on_cluster: Run, on_this_machine: Run, tmp_path: Path
) -> None:
    write_log(tmp_path / "log.csv")
    args = ["score", "log.csv", "--no-model", "--returns", returns, "-q"]
    assert on_this_machine(*args, "-o", "here.parquet").code == 0
    done = on_cluster(*args, "-o", "there")
    assert (done.code, done.err) == (0, "")
    here, there = (json.loads((tmp_path / f"{n}.run.json").read_text())["warnings"] for n in ("here.parquet", "there"))
    same_warnings(here, there)
    told = {warning["code"]: warning["message"] for warning in there}
    assert {"dominant_customer_records", "dominant_customer_spend", "mixed_units"} <= told.keys()
    assert told["case_variants"].startswith("4 " if returns == "keep" else "2 ")


SAMPLED = """
import sys
from clvcli.cli.app import run
from clvcli.engines.spark import warn
from clvcli.log import anomalies

anomalies.SAMPLE = 200
collected = warn.collected

def shown(frame):
    found = collected(frame)
    print(found.columns, found.height)
    return found

warn.collected = shown
sys.exit(run(sys.argv[1:]))
"""


def test_of_many_days_a_part_is_looked_at(cluster: Cluster, tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv")
    (tmp_path / "sampled.py").write_text(SAMPLED)
    args = ["score", "log.csv", "--no-model", "-q", "-o", "there", "--engine", "spark", "--remote", cluster.url]
    done = subprocess.run(
        [cluster.client, "sampled.py", *args], capture_output=True, text=True, check=True, cwd=tmp_path,
        env=clean_env(),
    )  # fmt: skip
    days = int(done.stdout.partition("['day', 'amount'] ")[2].split()[0])
    assert 120 < days < 280, "every other of some 400 days"
    warnings = json.loads((tmp_path / "there.run.json").read_text())["warnings"]
    assert "mixed_units" in {warning["code"] for warning in warnings}
