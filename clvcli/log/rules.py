"""What a whole log proves about its columns, from the counted classes of their texts (see classes.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.amounts import PLAIN, SPACES, Counted, read_counted
from clvcli.log.column_values import quoted
from clvcli.log.columns import Role
from clvcli.log.currency import refuse_marks
from clvcli.log.currency_marks import distinct
from clvcli.log.date_shapes import NAMED
from clvcli.log.dates import DateRule, dates_among, settle_dates
from clvcli.log.expressions import Kind, digits_of, typed_as
from clvcli.log.ids import BLANKS
from clvcli.log.reading import Decided
from clvcli.sql import SqlError, columns_of

ISO = DateRule(None, "ymd", None, "ISO (year-month-day)", marked("proved by its shape"), False, ())


@dataclass(frozen=True)
class Wanted:
    """Columns of which to tell what their values prove: the dates, and others that are amounts or read by SQL.

    `rule`: an explicit format of the dates; then it is told only whether they have it.
    """

    date: str | None
    rule: DateRule | None
    tz: str | None
    values: tuple[str, ...]


def wanted_of(options: LogOptions, roles: Mapping[str, Role], types: Mapping[str, pl.DataType]) -> Wanted:
    """What has to be known before records can be judged. `types`: of the columns as they are stored.

    Raises UsageError for what this engine cannot do.
    """
    date = roles["date"]
    if date.is_sql and (options.date_format is None or options.date_format in NAMED):
        raise UsageError(
            "--date: with SQL there, --engine spark needs the format of its result", hint="--date-format %Y-%m-%d"
        )
    reads = sql_reads(options, roles, types)
    timed = isinstance(types.get(date.text), pl.Datetime) and date.text in reads
    typed = isinstance(types.get(date.text), (pl.Date, pl.Datetime)) and not timed
    explicit = options.date_format is not None and options.date_format not in NAMED
    rule = (
        DateRule(options.date_format, None, None, str(options.date_format), "asked for", False, ())
        if explicit
        else None
    )
    amount = roles["amount"]
    values = set(reads)
    if not amount.is_sql and not types[amount.text].is_numeric():
        values.add(amount.text)
    return Wanted(None if typed or date.is_sql else date.text, rule, options.tz, tuple(sorted(values)))


def sql_reads(options: LogOptions, roles: Mapping[str, Role], columns: Mapping[str, object]) -> frozenset[str]:
    """The columns that SQL of the run reads."""
    reads = frozenset[str]().union(*(role.reads for role in roles.values() if role.is_sql))
    if options.where is not None:
        try:
            reads |= columns_of(options.where) & columns.keys()
        except SqlError as problem:
            raise UsageError(marked("--where: {text}", text=problem.message), hint=problem.hint) from None
    return reads


def decide(
    options: LogOptions,
    roles: Mapping[str, Role],
    types: Mapping[str, pl.DataType],
    wanted: Wanted,
    seen: pl.DataFrame,
    name: str,
) -> tuple[Decided, tuple[str, ...]]:
    """The rules of the log, and the signs of currencies in its amounts. `seen`: what, name, text, n, summed over the
    log. Raises InputError where a column cannot be understood."""
    try:
        dates = _dates(options, roles["date"], types, wanted, seen)
        typed = {n for n, kind in types.items() if kind.is_numeric()}
        mark, marks, back, digits = options.decimal_mark, tuple[str, ...](), "", 0
        notices: tuple[tuple[str, str], ...] = ()
        amount = roles["amount"]
        if not amount.is_sql and amount.text in wanted.values:
            counted = _stripped(seen, amount.text)
            found = read_counted(counted, amount.text, options.decimals, mark)
            mark, marks, back, notices = found.mark, found.currencies, found.back, _about_sides(found, amount.text)
            digits = digits_of(_plain(counted, found))
        reads = sql_reads(options, roles, types)
        kinds = {n: _kind(n, seen, options, n in amount.reads and amount.is_sql, n in typed) for n in sorted(reads)}
    except InputError as problem:
        told = problem.message
        if not told.startswith(f"{name}: "):
            told = marked("{place}: {text}", place=name, text=told)
        raise type(problem)(told, problem.hint, code=problem.code) from None
    if amount.is_sql:
        marks = distinct({c for kind in kinds.values() if kind.is_number for c in kind.currencies})
    refuse_marks(marks, name)
    return Decided(dates, mark, kinds, back, notices, digits), marks


def _plain(counted: pl.DataFrame, found: Counted) -> pl.Series:
    """The distinct amounts as plain text."""
    return pl.Series("plain", [found.read.get(text, text) for text in counted["text"]], dtype=pl.String)


def _about_sides(found: Counted, column: str) -> tuple[tuple[str, str], ...]:
    """Amounts that are taken back because of their side in a ledger."""
    if not found.sided:
        return ()
    other = "DR" if found.back == "CR" else "CR"
    message = marked(
        "{n:d} amounts in {column} marked {back} are taken back from the others; if those marked {other} are: {option}",
        n=found.sided, column=column, back=found.back, other=other, option=f'--amount "-{quoted(column)}"',
    )  # fmt: skip
    return (("credit_and_debit", message),)


def _dates(
    options: LogOptions, role: Role, types: Mapping[str, pl.DataType], wanted: Wanted, seen: pl.DataFrame
) -> DateRule:
    texts = seen.filter((pl.col("what") == "date") & (pl.col("name") == role.text))
    if wanted.rule is not None:
        counts = dict(texts.select("text", "n").iter_rows())
        if wanted.date is not None and not sum(counts.values()):
            raise InputError(
                marked(
                    "no date in {column} has the format {date_format}",
                    column=role.text,
                    date_format=options.date_format,
                ),
                hint="leave --date-format out, or write it as the dates are",
                code="dates_unreadable",
            )
        return replace(wanted.rule, has_times=counts.get("times", 0) > 0)
    if wanted.date is None:
        return replace(ISO, has_times=isinstance(types.get(role.text), pl.Datetime))
    counted = texts.group_by("text").agg(pl.col("n").sum())
    return settle_dates(dates_among(counted), role.text, options.date_format, options.tz, options.calendar)[0]


def _texts(seen: pl.DataFrame, name: str) -> pl.DataFrame:
    return seen.filter((pl.col("what") == "value") & (pl.col("name") == name)).select("text", len="n")


def _stripped(seen: pl.DataFrame, name: str) -> pl.DataFrame:
    text = pl.col("text").str.strip_chars(BLANKS + SPACES)
    return _texts(seen, name).drop_nulls("text").group_by(text).agg(pl.col("len").sum())


def _kind(name: str, seen: pl.DataFrame, options: LogOptions, in_amount: bool, typed: bool) -> Kind:
    texts = _texts(seen, name)["text"]
    kind = typed_as(texts)
    scale = digits_of(texts.str.strip_chars(" ")) if kind == "decimal" else 0
    if not in_amount:
        return Kind(kind, scale, False, ".", 0, ())
    counted = _stripped(seen, name)
    found = read_counted(counted, name, options.decimals, "." if typed else options.decimal_mark)
    plain = _plain(counted, found)
    fits = plain.str.contains(PLAIN).fill_null(False)
    filled, good = int(counted["len"].sum()), int(counted["len"].filter(fits).sum())
    is_number = filled > 0 and good >= 0.5 * filled
    digits = digits_of(plain.filter(fits)) if is_number else 0
    return Kind(kind, scale, is_number, found.mark, digits, found.currencies, found.back)
