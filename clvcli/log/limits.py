"""What is said of a whole log from its counts: refusals, and warnings about amounts."""

from collections.abc import Callable

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.marked import several
from clvcli.core.options import LogOptions
from clvcli.log import account
from clvcli.log.columns import Role
from clvcli.log.quality import DataQuality, TooManyRejects


def check_rejects(
    limit: str, rejects: pl.DataFrame, quality: DataQuality, name: str, remedy: Callable[[], str | None]
) -> None:
    """Raises TooManyRejects when more of the records are rejected than --max-rejects allows. `rejects`: in order;
    `remedy`: what to do about them, where that can be told."""
    bad = sum(quality.rejected.values())
    if bad <= account.allowed_rejects(limit, quality.read):
        return
    reasons = ", ".join(f"{reason} {n}" for reason, n in quality.rejected.items())
    first = rejects.row(0, named=True)
    value = marked("empty") if first["value"] is None else repr(first["value"])
    where = marked("line {line}", line=first["line"])
    if first["column"]:
        where = marked("{where}, {column}: {value}", where=where, column=first["column"], value=value)
    values = {"place": name, "read": quality.read, "reasons": reasons, "limit": limit}
    raise TooManyRejects(
        marked("{place}: 1 of {read} records is bad ({reasons}), more than --max-rejects {limit}", **values)
        if bad == 1
        else marked(
            "{place}: {bad} of {read} records are bad ({reasons}), more than --max-rejects {limit}", bad=bad, **values
        ),
        marked(
            "the first is {file}, {where}; {remedy}",
            file=first["file"],
            where=where,
            remedy=remedy() or marked("mend them, or allow more with --max-rejects"),
        ),
        rejects,
        quality,
    )


def usual_sign(negative: int, positive: int, role: Role, name: str) -> None:
    """Refuses a log in which purchases are negative, as in accounts: every purchase would count as a return."""
    if negative > positive and negative > 1:
        shown = role.text if not role.is_sql else f"({role.text})"
        raise InputError(
            marked(
                "{place}: most amounts are negative ({negative} of {total})",
                place=name,
                negative=negative,
                total=negative + positive,
            ),
            hint=marked(
                'if these are the purchases, turn the sign: --amount "-{shown}"; else --where "{shown} > 0"',
                shown=shown,
            ),
            code="negative_amounts",
        )


def check_total(size: float, name: str) -> None:
    """Raises InputError when sums of amounts, `size` minor units without their signs, do not fit in 64 bits."""
    if size > 9e18:
        raise InputError(
            marked("{place}: the amounts add up to more than can be counted", place=name),
            hint="check the amount column",
        )


MOST_DECIMALS = 8


def check_rounding(to_zero: int, used: int, digits: int, options: LogOptions, name: str) -> None:
    """Raises InputError when most of the used amounts are smaller than the smallest unit that is counted."""
    if 2 * to_zero > used and options.decimals < MOST_DECIMALS:
        raise InputError(
            marked(
                "{place}: {to_zero} of {used} amounts are too small for {decimals} decimals and would be 0",
                place=name,
                to_zero=to_zero,
                used=used,
                decimals=options.decimals,
            ),
            hint=f"--decimals {min(max(digits, options.decimals + 1), MOST_DECIMALS)}",
        )


def about_amounts(
    rounded: int, unmatched: int, negative_days: int, options: LogOptions, digits: int = 0
) -> list[Notice]:
    """Amounts that were rounded (`digits`: the most behind their mark, 0 where that is not known), returns that took
    nothing back (minor units), days with a negative sum."""
    found = []
    if rounded:
        more = marked("--decimals keeps more")
        if options.decimals < digits <= MOST_DECIMALS:
            more = marked("--decimals {digits} keeps all", digits=digits)
        message = several(
            "{n:d} amount rounded to {decimals} decimals; {more}",
            "{n:d} amounts rounded to {decimals} decimals; {more}",
            rounded, decimals=options.decimals, more=more,
        )  # fmt: skip
        found.append(Notice("rounded_amounts", message))
    if unmatched and options.returns == "net":
        message = marked(
            "returns worth {worth:,.2f} found no earlier purchase to take back; is an earlier export missing?",
            worth=unmatched / 10**options.decimals,
        )
        found.append(Notice("unmatched_returns", message))
    if negative_days:
        message = several(
            "{n:d} day of customers with a negative sum: no purchase; --returns net takes returns off earlier "
            "purchases",
            "{n:d} days of customers with a negative sum: no purchase; --returns net takes returns off earlier "
            "purchases",
            negative_days,
        )
        found.append(Notice("negative_days", message))
    return found
