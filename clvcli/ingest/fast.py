"""The fast path: one streaming pass over a clean log. Whatever is not clean is handed back to the exact path.

Every record is checked here too, but a failed check only says `not clean`: the exact path finds line, column and value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.errors import ClvError, Notice
from clvcli.ingest import ids, suspicions
from clvcli.ingest.amounts import LARGEST
from clvcli.ingest.columns import Role, currency_columns, resolve_roles
from clvcli.ingest.content import Content
from clvcli.ingest.date_shapes import EARLIEST, LATEST
from clvcli.ingest.duplicates import Identical, find_identical
from clvcli.ingest.exact import as_of_day, attributes_of
from clvcli.ingest.fast_columns import day_of, id_text, units_of
from clvcli.ingest.fast_scan import EXTRA, Scan, scan_of
from clvcli.ingest.quality import REJECTS_SCHEMA, DataQuality, Log
from clvcli.options import LogOptions

SAMPLE = 2000
HUGE = 2**43
"""Minor units beyond which an amount is left to the exact path; so many lines of that size in one group do not wrap:"""
MOST_LINES = 2**19
FEW_CUSTOMERS = 50_000


@dataclass(frozen=True)
class Clean:
    """A clean log, grouped: `groups` has customer, day, amount, lines, zeros and the kept columns (`kept 0`, ...);
    `totals` customer, lines, amount."""

    name: str
    groups: pl.DataFrame
    totals: pl.DataFrame
    roles: Mapping[str, Role]
    inputs: tuple[dict[str, object], ...]
    identical: Identical
    facts: dict[str, object]


def read_clean(contents: list[Content], options: LogOptions, run_day: date, keep: tuple[str, ...]) -> Clean | None:
    """The log when it is clean from end to end, else None. It never judges: refusing is the exact path's work."""
    special = (
        options.where,
        options.order_id,
        options.line_id,
        options.currency,
        options.date_format,
        options.decimal_mark,
    )
    if any(value is not None for value in special) or options.duplicates != "keep":
        return None
    try:
        return _read(contents, options, run_day, keep)
    except (ClvError, pl.exceptions.PolarsError, OSError):
        return None
    except BaseException as problem:  # A Polars panic is no Exception; the exact path will say what is wrong.
        if type(problem).__name__ != "PanicException":
            raise
        return None


def log_of(clean: Clean, notices: list[Notice], options: LogOptions, run_day: date, keep: tuple[str, ...]) -> Log:
    """The log of clean groups: the same that the exact path makes of the same records. Raises InputError for
    --as-of."""
    groups = clean.groups
    read = int(groups["lines"].sum())
    newest = groups["day"].max()
    as_of = as_of_day(options.as_of, run_day, groups["day"].min(), newest, clean.name)
    late = groups["day"] > as_of
    nobody = groups["customer"].is_null() & ~late
    excluded = {
        name: count
        for name, hit in (("after_as_of", late), ("no_customer_id", nobody))
        if (count := int(groups["lines"].filter(hit).sum()))
    }
    gone = late | nobody
    used, totals = (groups.filter(~gone), None) if gone.any() else (groups, clean.totals)
    lines, zeros = int(used["lines"].sum()), int(used["zeros"].sum())
    used = used.drop("zeros").sort("customer", "day")
    warned = suspicions.about_lines(
        read, lines, excluded.get("no_customer_id", 0), zeros, clean.identical, options.decimals
    )
    warned += suspicions.about_days(used, options.decimals, totals)
    warned += suspicions.about_age(newest, run_day, options.max_age)  # type: ignore[arg-type]
    quality = DataQuality(
        read=read,
        used=lines,
        duplicates=0,
        excluded=dict(sorted(excluded.items(), key=lambda item: (-item[1], item[0]))),
        rejected={},
        notices=(*notices, *warned),
        columns={name: role.text for name, role in clean.roles.items()},
        inputs=clean.inputs,
        facts={**clean.facts, "zero_amounts": zeros, "identical_lines": clean.identical.extra},
    )
    purchases = used.select(pl.col("customer").alias("customer_id"), "day", "amount")
    attributes = attributes_of(used, keep) if keep else None
    return Log(purchases, attributes, as_of, quality, pl.DataFrame(schema=REJECTS_SCHEMA))


