"""Parquet as other programs write it: types that have no text are told, not read as something else."""

import base64
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from corpus.build import HEADER, base

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log.read import read_log

RUN_DAY = date(2026, 11, 22)
FRAME = pl.DataFrame(base(), schema=dict.fromkeys(HEADER, pl.String), orient="row").with_columns(
    pl.col("date").str.to_date(), pl.col("amount").cast(pl.Decimal(12, 2))
)
NESTED = {
    "list": pl.concat_list("customer_id"),
    "struct": pl.struct("customer_id"),
    "duration": pl.duration(days=pl.lit(1)),
}


def options(folder: Path, frame: pl.DataFrame) -> LogOptions:
    frame.write_parquet(folder / "o.parquet")
    return LogOptions(data=(str(folder / "o.parquet"),))


def test_bytes_that_are_no_text_stay_apart(tmp_path: Path) -> None:
    """UUIDs are sixteen bytes; some of them are UTF-8 by chance."""
    ids = [bytes([i % 40, 200 + i % 40]) * 8 for i in range(200)]
    log = read_log(options(tmp_path, FRAME.with_columns(pl.Series("customer_id", ids, dtype=pl.Binary))), RUN_DAY)
    assert log.purchases["customer_id"].n_unique() == 40
    assert set(log.purchases["customer_id"]) == {"0x" + value.hex() for value in ids}
    assert not log.quality.notices


def test_bytes_that_are_text_are_that_text(tmp_path: Path) -> None:
    log = read_log(options(tmp_path, FRAME.with_columns(pl.col("customer_id").cast(pl.Binary))), RUN_DAY)
    assert set(log.purchases["customer_id"]) == set(FRAME["customer_id"])


@pytest.mark.parametrize("kind", NESTED)
def test_a_column_without_text_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match=r"no customer column.*left out.*customer_id \(") as caught:
        read_log(options(tmp_path, FRAME.with_columns(NESTED[kind].alias("customer_id"))), RUN_DAY)
    assert caught.value.hint is not None
    assert "text, numbers or dates" in caught.value.hint


def test_columns_without_text_that_nobody_needs_do_no_harm(tmp_path: Path) -> None:
    log = read_log(options(tmp_path, FRAME.with_columns(**NESTED)), RUN_DAY)
    assert log.quality.used == 200
    assert set(log.quality.inputs[0]["left_out"]) == set(NESTED)  # type: ignore[call-overload]


def renamed_zone(data: bytes, zone: bytes, other: bytes) -> bytes:
    """The file with another zone of the same length in the Arrow schema of its footer, which Polars cannot write."""
    assert len(zone) == len(other)
    schema = max(re.findall(rb"[A-Za-z0-9+/=]{100,}", data), key=len)
    changed = base64.b64encode(base64.b64decode(schema).replace(zone, other))
    assert changed != schema
    return data.replace(schema, changed)


def test_a_zone_that_is_an_offset(tmp_path: Path) -> None:
    """pandas writes +05:30; Polars has to be told that there is such a thing."""
    moment = pl.col("date").cast(pl.Datetime("us")) + pl.duration(hours=20)
    zoned = moment.dt.replace_time_zone("UTC").dt.convert_time_zone("Israel")
    given = options(tmp_path, FRAME.with_columns(zoned.alias("date")))
    path = tmp_path / "o.parquet"
    path.write_bytes(renamed_zone(path.read_bytes(), b"Israel", b"+05:30"))
    log = read_log(given, RUN_DAY)
    assert log.quality.used == 200
    assert log.purchases["day"].max() == FRAME["date"].max()  # UTC days
