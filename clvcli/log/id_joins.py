"""SQL that joins the spellings of one customer: ids that differ in case, phone numbers written in several ways."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import marked
from clvcli.log.column_values import quoted
from clvcli.log.columns import Role

LOOK = 500
PHONE = r"^['+(]*[0-9][0-9 ()./'-]{6,}$"
MARKS = " -./()+'"
"""What stands between the digits of a phone number."""


def with_joins(notices: Sequence[Notice], customer: Role) -> list[Notice]:
    """The notices about ids, with the SQL that joins those that differ in case."""
    join = _option(f"lower(trim({_of(customer)}))")
    return [
        replace(n, message=marked("{told}; one each: {option}", told=n.message, option=join))
        if n.code == "case_variants"
        else n
        for n in notices
    ]


def _of(customer: Role) -> str:
    return f"({customer.text})" if customer.is_sql else quoted(customer.text)


def _option(sql: str) -> str:
    escaped = sql.replace('"', '\\"')
    return f'--customer "{escaped}"'


def about_phones(ids: pl.Series, customer: Role) -> list[Notice]:
    """Ids that are phone numbers of which some stand there in several ways, with the SQL that joins them."""
    some = ids.sample(min(ids.len(), LOOK), seed=1) if ids.len() else ids
    if not some.len() or some.str.contains(PHONE).mean() < 0.8:  # type: ignore[operator]
        return []
    digits = ids.str.replace_all("[^0-9]", "")
    abroad = bool(digits.str.starts_with("00").any())
    keys = digits.str.strip_prefix("00") if abroad else digits
    more = ids.len() - keys.n_unique()
    if not more:
        return []
    sql = _of(customer)
    for mark in MARKS:
        if ids.str.contains(mark, literal=True).any():
            shown = "''" if mark == "'" else mark
            sql = f"replace({sql}, '{shown}', '')"
    if abroad:
        sql = f"CASE WHEN starts_with({sql}, '00') THEN substr({sql}, 3) ELSE {sql} END"
    twice = keys.is_duplicated()
    first = ids.filter(twice & (keys == keys.filter(twice).min())).sort().head(2).to_list()
    message = marked(
        "{n:d} phone numbers stand there in another way too, like {first} and {second}; they are taken as different "
        "customers; one each: {option}",
        n=more, first=repr(first[0]), second=repr(first[1]), option=_option(sql),
    )  # fmt: skip
    return [Notice("phone_variants", message)]
