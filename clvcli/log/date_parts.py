"""Dates of one shape -> naive times and their offsets."""

import polars as pl

from clvcli.log.date_shapes import MONTHS, ORDERS, SHAPES


def parts_of(shaped: pl.DataFrame, shape: str, order: str | None) -> pl.DataFrame:
    """Named parts of the shape -> `iso` (naive) and `offset` (minutes)."""
    if shape in ("epoch", "excel"):
        return _numbers(shaped, shape)
    found = shaped.select("text", "n", pl.col("text").str.extract_groups(SHAPES[shape]).alias("part")).unnest("part")
    if order is not None:
        names = ORDERS[shape][order]
        found = found.with_columns(**{t: pl.concat_str(list(names[i])) for i, t in enumerate(("y", "m", "d"))})
    month = pl.col("m")
    if shape in ("day month", "month day", "year month"):
        month = month.str.to_lowercase().replace_strict(
            list(MONTHS), [str(n) for n in MONTHS.values()], default=None, return_dtype=pl.String
        )
    year = pl.col("y")
    short = year.str.len_bytes() == 2
    year = pl.when(short & (year >= "69")).then("19" + year).when(short).then("20" + year).otherwise(year)
    day = pl.concat_str(year, pl.lit("-"), month, pl.lit("-"), pl.col("d")).str.to_date("%Y-%m-%d", strict=False)
    clock, offset = _clock(found)
    has_clock = pl.col("h").is_not_null() if "h" in found.columns else pl.lit(False)
    moment = day.cast(pl.Datetime("us")) + pl.when(has_clock).then(clock).otherwise(pl.duration(microseconds=0))
    read = found.select("text", "n", m=month, iso=moment, offset=offset).with_columns(_impossible())
    unknown = pl.when(pl.col("m").is_null()).then(pl.lit("bad_date"))
    return read.select("text", "n", "iso", "offset", pl.coalesce(unknown, "shape_reason").alias("shape_reason"))


def _clock(found: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """Time of day as a duration (null when impossible) and the offset in minutes."""
    hour, minute, second = (pl.col(c).cast(pl.Int64, strict=False) for c in ("h", "mi", "s"))
    second = second.fill_null(0)
    micro = (pl.col("f").fill_null("0") + "000000").str.slice(0, 6).cast(pl.Int64)
    if "p" in found.columns:
        afternoon = pl.col("p").str.to_lowercase().str.starts_with("p")
        twelve = pl.when(hour.is_between(1, 12)).then(hour % 12 + pl.when(afternoon).then(12).otherwise(0))
        hour = pl.when(pl.col("p").is_not_null()).then(twelve).otherwise(hour)
    valid = (hour <= 23) & (minute <= 59) & (second <= 60)
    clock = pl.duration(hours=hour, minutes=minute, seconds=second.clip(0, 59), microseconds=micro)
    zone = pl.col("z").str.replace("^(UTC|GMT)", "")
    hours = zone.str.extract(r"^[+-]([0-9]{2})").cast(pl.Int32)
    minutes = zone.str.extract(r"^[+-][0-9]{2}:?([0-9]{2})").cast(pl.Int32).fill_null(0)
    # From -12:00 to +14:00 on earth; beyond that the text is no time at all.
    valid &= (hours.fill_null(0) <= 14) & (minutes <= 59)
    offset = (hours * 60 + minutes) * pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    offset = pl.when(pl.col("z").is_null()).then(None).otherwise(offset.fill_null(0)).cast(pl.Int32)
    return pl.when(valid).then(clock), offset


def _numbers(shaped: pl.DataFrame, shape: str) -> pl.DataFrame:
    """Seconds (or ms, us, ns) since 1970 in UTC; days since 1899-12-30 (Excel)."""
    number = pl.col("text").cast(pl.Float64)
    if shape == "excel":
        moment = pl.datetime(1899, 12, 30, time_unit="us") + pl.duration(
            seconds=(number * 86400).round(0).cast(pl.Int64)
        )
        offset = pl.lit(None, dtype=pl.Int32)
    else:
        digits = pl.col("text").str.extract("^([0-9]+)").str.len_bytes()
        whole = pl.when(pl.col("text").str.contains("[eE]")).then(number).otherwise(
            pl.col("text").str.extract("^([0-9]+)").cast(pl.Float64)
        )  # fmt: skip
        scale = pl.when(digits <= 10).then(1.0).when(digits <= 13).then(1e3).when(digits <= 16).then(1e6).otherwise(1e9)
        scale = (
            pl.when(pl.col("text").str.contains("[eE]"))
            .then(pl.when(number > 1e11).then(1e3).otherwise(1.0))
            .otherwise(scale)
        )
        moment = (whole / scale * 1e6).cast(pl.Int64).cast(pl.Datetime("us"))
        offset = pl.lit(0, dtype=pl.Int32)
    return shaped.select("text", "n", iso=moment, offset=offset).with_columns(_impossible())


def _impossible() -> pl.Expr:
    return pl.when(pl.col("iso").is_null()).then(pl.lit("impossible_date")).alias("shape_reason")
