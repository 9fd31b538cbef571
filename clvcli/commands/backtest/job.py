"""`clv backtest`: stand in the past, forecast, compare with what came."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl

from clvcli.commands.backtest.challenger import check_library
from clvcli.commands.backtest.content import content
from clvcli.commands.backtest.origin import judged
from clvcli.core.errors import ModelError, Notice, UsageError
from clvcli.core.horizon import parse_span
from clvcli.core.language import marked
from clvcli.core.options import BacktestOptions
from clvcli.core.run_day import run_day
from clvcli.engines.people import columns_of_log, read_attributes
from clvcli.lifecycle.load import load_rules
from clvcli.log.purchases import Purchases
from clvcli.log.read import Log, read_log
from clvcli.log.sources import find_sources
from clvcli.output import Outputs
from clvcli.scoring import manifest
from clvcli.scoring.covariates import learned, named
from clvcli.scoring.covaried import refuse_covariates
from clvcli.scoring.rolling_origins import Fold, plan_folds
from clvcli.scoring.table import write_bytes

CUSTOMERS = 100_000
"""Figures of so many customers are sure enough, and take a minute at the most."""

Stage = Callable[[str], None]


@dataclass(frozen=True)
class Backtest:
    """A finished backtest: `content` is what `-o` writes (see content.py)."""

    content: Mapping[str, Any]
    encoded: bytes
    output: str | None
    notices: tuple[Notice, ...]


def backtest(options: BacktestOptions, stage: Stage) -> Backtest:
    """Judges models, heuristics and rules over the folds of the log.

    Raises ModelError (5) when the log is too short to hold anything out or no model can be fitted.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    if options.json and options.output == "-":
        raise UsageError("--json and -o - both want stdout", hint="-o FILE")
    if options.result_format != "text" and options.output == "-":
        raise UsageError("--format and -o - both want stdout", hint="-o FILE")
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    if options.challenger:
        check_library()
    rules = load_rules(options.rules) if options.rules else None
    paths = [source.path for source in find_sources(options.data).sources]
    with Outputs({"backtest": options.output} if options.output else {}, paths, log_file=options.log_file) as outputs:
        refuse_covariates(options)
        people = _people(options)
        stage("reading")
        log = read_log(options, run_day(), keep=columns_of_log(options.by))
        log.quality.refuse_nothing_used()
        log = at_most(log, CUSTOMERS)
        past = [judged(options, log, fold, stage, people) for fold in _folds(options, log)]
        result = content(options, log, past, rules)
        result["run"] = {
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - clock, 3),
            "run_day": run_day().isoformat(),
        }
        encoded = manifest.encode(result)
        if options.output:
            outputs.write("backtest", lambda sink: write_bytes(encoded, sink))
            outputs.commit()
    notices = tuple(Notice(w["code"], w["message"]) for w in result["warnings"])
    return Backtest(result, encoded, options.output, notices)


def _people(options: BacktestOptions) -> pl.DataFrame | None:
    """What --customers tells, where the options ask for covariates. Raises UsageError for columns that tell nothing."""
    if not named(options):
        return None
    frame = read_attributes(options.customers, load_rules("rfm-lifecycle")).frame
    assert frame is not None  # --covariates needs --customers
    learned(frame, named(options))
    return frame


def at_most(log: Log, customers: int) -> Log:
    """The log of every k-th customer by id where there are more than so many, and a note of it."""
    known = log.bought.ids.len()
    if known <= customers:
        return log
    k = -(-known // customers)
    kept = np.arange(0, known, k)
    text = marked(
        "{n:,} customers: the backtest judges one in {k:d} of them, {kept:,} in all", n=known, k=k, kept=kept.size
    )
    quality = replace(log.quality, notices=(*log.quality.notices, Notice("backtest_sample", text)))
    return replace(log, bought=Purchases.of(log.bought.some(kept)), quality=quality)


def _folds(options: BacktestOptions, log: Log) -> tuple[Fold, ...]:
    first: date = log.purchases["day"].min()  # type: ignore[assignment]
    span = parse_span(options.holdout, infinite=False) if options.holdout else None
    horizon = parse_span(options.horizon).days(log.as_of)
    folds = plan_folds(first, log.as_of, holdout=span, folds=options.folds, horizon=horizon)
    if not folds:
        raise ModelError(
            marked(
                "the log from {first} to {as_of} is too short to hold {value} out",
                first=first,
                as_of=log.as_of,
                value=options.holdout or marked("anything"),
            ),
            hint="a longer log, or a shorter --holdout",
            code="too_little_data",
        )
    return folds
