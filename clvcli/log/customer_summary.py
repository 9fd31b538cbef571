"""A table with one row a customer - frequency, recency, T, monetary value - in place of a log (--summary)."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.horizon import DAYS_PER_UNIT
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.core.run_day import day_of
from clvcli.core.spend_basis import ALL, REPEAT
from clvcli.log.account import counts
from clvcli.log.gather import open_all
from clvcli.log.limits import check_rejects
from clvcli.log.purchases import Purchases
from clvcli.log.quality import REJECTS_SCHEMA, DataQuality, Log
from clvcli.log.records import Broken
from clvcli.log.tabular import read_lines

NAMES: dict[str, tuple[str, ...]] = {
    "customer_id": ("customerid", "customer", "clientid", "userid", "id", "cust"),
    "frequency": ("frequency", "x", "repeatpurchases", "repeattransactions"),
    "recency": ("recency", "tx"),
    "T": ("t", "tcal", "age", "tenure"),
    "monetary_value": ("monetaryvalue", "monetary", "mx", "zbar", "spending"),
    "total_spend": ("totalspend", "totalspending", "totalrevenue", "total"),
}
"""What a summary has, by its names here and in other tools, without case and marks; total_spend may be missing."""
LARGEST = 2.0**53
"""Minor units up to which a number of the table is exact."""
UNEVEN = 0.26
"""Days by which a time may miss a whole day before it is said: two decimals of a month are 0.15 days."""
OLDEST = 73_050.0
"""Days that a customer may be old: two hundred years, so that the first purchase is a day that logs may have."""
UNITS = "mend them, or name the unit of the times: --time-unit"
ROW = ("customer_id", "x", "active", "age", "mean", "total")


def read_summary(options: LogOptions, time_unit: str, run_day: date, keep: Sequence[str] = ()) -> Log:
    """The customers of a summary, as `Log.customers`; there are no purchases. `keep`: columns for `Log.attributes`.

    Times are in `time_unit` and become whole days before --as-of. Without total_spend the first purchase of each
    customer counts as one without an amount: the spend model sees repeat purchases alone. The second purchase's day
    and what single amounts tell is not known. Raises InputError for a table without the columns, UsageError without
    --as-of or for several tables, TooManyRejects.
    """
    contents, said = open_all(options)
    if len(contents) != 1:
        raise UsageError("--summary reads one table", hint="put its rows into one file")
    if options.as_of is None:
        raise UsageError(
            "a summary does not say of which day it is",
            hint=marked("--as-of {run_day}, if it is of today", run_day=run_day),
        )
    as_of = day_of(options.as_of, run_day)
    path = contents[0].source.name
    read = read_lines(contents, options)
    table = read.frame
    columns = columns_of_summary(table.columns, options.customer, path)
    unknown = next((name for name in keep if name not in table.columns), None)
    if unknown is not None:
        raise InputError(
            marked("{place}: no column {column}", place=path, column=unknown),
            hint=marked("it has {known}", known=", ".join(table.columns[:12])),
        )
    rows = _judged(table, columns, options, DAYS_PER_UNIT[time_unit]).with_columns(line=pl.Series(read.lines))
    rejects = _rejects(rows, table, columns, path, read.broken)
    named = rows.filter(pl.col("reason").is_null())
    known = named.drop_nulls("customer_id")
    used = known.unique(ROW, keep="first", maintain_order=True).sort("customer_id")
    quality = DataQuality(
        rows.height + len(read.broken), used.height, known.height - used.height,
        {"no_customer_id": empty} if (empty := named.height - known.height) else {}, counts(rejects["reason"]),
        (*said, *_notices(used, columns, path, time_unit)), columns, (read.facts,),
    )  # fmt: skip
    check_rejects(options.max_rejects, rejects, quality, path, lambda: UNITS)
    attributes = None
    if keep:
        attributes = table.rename({columns["customer_id"]: "customer_id"}).select("customer_id", *keep)
        attributes = attributes.filter(pl.col("customer_id").is_in(used["customer_id"].implode()))
        attributes = attributes.unique("customer_id", keep="first", maintain_order=True).sort("customer_id")
    basis = ALL if "total_spend" in columns else REPEAT
    return Log(Purchases.none(), attributes, as_of, quality, rejects, customers=_customers(used, as_of), basis=basis)


def columns_of_summary(found: Sequence[str], customer: str | None, name: str) -> dict[str, str]:
    """What a summary has -> its column. Raises InputError for what is missing, UsageError for no such customer."""
    if customer is not None and customer not in found:
        raise UsageError(
            marked("{place}: --customer {customer}: no such column", place=name, customer=customer),
            hint=marked("it has {known}", known=", ".join(found[:12])),
        )
    plain = {"".join(c for c in column.casefold() if c.isalnum()): column for column in reversed(found)}
    columns = {role: next((plain[n] for n in names if n in plain), None) for role, names in NAMES.items()}
    columns["customer_id"] = customer or columns["customer_id"]
    missing = [role for role, column in columns.items() if column is None and role != "total_spend"]
    if missing:
        raise InputError(
            marked(
                "{place}: a summary has no {missing} among {found}",
                place=name,
                missing=", ".join(missing),
                found=", ".join(found[:12]),
            ),
            hint="rename the columns, or leave out --summary where the rows are purchases",
            code="summary_columns",
        )
    return {role: column for role, column in columns.items() if column is not None}


def _judged(table: pl.DataFrame, columns: Mapping[str, str], options: LogOptions, unit: float) -> pl.DataFrame:
    """customer_id, x, active and age in days, mean and total in minor units, off (days by which a time missed a whole
    day); `reason` and `role` for a row that cannot be."""
    mark, money = options.decimal_mark or ".", 10.0**options.decimals
    texts = {role: pl.col(column).str.strip_chars() for role, column in columns.items()}
    numbers = {
        role: text.str.replace_all(mark, ".", literal=True).cast(pl.Float64, strict=False)
        for role, text in texts.items() if role != "customer_id"
    }  # fmt: skip
    numbers = {role: pl.when(number.is_finite()).then(number) for role, number in numbers.items()}
    read = table.select(
        pl.when(texts["customer_id"] != "").then(texts["customer_id"]).alias("customer_id"), **numbers,
        **{f"has_{role}": texts[role].is_not_null() & (texts[role] != "") for role in numbers},
    )  # fmt: skip
    active, age, x = pl.col("recency") * unit, pl.col("T") * unit, pl.col("frequency")
    mean = pl.when(x == 0).then(0.0).otherwise("monetary_value")
    total = pl.col("total_spend") * money if "total_spend" in columns else mean * x * money
    off = pl.max_horizontal((active - active.round()).abs(), (age - age.round()).abs())
    read = read.with_columns(active=active.round(), age=age.round(), mean=mean, total=total, x=x, off=off)
    needed = [role for role in numbers if role != "monetary_value"]
    bad = pl.coalesce(
        *(pl.when(pl.col(role).is_null()).then(pl.lit(role)) for role in needed),
        pl.when((pl.col("x") > 0) & pl.col("monetary_value").is_null()).then(pl.lit("monetary_value")),
    )
    read = read.with_columns(role=bad).with_columns(
        reason=pl.when(pl.col("role").is_null()).then(None)
        .when(_held(numbers, "role")).then(pl.lit("bad_number")).otherwise(pl.lit("missing_number"))
    )  # fmt: skip
    first = pl.col("total") - pl.col("mean") * pl.col("x") * money
    impossible = pl.coalesce(
        pl.when((pl.col("x") < 0) | (pl.col("x") != pl.col("x").floor())).then(pl.lit("frequency")),
        pl.when((pl.col("age") < 0) | (pl.col("age") > OLDEST)).then(pl.lit("T")),
        pl.when((pl.col("active") > pl.col("age")) | (pl.col("active") < pl.col("x"))).then(pl.lit("recency")),
        pl.when((pl.col("x") == 0) & (pl.col("active") != 0)).then(pl.lit("recency")),
        pl.when((pl.col("mean") < 0) | (pl.col("mean") * (pl.col("x") + 1) * money > LARGEST)).then(
            pl.lit("monetary_value")
        ),
        # A mean that was rounded to the smallest unit may exceed the total by half a unit a purchase.
        pl.when((first < -(pl.col("x") / 2 + 0.5)) | (pl.col("total") > LARGEST)).then(pl.lit("total_spend")),
    )
    read = read.with_columns(role=pl.coalesce("role", impossible)).with_columns(
        reason=pl.coalesce("reason", pl.when(pl.col("role").is_not_null()).then(pl.lit("impossible_history"))),
        total=pl.col("total").round(), mean=(pl.col("mean") * pl.col("x") * money).round(),
    )  # fmt: skip
    apart = pl.struct(ROW[1:]).n_unique().over("customer_id") > 1
    twice = pl.col("reason").is_null() & pl.col("customer_id").is_not_null() & apart
    return read.with_columns(
        reason=pl.when(twice).then(pl.lit("repeated_customer")).otherwise("reason"),
        role=pl.when(twice).then(pl.lit("customer_id")).otherwise("role"),
    ).select(*ROW, "off", "reason", "role")


def _held(numbers: Mapping[str, pl.Expr], role: str) -> pl.Expr:
    """Whether the field that `role` names has a text."""
    return pl.any_horizontal((pl.col(role) == name) & pl.col(f"has_{name}") for name in numbers)


def _rejects(
    rows: pl.DataFrame, table: pl.DataFrame, columns: Mapping[str, str], path: str, broken: Sequence[Broken]
) -> pl.DataFrame:
    """As `Log.rejects`."""
    bad = rows.with_row_index("row").filter(pl.col("reason").is_not_null())
    found = [
        (path, line, columns.get(role, ""), table[columns[role]][row] if role in columns else None, reason)
        for row, line, role, reason in bad.select("row", "line", "role", "reason").iter_rows()
    ]
    found += [(path, one.line, "", one.value, one.reason) for one in broken]
    return pl.DataFrame(sorted(found, key=lambda row: row[1]), schema=REJECTS_SCHEMA, orient="row")


def _notices(used: pl.DataFrame, columns: Mapping[str, str], name: str, time_unit: str) -> list[Notice]:
    found = []
    if "total_spend" not in columns:
        found.append(Notice(
            "summary_without_total",
            marked(
                "{place}: first purchases have no amount: spend, its scores and its model see repeat purchases alone; "
                "a column total_spend tells all",
                place=name,
            ),
        ))  # fmt: skip
    uneven = int((used["off"] > UNEVEN).sum())
    if uneven:
        found.append(Notice(
            "summary_times_rounded",
            marked(
                "{place}: times of {n:,} customers are no whole days in {unit}, and were rounded to days",
                place=name, n=uneven, unit=f"{time_unit}s",
            ),
        ))  # fmt: skip
    return found


def _customers(used: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The columns of engines/base.py."""
    whole = {name: pl.col(name).cast(pl.Int64) for name in ("x", "active", "age", "mean", "total")}
    used = used.select("customer_id", **whole)
    paid_later = pl.when(pl.col("mean") > 0).then("x").otherwise(0)
    first = (pl.col("total") - pl.col("mean")).clip(0)
    day = pl.lit(as_of) - pl.duration(days="age")
    return used.select(
        "customer_id", first_day=day.cast(pl.Date), last_day=(day + pl.duration(days="active")).cast(pl.Date),
        second_day=pl.lit(None, pl.Date), purchases=pl.col("x") + 1, total=pl.max_horizontal("total", "mean"),
        first_total=first, paid_days=paid_later + (first > 0).cast(pl.Int64), repeat_paid_days=paid_later,
        last3_total=pl.lit(None, pl.Int64), log_amounts=pl.lit(None, pl.Int64),
    )  # fmt: skip
