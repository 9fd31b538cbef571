"""Simulated logs: the parameters come back when an independent tool fits them, the dirt is what is counted, the bytes
are stated by options and seed, and sample_data is made of them."""

import dataclasses
import io
from datetime import date
from pathlib import Path
from typing import Any

import lifetimes
import numpy as np
import polars as pl
import pytest

from clvcli.commands.simulate.dirt import BAD_AMOUNTS, BAD_DATES
from clvcli.commands.simulate.job import Simulated, draw_table, plan_of, simulate
from clvcli.core.errors import OutputError, UsageError
from clvcli.core.options import SimulateOptions

ROOT = Path(__file__).parents[1]


def drawn(**options: Any) -> pl.DataFrame:
    """A whole table in memory."""
    return pl.concat(draw_table(plan_of(SimulateOptions(**options)), {}))


def written(path: Path, **options: Any) -> tuple[Simulated, bytes]:
    """What the job says and the bytes that it wrote."""
    return simulate(SimulateOptions(output_file=str(path), **options)), path.read_bytes()


SAMPLES: dict[str, dict[str, Any]] = {
    "transactions.csv": {},
    "customers.csv": {"table": "customers"},
    "spend.csv": {"table": "spend"},
    "subscriptions.csv": {"table": "subscriptions"},
    "lines.csv": {"table": "lines", "buyers": 800},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_data_is_what_the_stated_options_draw(name: str, tmp_path: Path) -> None:
    """`clv simulate`, with --table and --customers as here, and nothing else."""
    assert written(tmp_path / name, **SAMPLES[name])[1] == (ROOT / "sample_data" / name).read_bytes()


def histories(log: pl.DataFrame, end: date) -> dict[str, np.ndarray[Any, Any]]:
    """(x, t_x, T) in weeks and the mean of the repeat days, the literature's way."""
    day = log.with_columns(pl.col("date").str.to_date(), pl.col("amount").cast(pl.Float64))
    day = day.group_by("customer_id", "date").agg(pl.col("amount").sum()).sort("customer_id", "date")
    one = day.group_by("customer_id", maintain_order=True).agg(
        x=pl.len() - 1,
        t_x=(pl.col("date").last() - pl.col("date").first()).dt.total_days() / 7,
        T=(pl.lit(end) - pl.col("date").first()).dt.total_days() / 7,
        mean=pl.col("amount").slice(1).mean(),
    )
    return {name: one[name].to_numpy() for name in ("x", "t_x", "T", "mean")}


FITTERS = {
    "bg-nbd": lifetimes.BetaGeoFitter,
    "mbg-nbd": lifetimes.ModifiedBetaGeoFitter,
    "pareto-nbd": lifetimes.ParetoNBDFitter,
}


@pytest.mark.parametrize(
    ("model", "customers", "tolerance"),
    [
        ("bg-nbd", 40_000, 0.1),
        pytest.param("mbg-nbd", 40_000, 0.1, marks=pytest.mark.slow),
        pytest.param("pareto-nbd", 12_000, 0.2, marks=pytest.mark.slow),
    ],
)
def test_an_independent_fit_recovers_the_parameters(model: str, customers: int, tolerance: float) -> None:
    """lifetimes 0.11.3 on a clean log; tolerance: about 3 standard errors of the worst parameter at that size.

    Days are calendar days and two purchases on one day are one, so that a small bias is right: rates are kept low.
    """
    log = drawn(true_model=model, buyers=customers, dirt=0.0, params="alpha=12", end="2025-12-31", seed=7)
    data = histories(log, date(2025, 12, 31))
    fitter = FITTERS[model](penalizer_coef=0.0)
    np.random.seed(7)  # It starts at random points, and not every one of them leads to the top.
    with np.errstate(all="ignore"):
        fitter.fit(data["x"], data["t_x"], data["T"])
    truth = plan_of(SimulateOptions(true_model=model, params="alpha=12")).params
    assert dict(fitter.params_) == pytest.approx(truth, rel=tolerance)


def test_an_independent_fit_recovers_the_spend() -> None:
    """Gamma-Gamma by lifetimes on the repeat days; the mean of a purchase is p v / (q - 1) = 36."""
    log = drawn(buyers=60_000, dirt=0.0, seed=3, params="alpha=40", end="2025-12-31")  # rarely two on one day
    data = histories(log, date(2025, 12, 31))
    repeat = data["x"] > 0
    fitter = lifetimes.GammaGammaFitter(penalizer_coef=0.0)
    with np.errstate(all="ignore"):
        fitter.fit(data["x"][repeat], data["mean"][repeat])
    p, q, v = (fitter.params_[name] for name in "pqv")
    assert p * v / (q - 1) == pytest.approx(36.0, rel=0.03)
    assert (p, q, v) == pytest.approx((6.0, 4.0, 18.0), rel=0.1)


def test_dirt_is_what_is_counted_and_the_rest_is_clean(tmp_path: Path) -> None:
    counts, data = written(tmp_path / "dirty.csv", buyers=4000, dirt=0.1)
    clean = written(tmp_path / "clean.csv", buyers=4000, dirt=0.0)[1]
    log = pl.read_csv(io.BytesIO(data), infer_schema=False)
    bad_date = log.filter(pl.col("date").fill_null("").is_in(BAD_DATES))
    bad_amount = log.filter(pl.col("amount").fill_null("").is_in(BAD_AMOUNTS))
    returns = log.filter(pl.col("amount").str.starts_with("-"))
    assert counts.dirt["bad_date"] == bad_date.height > 50
    assert counts.dirt["bad_amount"] == bad_amount.height > 50
    assert counts.dirt["return"] == returns.height > 50
    assert counts.dirt["no_customer_id"] == log["customer_id"].null_count() > 50
    assert counts.rows == log.height == len(clean.splitlines()) - 1 + sum(counts.dirt.values())
    assert not _missing(sorted(clean.splitlines()), sorted(data.splitlines()))
    assert log["date"].filter(~log["date"].fill_null("").is_in(BAD_DATES)).is_sorted()


def _missing(wanted: list[bytes], there: list[bytes]) -> list[bytes]:
    """Lines of `wanted` that `there` lacks, counted with repetition; both sorted."""
    found = iter(there)
    return [line for line in wanted if not any(line == other for other in found)]


def test_a_return_reverses_an_earlier_line() -> None:
    log = drawn(buyers=3000, dirt=0.1).with_columns(pl.col("date").str.to_date(strict=False))
    back = log.filter(pl.col("amount").str.starts_with("-")).with_columns(amount=pl.col("amount").str.slice(1))
    pairs = back.join(log, on=["customer_id", "amount"], suffix="_sold")
    gap = pairs.filter(pl.col("date") >= pl.col("date_sold")).select(
        "customer_id", (pl.col("date") - pl.col("date_sold")).dt.total_days().alias("days")
    )
    assert back.height > 50
    assert gap["customer_id"].n_unique() == back["customer_id"].n_unique()


@pytest.mark.parametrize("kind", ["csv", "parquet", "ndjson"])
def test_the_seed_states_the_bytes(kind: str, tmp_path: Path) -> None:
    first, second, other = (
        written(tmp_path / f"{n}.{kind}", buyers=2000, seed=seed)[1] for n, seed in enumerate((1, 1, 2))
    )
    assert first == second != other


def test_formats_hold_the_same_log(tmp_path: Path) -> None:
    written(tmp_path / "a.parquet", buyers=500)
    written(tmp_path / "a.csv", buyers=500)
    text = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
    typed = text.with_columns(
        pl.col("date").str.to_date("%Y-%m-%d", strict=False), pl.col("amount").cast(pl.Decimal(18, 2), strict=False)
    )
    assert pl.read_parquet(tmp_path / "a.parquet").equals(typed)


@pytest.mark.parametrize(
    ("style", "pattern"),
    [
        ("code", r"^C\d{7}$"),
        ("integer", r"^\d+$"),
        ("uuid", r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
    ],
)
def test_ids(style: str, pattern: str) -> None:
    ids = drawn(buyers=3000, ids=style, dirt=0.0)["customer_id"]
    assert ids.str.contains(pattern).all()
    assert ids.n_unique() == 3000


def test_about_as_many_rows_as_asked_for(tmp_path: Path) -> None:
    assert written(tmp_path / "a.csv", rows=100_000)[0].rows == pytest.approx(100_000, rel=0.03)


def test_lines_a_purchase() -> None:
    log = drawn(buyers=3000, lines=2.5, dirt=0.0)
    orders = drawn(buyers=3000, lines=2.5, table="lines")["order_id"].n_unique()
    assert log.height / orders == pytest.approx(2.5, rel=0.03)


def test_the_season_swings_as_stated() -> None:
    """Sales of December over June in a log of one long cohort: (1 + .5) / (1 - .5) = 3, by the definition."""
    log = drawn(buyers=40_000, season=0.5, dirt=0.0, start="2020-01-01", end="2024-12-31", params="a=0.001,b=10")
    month = log.filter(pl.col("date") >= "2022").group_by(pl.col("date").str.slice(5, 2).alias("m")).len()
    sales = dict(month.iter_rows())
    assert sales["12"] / 31 / (sales["06"] / 30) == pytest.approx(3.0, rel=0.15)


def test_the_log_stays_in_its_days() -> None:
    log = drawn(buyers=2000, dirt=0.0, start="2024-02-28", end="2024-03-05")
    assert (log["date"].min(), log["date"].max()) == ("2024-02-28", "2024-03-05")


def test_what_stands_beside_the_log_fits_to_it() -> None:
    log = drawn(dirt=0.0)
    first = log.group_by("customer_id").agg(pl.col("date").min().str.to_date())
    people = drawn(table="customers")
    both = people.join(first, on="customer_id")
    assert both.height == first.height == 6000
    assert (both["signup_date"] <= both["date"]).all()
    assert people.height == 6600
    spend = drawn(table="spend")
    assert spend["spend"].sum() == people["acquisition_cost"].sum()
    contracts = drawn(table="subscriptions")
    assert contracts.join(first, on="customer_id").height == contracts.height == 600
    assert (contracts["end_date"].drop_nulls() > contracts["start_date"].min()).all()
    lengths = contracts.filter(pl.col("prepaid_months") == 12, pl.col("end_date").is_not_null())
    assert ((lengths["end_date"].dt.year() - lengths["start_date"].dt.year()) >= 1).all()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"params": "r=0"}, "r is a number above 0"),
        ({"params": "r=x"}, "r is a number above 0"),
        ({"params": "gamma=1"}, "is not NAME=NUMBER"),
        ({"params": "a=1", "true_model": "pareto-nbd"}, "is not NAME=NUMBER"),
        ({"spend_params": "p"}, "is not NAME=NUMBER"),
        ({"start": "2024-01-02", "end": "2024-01-01"}, "is before"),
    ],
)
def test_parameters_that_cannot_be(options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        plan_of(SimulateOptions(**options))


def test_nothing_is_overwritten_under_a_default_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("transactions.csv").write_text("mine")
    with pytest.raises(OutputError):
        simulate(SimulateOptions(buyers=10))
    assert Path("transactions.csv").read_text() == "mine"


def test_the_default_plan_is_stated_in_full(tmp_path: Path) -> None:
    plan = written(tmp_path / "a.csv", buyers=10)[0].plan
    assert dataclasses.asdict(plan) | {"customers": 6000} == dataclasses.asdict(plan_of(SimulateOptions()))
