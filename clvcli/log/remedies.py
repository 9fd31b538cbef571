"""Options to copy, with the columns of this log, quoted as a shell takes them; what to do about rejected records."""

import re
from collections.abc import Iterable, Mapping

import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.language import marked
from clvcli.core.marked import rewritten
from clvcli.core.options import LogOptions
from clvcli.log.column_values import quoted
from clvcli.log.columns import Role, flag_of, shell_quoted

MOST_VALUES = 3
"""So many bad values are named in a --where."""
WHERE = re.compile("\1(.*?)\1")
ANY_WHERE = re.compile("--where (\1.*?\1|'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\")")
ROLE = re.compile("\2(customer|date|amount)")


def where(sql: str) -> str:
    """A --where in a text that `named` has still to put columns into: \\2customer, \\2date, \\2amount."""
    return f"--where \1{sql}\1"


def literal(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def named(notices: Iterable[Notice], roles: Mapping[str, Role], options: LogOptions) -> list[Notice]:
    """The notices with the columns of the log in their --where, which keeps what an earlier one says."""

    def whole(match: re.Match[str]) -> str:
        sql = ROLE.sub(lambda m: of_role(roles[m[1]]), match[1])
        return shell_quoted(f"({options.where}) AND {sql}" if options.where else sql)

    return [Notice(n.code, rewritten(n.message, lambda text: WHERE.sub(whole, text))) for n in notices]


def of_several_kinds(notices: Iterable[Notice]) -> list[Notice]:
    """The notices of files of several kinds: a --where holds for all of them, and their columns differ."""
    said = marked("--where, for the files of that kind alone")

    def of_kind(text: str) -> str:
        return said if ANY_WHERE.fullmatch(text) else ANY_WHERE.sub(said, text)

    return [Notice(n.code, rewritten(n.message, of_kind)) for n in notices]


def of_role(role: Role) -> str:
    """What fills a role, as a part of SQL."""
    return f"({role.text})" if role.is_sql else quoted(role.text)


def about_rejects(rejects: pl.DataFrame, read: int, roles: Mapping[str, Role], options: LogOptions) -> str | None:
    """The option to copy where the rejected records are of one kind; None where they are of several. `rejects`: as
    quality.py has them, in order, at least one."""
    kinds = rejects.group_by("column", "reason").len().sort("len", "column", "reason", descending=[True, False, False])
    column, reason, count = kinds.row(0)
    if count < 0.9 * rejects.height or not column:
        return None
    values = rejects.filter((pl.col("column") == column) & (pl.col("reason") == reason))["value"]
    amount = roles["amount"]
    if reason == "missing_amount" and amount.is_sql and column in amount.reads:
        return marked(
            "{column} is empty in {count} of {read} records; where that means 0: {option}",
            column=column, count=count, read=read, option=_coalesced(amount, column),
        )  # fmt: skip
    if count >= 0.9 * read:
        return _wrong_column(column, roles)
    distinct = sorted(set(values.drop_nulls()))
    name = of_role(
        next((r for r in roles.values() if r.text == column), Role("", column, "named", frozenset({column})))
    )
    if values.null_count() and not distinct:
        sql = f"{name} IS NOT NULL"
    elif len(distinct) <= MOST_VALUES and not values.null_count():
        listed = ", ".join(literal(value) for value in distinct)
        sql = f"{name} <> {listed}" if len(distinct) == 1 else f"{name} NOT IN ({listed})"
    else:
        return None
    kept = f"({options.where}) AND {sql}" if options.where else sql
    return marked("if they are none of the purchases, leave them out: --where {sql}", sql=shell_quoted(kept))


def _coalesced(amount: Role, column: str) -> str:
    """The amount with 0 where the column is empty."""
    name = re.escape(quoted(column))
    edge = "" if name.startswith('"') else r"\b"
    sql = re.sub(rf"{edge}{name}{edge}", f"coalesce({quoted(column)}, 0)".replace("\\", r"\\"), amount.text)
    return f"--amount {shell_quoted(sql)}"


def _wrong_column(column: str, roles: Mapping[str, Role]) -> str | None:
    role = next((r for r in roles.values() if r.text == column or column in r.reads), None)
    return (
        None
        if role is None
        else marked("is {column} the right column? {flag} names another one", column=column, flag=flag_of(role.name))
    )


REASONS = {
    "missing_date": marked("have no date"), "bad_date": marked("have no date that can be read"),
    "impossible_date": marked("have a day that no calendar has"),
    "other_date_format": marked("have a date of another form"),
    "future_date": marked("are later than tomorrow"), "missing_amount": marked("have no amount"),
    "bad_amount": marked("have no amount that can be read"),
    "amount_too_large": marked("have an amount that is too large"),
}  # fmt: skip


def nothing_left(rejects: pl.DataFrame, read: int, roles: Mapping[str, Role]) -> tuple[str, str]:
    """What to say where no record is left but rejected ones: what is wrong with most of them, and what to do."""
    kinds = rejects.group_by("column", "reason").len().sort("len", "column", "reason", descending=[True, False, False])
    column, reason, count = kinds.row(0)
    first = rejects.filter((pl.col("column") == column) & (pl.col("reason") == reason)).row(0, named=True)
    said = REASONS.get(reason, f"are rejected ({reason})")
    if not column:
        where_ = marked("line {line}", line=first["line"])
    elif first["value"] is None:
        where_ = column
    else:
        where_ = marked(
            "{column}, like {value} in line {line}", column=column, value=repr(first["value"]), line=first["line"]
        )
    hint = _wrong_column(column, roles) if column else None
    if reason == "future_date":
        hint = marked(
            "--as-of {first} lets them count, or name another column: --date COLUMN", first=str(first["value"])[:10]
        )
    told = marked("{count} of {read} records {said} ({where})", count=count, read=read, said=said, where=where_)
    return told, hint or marked("look at line {line}, and export the file again", line=first["line"])
