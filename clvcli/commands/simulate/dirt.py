"""Honest dirt: records that a real export would have, added to a clean log and counted by kind."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from clvcli.commands.simulate.events import Lines
from clvcli.commands.simulate.population import DIRT, stream

SHARES = {"return": 0.35, "no_customer_id": 0.25, "duplicate": 0.2, "bad_date": 0.1, "bad_amount": 0.1}
BAD_DATES = ("", "n/a", "2024-02-30", "2023-13-01", "yesterday")
BAD_AMOUNTS = ("", "n/a", "free", "12..50", "#REF!")
RETURN_DAYS = 14
SCHEMA = {
    "customer": pl.Int64, "day": pl.Int64, "cents": pl.Int64, "order": pl.Int64,
    "bad_date": pl.String, "bad_amount": pl.String, "kind": pl.String, "at": pl.Int64,
}  # fmt: skip


def add_dirt(
    weeks: Iterator[tuple[int, Lines]], share: float, seed: int, counts: dict[str, int]
) -> Iterator[pl.DataFrame]:
    """The log with about `share` of its lines once more, spoilt. `counts` fills while the weeks are read.

    Every clean line stays. What is added is a return (the line negated, up to two weeks later), a sale without a
    customer (null), an identical line behind its twin, or a copy whose date or amount is no such thing: `bad_date`,
    `bad_amount`, null for all other lines. Columns: SCHEMA; `kind` is "" for a clean line.
    `weeks` gives the first day after each week, and its lines.
    """
    random = stream(seed, DIRT)
    counts.update(dict.fromkeys(SHARES, 0))
    waiting = pl.DataFrame(schema=SCHEMA)
    for stop, lines in weeks:
        clean = _frame(lines)
        spoilt = _spoil(clean.filter(pl.Series(random.random(clean.height) < share)), random)
        every = pl.concat([waiting, clean, spoilt])
        waiting = every.filter(pl.col("day") >= stop).with_columns(at=pl.lit(-1, pl.Int64))
        now = every.filter(pl.col("day") < stop).sort("day", "at", maintain_order=True)
        for kind, n in now.filter(pl.col("kind") != "").group_by("kind").len().iter_rows():
            counts[kind] += n
        yield now


def _frame(lines: Lines) -> pl.DataFrame:
    """Clean lines with the columns of SCHEMA."""
    columns = {"customer": lines.customer, "day": lines.day, "cents": lines.cents, "order": lines.order}
    none = pl.lit(None, pl.String)
    return pl.DataFrame(columns).with_columns(
        bad_date=none, bad_amount=none, kind=pl.lit(""), at=pl.int_range(pl.len(), dtype=pl.Int64)
    )


def _spoil(lines: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Each line made into one kind of dirt, by SHARES."""
    n = lines.height
    kinds = pl.Series("kind", random.choice(list(SHARES), n, p=list(SHARES.values())).tolist(), dtype=pl.String)
    back = pl.Series("back", random.integers(0, RETURN_DAYS + 1, n), dtype=pl.Int64)
    dates = pl.Series("date", random.choice(BAD_DATES, n).tolist(), dtype=pl.String)
    amounts = pl.Series("amount", random.choice(BAD_AMOUNTS, n).tolist(), dtype=pl.String)
    kind = pl.col("kind")
    return (
        lines.with_columns(kinds, back, dates, amounts)
        .with_columns(
            customer=pl.when(kind != "no_customer_id").then("customer"),
            day=pl.when(kind == "return").then(pl.col("day") + pl.col("back")).otherwise("day"),
            cents=pl.when(kind == "return").then(-pl.col("cents")).otherwise("cents"),
            bad_date=pl.when(kind == "bad_date").then("date"),
            bad_amount=pl.when(kind == "bad_amount").then("amount"),
        )
        .select(list(SCHEMA))
    )
