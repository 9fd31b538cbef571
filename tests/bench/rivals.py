"""What `clv score` is measured against: one rival a run, as a process of its own.

    python tests/bench/rivals.py RIVAL LOG

A log has the columns customer_id, date, amount. `floor`: the least that any tool must do, a bare streaming scan and a
group by customer with four aggregates. `columns`: the same with every column read as the scores need it. `duckdb`: the
floor by DuckDB. `lifetimes`: the whole job as its manual says, with a table written. `fit` and `lifetimes-fit`: both
models fitted and all customers scored, the log read before the clock starts; they print their processor seconds.
"""

import os
import sys
import time
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any


def floor(path: str) -> None:
    """Texts stay texts: nothing is checked."""
    import polars as pl

    scan = pl.scan_parquet(path) if path.endswith(".parquet") else pl.scan_csv(path)
    day, amount = pl.col("date"), pl.col("amount")
    grouped = scan.group_by("customer_id").agg(n=pl.len(), first=day.min(), last=day.max(), total=amount.sum())
    grouped.collect(engine="streaming")


def columns(path: str) -> None:
    """Dates as dates, amounts as decimals."""
    import polars as pl

    schema = {"customer_id": pl.String(), "date": pl.Date(), "amount": pl.Decimal(18, 2)}
    scan = pl.scan_parquet(path) if path.endswith(".parquet") else pl.scan_csv(path, schema=schema)
    day, amount = pl.col("date"), pl.col("amount")
    grouped = scan.group_by("customer_id").agg(n=pl.len(), first=day.min(), last=day.max(), total=amount.sum())
    grouped.collect(engine="streaming")


def duckdb(path: str) -> None:
    """The floor in SQL, on two threads as everybody."""
    import duckdb as engine

    engine.sql("SET threads TO 2")
    engine.sql(
        f"SELECT customer_id, count(*) n, min(date) f, max(date) l, sum(amount) s FROM '{path}' GROUP BY customer_id"
    ).fetchnumpy()


def lifetimes(path: str) -> None:
    """From the CSV to a table with expected purchases and CLV of every customer."""
    import pandas as pd

    summary = _summary(pd.read_csv(path, dtype={"customer_id": str}, parse_dates=["date"]))
    _score_with_lifetimes(summary).to_csv(path + ".lifetimes")
    Path(path + ".lifetimes").unlink()


def _summary(log: Any) -> Any:
    from lifetimes.utils import summary_data_from_transaction_data

    return summary_data_from_transaction_data(log, "customer_id", "date", "amount", freq="D")


def _score_with_lifetimes(summary: Any) -> Any:
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    warnings.simplefilter("ignore")
    buying = BetaGeoFitter(penalizer_coef=0.0)
    buying.fit(summary["frequency"], summary["recency"], summary["T"])
    paid = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    spend = GammaGammaFitter(penalizer_coef=0.0)
    spend.fit(paid["frequency"], paid["monetary_value"])
    x = (summary["frequency"], summary["recency"], summary["T"])
    summary["p_alive"] = buying.conditional_probability_alive(*x)
    summary["expected"] = buying.conditional_expected_number_of_purchases_up_to_time(365, *x)
    summary["clv"] = spend.customer_lifetime_value(buying, *x, summary["monetary_value"], time=12, freq="D")
    return summary


def lifetimes_fit(path: str) -> None:
    """Fit and score alone."""
    import pandas as pd

    summary = _summary(pd.read_csv(path, dtype={"customer_id": str}, parse_dates=["date"]))
    start = time.process_time()
    _score_with_lifetimes(summary)
    print(time.process_time() - start)


def fit(path: str) -> None:
    """The same of this tool: fits and predictions; without the intervals, which the other has not."""
    from clvcli.core.options import ScoreOptions
    from clvcli.engines import local as engine
    from clvcli.log.read import read_log
    from clvcli.scoring.calibration import calibrate
    from clvcli.scoring.describe import predict
    from clvcli.scoring.run_models import scorer_of

    options = ScoreOptions(data=(path,))
    log = read_log(options, date.today())
    customers = engine.customers(log.bought)
    start = time.process_time()
    fits = calibrate(engine, customers, as_of=log.as_of, model="bg-nbd", basis="all", decimals=2)
    predict(customers, replace(scorer_of(options, log.as_of, "all", fits), interval=False))
    print(time.process_time() - start)


RIVALS = {f.__name__.replace("_", "-"): f for f in (floor, columns, duckdb, lifetimes, lifetimes_fit, fit)}

if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as clvcli/__main__.py
    RIVALS[sys.argv[1]](sys.argv[2])
