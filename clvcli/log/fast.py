"""The fast path: one streaming pass over a clean log. Whatever is not clean is handed back to the exact path.

Every record is checked here too, but a failed check only says `not clean`: the exact path finds line, column and value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.core.errors import ClvError, Notice
from clvcli.core.options import LogOptions
from clvcli.log import ids, suspicions
from clvcli.log.columns import Role, currency_columns, resolve_roles
from clvcli.log.content import Content
from clvcli.log.duplicates import Identical, find_identical
from clvcli.log.exact import as_of_day, attributes_of
from clvcli.log.fast_columns import Day, day_of, id_text, tail_of, units_of
from clvcli.log.fast_days import EPOCH, Days
from clvcli.log.fast_ids import NumberIds, number_ids
from clvcli.log.fast_lines import NotCleanError, days_by_number, days_by_text, moment
from clvcli.log.fast_packed import Packing, packing_of
from clvcli.log.fast_scan import EXTRA, Scan, scan_of
from clvcli.log.fast_text import Plan, days_by_bytes
from clvcli.log.fast_text_ids import text_ids
from clvcli.log.fast_uuid import Uuids, days_by_uuid, uuids
from clvcli.log.fast_words import MOST_DECIMALS
from clvcli.log.id_suspicions import Form, form_of
from clvcli.log.quality import REJECTS_SCHEMA, DataQuality, Log

SAMPLE = 2000
FEW_CUSTOMERS = 50_000
ISO = "%Y-%m-%d"
Promised = tuple[NumberIds | None, Uuids | None]
"""What the first ids are: numbers, UUIDs or neither."""


@dataclass(frozen=True)
class Clean:
    """A clean log: its lines summed by customer and day; `form`: of its ids; `kept`: customer, day and the kept
    columns (`kept 0`, ...)."""

    name: str
    days: Days
    form: Form
    kept: pl.DataFrame | None
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
    except (NotCleanError, ClvError, pl.exceptions.PolarsError, OSError):
        return None
    except BaseException as problem:  # A Polars panic is no Exception; the exact path will say what is wrong.
        if type(problem).__name__ != "PanicException":
            raise
        return None


def log_of(clean: Clean, notices: list[Notice], options: LogOptions, run_day: date, keep: tuple[str, ...]) -> Log:
    """The log of clean days: the same that the exact path makes of the same records. Raises InputError for --as-of."""
    days = clean.days
    oldest, newest = (EPOCH + timedelta(days=int(end)) for end in (days.day.min(), days.day.max()))
    as_of = as_of_day(options.as_of, run_day, oldest, newest, clean.name)
    late, nobody = days.after(as_of), days.nobody()
    nobody &= ~late
    counts = {name: int(days.lines[hit].sum()) for name, hit in (("after_as_of", late), ("no_customer_id", nobody))}
    excluded = {name: count for name, count in counts.items() if count}
    read, gone = int(days.lines.sum(dtype="int64")), late | nobody
    used = days.some(~gone) if gone.any() else days
    lines, zeros = read - sum(counts.values()), int((~gone)[days.zeros].sum())
    warned = suspicions.about_lines(
        read, lines, excluded.get("no_customer_id", 0), zeros, clean.identical, options.decimals
    )
    warned += suspicions.about_days(used.frame(), options.decimals, used.totals(), clean.form)
    warned += suspicions.about_age(newest, run_day, options.max_age)
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
    attributes = None
    if clean.kept is not None:
        attributes = attributes_of(clean.kept.filter(pl.col("day") <= as_of).drop_nulls("customer"), keep)
    return Log(used.purchases(), attributes, as_of, quality, pl.DataFrame(schema=REJECTS_SCHEMA))


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
    head = pl.concat([scan.first.select({customer, day_column, amount}).head(SAMPLE) for scan in scans]).collect()
    who, day, units = (
        id_text(customer, scans[0].schema[customer]),
        day_of(head[day_column], options.tz),
        units_of(head[amount], options.decimals),
    )
    if who is None or day is None or units is None or any(scans[0].schema[name] != pl.String for name in keep):
        return None
    frame = pl.concat([scan.frame for scan in scans])
    last = pl.col(columns[-1])
    others = set(columns) - {customer, day_column, amount}
    tail = pl.lit(0) if others else tail_of(head[day_column], day.form, head[amount], options.decimals)
    when = moment(day.expr, units.expr, last.is_null(), tail, units.clean & pl.col(EXTRA).is_null())
    ids = (number_ids(head[customer]), uuids(head[customer]))
    days = _by_bytes(scans, head, (customer, day_column, amount), ids, day, options.decimals)
    days = days or _by_polars(frame, customer, ids, when, options.decimals)
    form = form_of(ids[0].prefix, ids[0].length) if ids[0] else Form.CODES
    if days is None:
        days, form = days_by_text(frame, who, when, options.decimals), Form.ANY
        if not _are_clean(days.ids):
            return None
    if not _is_clean(days, scans, run_day, options.as_of is not None):
        return None
    identical = _identical(frame.select(columns), customer, units.expr, days)
    kept = _kept(frame, who, day.expr, keep) if keep else None
    facts: dict[str, object] = {"date_format": day.format, "date_sure": day.sure, "decimal_mark": "."}
    return Clean(
        contents[0].source.name, days, form, kept, roles, tuple(scan.facts for scan in scans), identical, facts
    )


def _by_bytes(
    scans: list[Scan], head: pl.DataFrame, roles: tuple[str, str, str], promised: Promised, day: Day, decimals: int
) -> Days | None:
    """The days of texts without quotes whose first records are written in the one plain way that needs no parser.
    `roles`: the columns of customer, date and amount."""
    texts = [scan.text for scan in scans if scan.text is not None]
    if len(texts) < len(scans) or day.form != ISO or decimals > MOST_DECIMALS:
        return None
    numbers, written = promised
    ids = written if numbers is None else text_ids(numbers)
    if ids is None:
        return None
    dots = bool(head[roles[2]].str.contains(".", literal=True).any())
    whole = set(scans[0].schema) == set(roles) and decimals > 0
    packing = None if numbers is None else _packing(numbers, head[roles[0]], head[roles[1]])
    return days_by_bytes(texts, Plan(*roles, ids, decimals, dots, whole, packing))


def _packing(ids: NumberIds, names: pl.Series, days: pl.Series) -> Packing | None:
    """For lines like the first ones."""
    first = days.str.to_date(ISO, strict=False).min()
    if not isinstance(first, date):
        return None
    digits = names.str.len_bytes() - len(ids.prefix)
    return packing_of(ids.prefix, int(digits.min()) if ids.length else 1, int(digits.max()), (first - EPOCH).days)  # type: ignore[arg-type]


def _by_polars(rows: pl.LazyFrame, customer: str, promised: Promised, when: pl.Expr, decimals: int) -> Days | None:
    """The days of a log whose first ids are numbers or UUIDs; None when others are not."""
    numbers, written = promised
    if numbers is not None:
        return days_by_number(rows, numbers, when, decimals)
    return None if written is None else days_by_uuid(rows, written, customer, when, decimals)


def _kept(frame: pl.LazyFrame, customer: pl.Expr, day: pl.Expr, keep: tuple[str, ...]) -> pl.DataFrame:
    """The smallest text of each kept column on each day of a customer."""
    columns = {f"kept {i}": pl.col(name) for i, name in enumerate(keep)}
    rows = frame.select(customer=customer, day=day, **columns)
    return rows.group_by("customer", "day").agg(pl.col(*columns).min()).collect(engine="streaming")


def _are_clean(names: pl.Series) -> bool:
    """Whether ids are as the exact path leaves them; those that are numbers always are."""
    known = names.to_frame("id").select(ids.without_null_like(pl.col("id"))).to_series()
    trimmed = (names.str.strip_chars(ids.BLANKS) != names).fill_null(False)
    return not trimmed.any() and known.null_count() == names.null_count()


def _is_clean(days: Days, scans: list[Scan], run_day: date, as_of_given: bool) -> bool:
    """Whether no record needs the exact path."""
    last = EPOCH + timedelta(days=int(days.day.max()))
    if last > run_day + timedelta(days=1) and not as_of_given:
        return False
    rows = int(days.lines.sum())
    return all(scan.holds(rows if len(scans) == 1 else None, days.open_lines > 0) for scan in scans)


def _identical(frame: pl.LazyFrame, customer: str, units: pl.Expr, days: Days) -> Identical:
    """Identical lines have the same customer, day and amount. Where the tails of such lines tell, nothing is read
    again; else only the lines of the customers who have some, where those are few."""
    again = days.again
    if not again.len():
        return days.identical
    known = again.drop_nulls()
    if again.len() <= FEW_CUSTOMERS and frame.collect_schema()[customer] == pl.String:
        of_them = pl.col(customer).is_in(known.implode())
        rows = frame.filter(of_them | pl.col(customer).is_null() if again.null_count() else of_them)
    else:
        digest = pl.struct(pl.all()).hash().alias("\x00digest")
        twice = frame.select(digest).group_by("\x00digest").len().filter(pl.col("len") > 1).select("\x00digest")
        rows = frame.with_columns(digest).join(twice, on="\x00digest", how="semi").drop("\x00digest")
    candidates = rows.collect(engine="streaming")
    return find_identical(candidates, candidates.select(units.alias("amount")).to_series())[1]
