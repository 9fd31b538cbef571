"""What `clv score` is measured against: one rival a run, as a process of its own.

    python tests/bench/rivals.py RIVAL LOG [NAME=VALUE ...]

`floor`: the least that any tool must do with the log, a bare streaming scan and a group by customer with four
aggregates; texts stay texts, nothing is checked. NAME=VALUE gives it the same expressions that the run has: customer,
date and amount (SQL), where, separator. `lifetimes`: the whole job as its manual says, with a table written. `fit` and
`lifetimes-fit`: both models fitted and all customers scored, the log read before the clock starts; they print their
processor seconds.
"""

import os
import sys
import time
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any


def floor(path: str, **given: str) -> None:
    """Numbers of amounts are floating; what is none is null."""
    import polars as pl

    scan = _scan(path, given.get("separator", ","))
    types = scan.collect_schema()
    texts = given.get("amount", "amount").replace("*", " ").split()
    scan = scan.with_columns(pl.col(n).cast(pl.Float64, strict=False) for n in texts if types.get(n) == pl.String)
    if "where" in given:
        scan = scan.filter(pl.sql_expr(given["where"]))
    day, amount = pl.col(given.get("date", "date")), pl.sql_expr(given.get("amount", "amount"))
    grouped = scan.group_by(given.get("customer", "customer_id")).agg(
        n=pl.len(), first=day.min(), last=day.max(), total=amount.sum()
    )
    grouped.collect(engine="streaming")


def _scan(path: str, separator: str) -> Any:
    import polars as pl

    if path.endswith(".parquet"):
        return pl.scan_parquet(path)
    found = Path(path, "*.csv") if Path(path).is_dir() else path
    return pl.scan_csv(found, separator=separator, infer_schema=False, truncate_ragged_lines=True, quote_char=None)


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


RIVALS = {f.__name__.replace("_", "-"): f for f in (floor, lifetimes, lifetimes_fit, fit)}

if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as clvcli/__main__.py
    RIVALS[sys.argv[1]](sys.argv[2], **dict(word.split("=", 1) for word in sys.argv[3:]))
