"""What a log proves of its columns: decided from its head, held against every record, decided anew where disproved."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from clvcli.core.errors import ClvError, InputError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.classes import date_class, value_class
from clvcli.log.columns import Role
from clvcli.log.date_shapes import NAMED
from clvcli.log.dates import DateRule, guessed
from clvcli.log.expressions import Kind, text_of
from clvcli.log.plain_dates import stripped
from clvcli.log.reading import Decided, Seen, add_dates, texts_of
from clvcli.log.rules import Wanted, decide, sql_reads
from clvcli.log.tables import Tables

HEAD = 5000
"""Records from which the first decision is taken."""
SPARE_DIGITS = 4
"""Digits after the point for which columns of SQL have room: a longer number than in the head is no surprise."""
ISO = DateRule(None, "ymd", None, "ISO (year-month-day)", marked("proved by its shape"), False, ())


@dataclass(frozen=True)
class Proved:
    """The rules of a log, and the signs of currencies in its amounts."""

    decided: Decided
    marks: tuple[str, ...]


def head_proofs(tables: Tables, roles: Mapping[str, Role], options: LogOptions) -> Proved:
    """What the first records prove; where they prove nothing, something that later ones will disprove.

    Raises UsageError for SQL that does not work on these columns; of a small log, its own head, as proved does.
    """
    seen: Seen = Counter()
    whole = tables.is_small
    frame = tables.head() if whole else tables.head().head(HEAD)
    of_value, of_date = (pl.col("t"), pl.col("t")) if whole else (value_class(pl.col("t")), date_class(pl.col("t")))
    names = sql_reads(options, roles, tables.types)
    amount = roles["amount"]
    columns = sorted(names | ({amount.text} if not amount.is_sql else set()))
    for name, texts in zip(columns, texts_of(frame, columns), strict=True):
        _count(seen, "value", name, texts, of_value)
    date = roles["date"]
    if not date.is_sql:
        _count_days(seen, date.text, texts_of(frame, [date.text]).to_series(), of_date, options)
    try:
        if date.is_sql:
            kinds = proved(seen, roles, options, tables, dated=False).decided.kinds
            _count_days(seen, date.text, text_of(date, texts_of(frame, sorted(date.reads)), kinds), of_date, options)
        found = proved(seen, roles, options, tables)
    except InputError:
        if whole and frame.height:
            raise
        found = _undecided(seen, roles, options, tables)
    return found if whole else replace(found, decided=_with_room(found.decided, options, roles))


def _count(seen: Seen, what: str, name: str, texts: pl.Series, expression: pl.Expr) -> None:
    found = texts.alias("t").to_frame().select(expression.alias("t")).to_series().value_counts(name="n")
    seen.update({(what, name, text): n for text, n in found.iter_rows()})


def _count_days(seen: Seen, name: str, texts: pl.Series, expression: pl.Expr, options: LogOptions) -> None:
    """Adds what dates prove: by an explicit format only whether they have it."""
    rule = explicit_rule(options)
    if rule is None:
        _count(seen, "date", name, stripped(texts), expression)
    else:
        add_dates(texts.drop_nulls(), np.ones(texts.len() - texts.null_count()), name, rule, seen, raw=False)


def explicit_rule(options: LogOptions) -> DateRule | None:
    """Of a --date-format that is none of the short names."""
    if options.date_format is None or options.date_format in NAMED:
        return None
    return DateRule(options.date_format, None, None, options.date_format, "asked for", False, ())


def _undecided(seen: Seen, roles: Mapping[str, Role], options: LogOptions, tables: Tables) -> Proved:
    """Each column by itself, for those of which the head says nothing."""
    mark = options.decimal_mark or "."
    asked = replace(options, decimal_mark=mark)
    try:
        decided = proved(seen, roles, asked, tables, dated=False).decided
    except ClvError:
        kinds = {n: Kind("text", 0, False, mark, 0, ()) for n in sql_reads(options, roles, tables.types)}
        return Proved(Decided(ISO, mark, kinds), ())
    try:
        decided = proved(seen, roles, asked, tables).decided
    except InputError:
        texts = [(text, n) for (what, _, text), n in seen.items() if what == "date"]
        counted = pl.DataFrame(texts, schema={"text": pl.String, "n": pl.Int64}, orient="row")
        decided = replace(decided, dates=guessed(counted) or ISO)
    return Proved(decided, ())


def _with_room(decided: Decided, options: LogOptions, roles: Mapping[str, Role]) -> Decided:
    if "/" in "".join([options.where or "", *(role.text for role in roles.values() if role.is_sql)]):
        return decided  # a quotient is rounded to a number of digits that depends on those of its parts
    kinds = {
        name: replace(kind, scale=max(kind.scale, SPARE_DIGITS) if kind.typed == "decimal" else kind.scale,
                      digits=max(kind.digits, SPARE_DIGITS) if kind.is_number else kind.digits)
        for name, kind in decided.kinds.items()
    }  # fmt: skip
    return replace(decided, kinds=kinds)


def proved(seen: Seen, roles: Mapping[str, Role], options: LogOptions, tables: Tables, *, dated: bool = True) -> Proved:
    """What the texts prove (see Reading.seen). `dated`: the dates too. Raises InputError where a column cannot be
    understood."""
    rows = [(what, name, text, n) for (what, name, text), n in seen.items() if n]
    schema = {"what": pl.String, "name": pl.String, "text": pl.String, "n": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    amount, date = roles["amount"], roles["date"]
    values = set(sql_reads(options, roles, tables.types))
    if not amount.is_sql and not tables.types[amount.text].is_numeric():
        values.add(amount.text)
    rule = explicit_rule(options)
    wanted = Wanted(date.text if dated else None, rule if dated else None, options.tz, tuple(sorted(values)))
    decided, marks = decide(options, roles, tables.types, wanted, frame, tables.name)
    return Proved(decided, marks)


def agrees(head: Decided, whole: Decided, options: LogOptions, roles: Mapping[str, Role]) -> bool:
    """Whether records that were read by the first decision are read as the whole log asks."""
    one, other = head.dates, whole.dates
    if _how(one) != _how(other):
        return False
    if options.where is not None and one.has_times != other.has_times:
        return False
    if (head.mark or ".", head.back) != (whole.mark or ".", whole.back):
        return False
    roomy = _with_room(whole, options, roles)
    return all(_covers(head.kinds[n], roomy.kinds[n], kind) for n, kind in whole.kinds.items())


def _how(rule: DateRule) -> tuple[object, ...]:
    """What of a rule changes what texts are read as."""
    return rule.date_format, rule.main, rule.order, rule.calendar, rule.others


def _covers(head: Kind, roomy: Kind, whole: Kind) -> bool:
    """Whether a column that was read as `head` says is read as the `whole` log asks."""
    same = (head.typed, head.is_number, head.mark, head.back) == (whole.typed, whole.is_number, whole.mark, whole.back)
    fits = head.scale == roomy.scale and head.digits == roomy.digits
    return same and fits
