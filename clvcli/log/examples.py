"""A few records of each problem, with their place: what `clv check` shows."""

import polars as pl

from clvcli.log.gather import Gathered
from clvcli.log.reading import Reading

SHOWN = 3


def examples(
    gathered: Gathered, reading: Reading, rejects: pl.DataFrame, fate: pl.Series, decimals: int
) -> list[dict[str, object]]:
    """fate, reason, file, line, column, value of the first records of each reason; rejected ones first."""
    numbered = rejects.with_columns(n=pl.int_range(pl.len()).over("reason"))
    first = numbered.filter(pl.col("n") < SHOWN).sort("reason", "n").drop("n")
    found = [{"fate": "rejected", **row} for row in first.iter_rows(named=True)]
    other = pl.concat([gathered.place, reading.records.select("customer", "day", "amount")], how="horizontal")
    other = other.with_columns(reason=fate).filter(pl.col("reason").is_not_null() & (pl.col("reason") != "rejected"))
    other = other.with_columns(n=pl.int_range(pl.len()).over("reason")).filter(pl.col("n") < SHOWN).sort("reason", "n")
    for row in other.iter_rows(named=True):
        text = f"{row['customer'] or 'no customer'}, {row['day']}, {row['amount'] / 10**decimals:.{decimals}f}"
        where = {"file": row["file"], "line": row["line"], "column": "", "value": text}
        name = "duplicate" if row["reason"] == "duplicate" else "excluded"
        found.append({"fate": name, "reason": row["reason"], **where})
    return found
