"""`clv history DATA --every 1m`: the log scored at each step from earlier records only; stages over time."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.commands.compare.audit import Audit, audit
from clvcli.core.errors import InputError, Notice
from clvcli.core.horizon import Span, add_months, parse_span
from clvcli.core.language import marked
from clvcli.core.options import HistoryOptions, ScoreOptions
from clvcli.log.read import Log
from clvcli.output.scored_table import BESIDE
from clvcli.scoring.scored import score_log

MAX_STEPS = 600


@dataclass(frozen=True)
class Stay:
    """Time in a stage. `mean_days`: days at risk / spells that ended, so that spells still running count; null when
    none ended. Days are known to the step of the series only.
    """

    stage: str
    spells: int
    ended: int
    mean_days: float | None


@dataclass(frozen=True)
class Cycle:
    """From the first purchase to the first step in the last stage: days, over the customers who got there."""

    last_stage: str
    completed: int
    running: int
    mean_days: float | None
    median_days: float | None


@dataclass(frozen=True)
class Series:
    """`counts`: as_of, stage, customers, share, clv for every step and stage; `stages` in the rules' order; `audit` of
    the purchases.
    """

    dates: tuple[date, ...]
    stages: tuple[str, ...]
    counts: pl.DataFrame
    stays: tuple[Stay, ...]
    cycle: Cycle | None
    notices: tuple[Notice, ...]
    at_risk: frozenset[str] = frozenset()
    audit: Audit | None = None


def scored_series(options: HistoryOptions, stage: Callable[[str], None]) -> Series:
    """Scores DATA at every step. Raises InputError when the log holds fewer than two steps."""
    whole = score_log(_score_options(options, options.as_of), stage)
    start = whole.log.purchases["day"].min()
    assert isinstance(start, date)
    dates = steps(start, whole.log.as_of, parse_span(options.every, infinite=False))
    if len(dates) < 2:
        raise InputError(
            marked("the log from {start} to {as_of} holds fewer than two steps", start=start, as_of=whole.log.as_of),
            hint="--every 1w",
        )
    frames = []
    for number, day in enumerate(dates, 1):
        stage(f"scoring {day}, {number} of {len(dates)}")
        earlier = _until(whole.log, day) if _may_reuse(whole.log, options) else None
        scored = score_log(_score_options(options, day.isoformat()), log=earlier)
        buyers = scored.table.filter(pl.col("purchases") > 0)
        frames.append(
            buyers.select("customer_id", pl.col("stage").cast(pl.String), "clv", "first_day", as_of=pl.lit(day))
        )
    rows = pl.concat(frames)
    names = [name for name, _ in whole.rules.stage_names]
    last = options.last_stage or _last_stage(whole.rules.stage_names, list(whole.rules.rules.phases), rows)
    if last not in names:
        raise InputError(marked("--last-stage: no stage {last}", last=repr(last)), hint=", ".join(names))
    notices = list(whole.notices)
    if options.customers:
        text = marked("attributes are those of today at every step, and people without a purchase are left out")
        notices.append(Notice("attributes_of_today", text))
    return Series(
        tuple(dates), tuple(names), counts(rows, dates, names), tuple(stays(rows, names)), cycle(rows, last),
        tuple(notices), frozenset(whole.rules.at_risk),
        audit(whole.log.purchases, whole.log.as_of, options.decimals, options.between),
    )  # fmt: skip


def steps(start: date, end: date, span: Span) -> list[date]:
    """The days on which to score, from `start` to `end`: month-ends for months and years, else back from `end`."""
    assert span.count is not None
    found: list[date] = []
    month_end = (end + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    for k in range(MAX_STEPS):
        if span.unit in "my":
            first = add_months(month_end.replace(day=1), 1 - k * span.count * (12 if span.unit == "y" else 1))
            day = first - timedelta(days=1)
        else:
            day = end - timedelta(days=k * span.count * (7 if span.unit == "w" else 1))
        if day < start:
            break
        found.append(day)
    return found[::-1]


def counts(rows: pl.DataFrame, dates: Sequence[date], stages: Sequence[str]) -> pl.DataFrame:
    """as_of, stage, customers, share, clv: every stage on every day, empty ones too."""
    grid = pl.DataFrame({"as_of": list(dates)}).join(pl.DataFrame({"stage": list(stages)}), how="cross")
    found = rows.group_by("as_of", "stage").agg(
        customers=pl.len().cast(pl.Int64),
        clv=pl.when(pl.col("clv").count() > 0).then(pl.col("clv").drop_nulls().sort().sum().round(6)),
    )
    share = pl.col("customers") / pl.col("customers").sum().over("as_of")
    return (
        grid.join(found, on=["as_of", "stage"], how="left", maintain_order="left")
        .with_columns(pl.col("customers").fill_null(0))
        .with_columns(share=pl.when(share.is_finite()).then(share))
        .select("as_of", "stage", "customers", "share", "clv")
    )


def stays(rows: pl.DataFrame, stages: Sequence[str]) -> list[Stay]:
    """Days that customers stay in each stage. `rows`: customer_id, as_of, stage; a customer is there from a day on."""
    end = rows["as_of"].max()
    ordered = rows.sort("customer_id", "as_of")
    new = (pl.col("customer_id") != pl.col("customer_id").shift()) | (pl.col("stage") != pl.col("stage").shift())
    spells = ordered.filter(new.fill_null(value=True)).with_columns(until=pl.col("as_of").shift(-1).over("customer_id"))
    per_stage = spells.group_by("stage").agg(
        spells=pl.len(),
        ended=pl.col("until").is_not_null().sum(),
        days=(pl.col("until").fill_null(end) - pl.col("as_of")).dt.total_days().sum(),
    )
    found = {row["stage"]: row for row in per_stage.to_dicts()}
    none = {"spells": 0, "ended": 0, "days": 0}
    result = []
    for name in stages:
        row = found.get(name, none)
        result.append(Stay(name, row["spells"], row["ended"], row["days"] / row["ended"] if row["ended"] else None))
    return result


def cycle(rows: pl.DataFrame, last: str) -> Cycle:
    """The way of the customers to the stage `last`. `rows`: customer_id, as_of, stage, first_day."""
    arrived = (
        rows.filter(pl.col("stage") == last)
        .group_by("customer_id")
        .agg(days=(pl.col("as_of").min() - pl.col("first_day").first()).dt.total_days())
    )
    everybody = rows["customer_id"].n_unique()
    mean, median = arrived.select(m=pl.col("days").mean(), d=pl.col("days").median()).row(0)
    return Cycle(last, arrived.height, everybody - arrived.height, mean, median)


def _last_stage(named: Sequence[tuple[str, str | None]], phases: Sequence[str], rows: pl.DataFrame) -> str:
    """The last stage of the last phase in which anybody ever was; the phase `left` is beside the cycle."""
    there = set(rows["stage"].unique())
    order = [*phases, *(phase for _, phase in named if phase)]
    by_phase = sorted((s for s in named if s[1] not in (None, BESIDE)), key=lambda s: order.index(s[1]))  # type: ignore[arg-type]
    return next((name for name, _ in reversed(by_phase or list(named)) if name in there), named[-1][0])


def _score_options(options: HistoryOptions, as_of: str | None) -> ScoreOptions:
    shared = {f.name for f in dataclasses.fields(ScoreOptions)} & {f.name for f in dataclasses.fields(HistoryOptions)}
    values = {name: getattr(options, name) for name in shared - {"output", "json", "as_of"}}
    return ScoreOptions(**values, as_of=as_of)


def _may_reuse(log: Log, options: HistoryOptions) -> bool:
    """Whether cutting the read log equals reading it again: a later return must not undo an earlier purchase."""
    return options.returns == "keep" or not any(log.quality.facts["returns"].values())


def _until(log: Log, day: date) -> Log:
    return dataclasses.replace(log, bought=log.bought.until(day), as_of=day)
