"""Golden logs in Parquet, of every kind of column that an id, a date or an amount may be."""
# ruff: noqa: E501  # a table: one case a line

import io
from collections.abc import Sequence
from typing import Any

from golden.lines import Golden, Record, records

BACK = ["C00003", "2024-05-05", "-7.77", "O9", "1", "tea", "DE"]


def parquet(rows: Sequence[Record], **kinds: Any) -> bytes:
    """The three columns of these records and the order, cast as `kinds` says by Polars expressions over text."""
    import polars as pl

    names = ("customer_id", "date", "amount", "order_id")
    frame = pl.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(names)})
    out = io.BytesIO()
    frame.with_columns(**kinds).write_parquet(out, row_group_size=100)
    return out.getvalue()


def cases() -> list[Golden]:
    """One case for each kind of column."""
    import polars as pl

    rows, day = records(), pl.col("date").str.to_date()
    decimal, float_ = pl.col("amount").cast(pl.Decimal(12, 2)), pl.col("amount").cast(pl.Float64)
    minutes = day.cast(pl.Datetime("us")) + pl.duration(minutes=1400)
    number = pl.col("customer_id").str.slice(1).cast(pl.Int64)
    kinds: dict[str, tuple[list[Record], dict[str, Any]]] = {
        "texts": (rows, {}),
        "dates and decimals": (rows, {"date": day, "amount": decimal}),
        "dates and floats": (rows, {"date": day, "amount": float_}),
        "datetimes": (rows, {"date": minutes, "amount": decimal}),
        "datetimes with a zone": (rows, {"date": minutes.dt.replace_time_zone("Europe/Berlin"), "amount": float_}),
        "integer ids": (rows, {"customer_id": number, "date": day, "amount": decimal}),
        "categories": (rows, {"customer_id": pl.col("customer_id").cast(pl.Categorical), "date": day, "amount": float_}),
        "integer amounts": (rows, {"date": day, "amount": float_.cast(pl.Int64)}),
        "a refund": ([*rows, BACK], {"date": day, "amount": decimal}),
        "nulls": (
            rows,
            {
                "customer_id": pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise(pl.col("customer_id")),
                "date": pl.when(pl.int_range(pl.len()) == 6).then(None).otherwise(day),
                "amount": pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise(decimal),
            },
        ),
        "not a number": (rows, {"date": day, "amount": pl.when(pl.int_range(pl.len()) == 9).then(float("nan")).otherwise(float_)}),
    }  # fmt: skip
    found = [
        Golden(f"parquet, {name}", {"log.parquet": _of(*made)}, ("--max-rejects", "9"), ("log.parquet",))
        for name, made in kinds.items()
    ]
    typed = _of(rows, {"date": day, "amount": decimal})
    return [
        *found,
        Golden("parquet with orders", {"log.parquet": typed}, ("--order-id", "order_id"), ("log.parquet",)),
        Golden("parquet where", {"log.parquet": typed}, ("--where", "amount > 5 AND date >= DATE '2023-06-01'"), ("log.parquet",)),
        Golden("parquet, an SQL amount", {"log.parquet": typed}, ("--amount", "amount * 2"), ("log.parquet",)),
    ]  # fmt: skip


def _of(rows: list[Record], kinds: dict[str, Any]) -> Any:
    return lambda: parquet(rows, **kinds)