def _read(contents: list[Content], options: LogOptions, run_day: date, keep: tuple[str, ...]) -> Clean | None:
    scans: list[Scan] = []
    for content in contents:
        scan = scan_of(content, options)
        if scan is None or (scans and scan.schema != scans[0].schema):
            return None
        scans.append(scan)
    columns = list(scans[0].schema)
    roles = resolve_roles(options, columns, contents[0].source.name)
    if any(role.is_sql for role in roles.values()) or currency_columns(columns) or not set(keep) <= set(columns):
        return None
    customer, day_column, amount = (roles[name].text for name in ("customer", "date", "amount"))
    head = pl.concat([scan.frame.select(day_column, amount).head(SAMPLE) for scan in scans]).collect()
    who, day, units = (
        id_text(customer, scans[0].schema[customer]),
        day_of(head[day_column], options.tz),
        units_of(head[amount], options.decimals),
    )
    if who is None or day is None or units is None or any(scans[0].schema[name] != pl.String for name in keep):
        return None
    kept = {f"kept {i}": pl.col(name) for i, name in enumerate(keep)}
    frame = pl.concat([scan.frame for scan in scans])
    dirty = units.dirty | (units.expr > HUGE).fill_null(True) | pl.col(EXTRA).is_not_null()
    rows = frame.select(
        customer=who, day=day.expr, amount=units.expr, dirty=dirty,
        open=pl.col(columns[-1]).is_null(), **kept,
    )  # fmt: skip
    groups = _grouped(rows, list(kept))
    totals = suspicions.totals_of(groups)
    if not _is_clean(groups, totals, scans, run_day, options.as_of is not None):
        return None
    identical = _identical(frame.select(columns), customer, units.expr, groups)
    facts: dict[str, object] = {"date_format": day.format, "date_sure": day.sure, "decimal_mark": "."}
    inputs = tuple(scan.facts for scan in scans)
    return Clean(contents[0].source.name, groups.drop("dirty", "open"), totals, roles, inputs, identical, facts)


def _grouped(rows: pl.LazyFrame, kept: list[str]) -> pl.DataFrame:
    return (
        rows.group_by("customer", "day")
        .agg(
            pl.col("amount").sum(),
            pl.len().cast(pl.Int64).alias("lines"),
            (pl.col("amount") == 0).sum().cast(pl.Int64).alias("zeros"),
            pl.col("dirty").sum(),
            pl.col("open").sum(),
            *(pl.col(name).min() for name in kept),
        )
        .collect(engine="streaming")
    )


def _is_clean(groups: pl.DataFrame, totals: pl.DataFrame, scans: list[Scan], run_day: date, as_of_given: bool) -> bool:
    """Whether no record needs the exact path."""
    if not groups.height or int(groups["dirty"].sum()) or groups["day"].null_count():
        return False
    if not bool(groups["day"].is_between(EARLIEST, LATEST).all()):
        return False
    last = groups["day"].max()
    assert isinstance(last, date)
    if last > run_day + timedelta(days=1) and not as_of_given:
        return False
    if int(groups["lines"].max()) > MOST_LINES or float(groups["amount"].cast(pl.Float64).sum()) > LARGEST:  # type: ignore[arg-type]
        return False
    names = totals["customer"]
    known = names.to_frame("id").select(ids.without_null_like(pl.col("id"))).to_series()
    trimmed = (names.str.strip_chars(ids.BLANKS) != names).fill_null(False)
    if bool(trimmed.any()) or known.null_count() != names.null_count():
        return False
    rows = int(groups["lines"].sum())
    return all(scan.holds(rows if len(scans) == 1 else None, bool(groups["open"].sum())) for scan in scans)


def _identical(frame: pl.LazyFrame, customer: str, units: pl.Expr, groups: pl.DataFrame) -> Identical:
    """Identical lines have the same customer and day: without a group of two lines there are none, and where few
    customers have such a group only their lines are looked at."""
    several = groups.filter(pl.col("lines") > 1)["customer"].unique()
    if not several.len():
        return Identical(0, 0)
    if several.len() <= FEW_CUSTOMERS and frame.collect_schema()[customer] == pl.String and not several.null_count():
        rows = frame.filter(pl.col(customer).is_in(several.implode()))
    else:
        digest = pl.struct(pl.all()).hash().alias("\x00digest")
        again = frame.select(digest).group_by("\x00digest").len().filter(pl.col("len") > 1).select("\x00digest")
        rows = frame.with_columns(digest).join(again, on="\x00digest", how="semi").drop("\x00digest")
    candidates = rows.collect(engine="streaming")
    return find_identical(candidates, candidates.select(units.alias("amount")).to_series())[1]
