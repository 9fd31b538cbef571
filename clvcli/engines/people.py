"""What is known of people beside their purchases: attributes and leads from `--customers`, the group of `--by`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from clvcli.core.errors import Notice, UsageError
from clvcli.core.language import marked
from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.lifecycle.attributes import attribute_schema, attributes
from clvcli.lifecycle.load import Rules, load_rules
from clvcli.lifecycle.names import CONTACTABLE, RESERVED
from clvcli.log.first_amount import FIRST_AMOUNT, with_bands
from clvcli.log.read import read_table

TAKEN = (RESERVED | set(CUSTOMER_COLUMNS)) - {"customer_id"}
"""Names under which the run has columns of its own."""


class ConditionOptions(Protocol):
    """Options of a command that reads a log and knows its customers."""

    @property
    def where(self) -> str | None: ...
    @property
    def customers(self) -> str | None: ...
    @property
    def rules(self) -> str: ...


@dataclass(frozen=True)
class CustomerAttributes:
    """Attributes by customer_id.

    `schema`: types of attributes that conditions may use; `shown`: those in the table; `wanted_of_log`: columns that
    the log has to bring; `group`, `margin`: the columns that --by and --margin name.
    """

    frame: pl.DataFrame | None
    schema: Mapping[str, pl.DataType]
    shown: tuple[str, ...]
    wanted_of_log: tuple[str, ...]
    group: str | None
    margin: str | None
    notices: tuple[Notice, ...] = ()


def read_attributes(
    path: str | None, rules: Rules, *, group: str | None = None, margin: str | None = None
) -> CustomerAttributes:
    """Reads --customers as the rules declare it. Raises InputError for the file, UsageError for columns it lacks."""
    if path is None:
        return CustomerAttributes(None, {}, (), columns_of_log(group), group, None)
    return described(read_table(path, "customers"), rules, path, group=group, margin=margin)


def described(
    table: pl.DataFrame, rules: Rules, path: str, *, group: str | None, margin: str | None
) -> CustomerAttributes:
    """The same of the text columns of the file, or of rows of some customers. Raises as read_attributes does."""
    frame = attributes(table, rules, name=path)
    found = [name for name in frame.columns if name != "customer_id"]
    hidden = [name for name in found if name in TAKEN]
    notices = [
        Notice("hidden_attribute", marked(
            "{place}: {name} is a name that clv uses itself, and was left out; rename it", place=path, name=name
        ))
        for name in hidden
    ]  # fmt: skip
    if margin is not None:
        frame = frame.with_columns(_margin(frame, margin, path))
    shown = tuple(name for name in found if name not in TAKEN)
    frame = frame.drop(hidden)
    wanted = () if group in frame.columns else columns_of_log(group)
    return CustomerAttributes(frame, attribute_schema(rules, frame), shown, wanted, group, margin, tuple(notices))


def people_of(options: ConditionOptions) -> pl.DataFrame | None:
    """What --where may read of --customers; None where there is nothing to read. Raises as read_attributes does."""
    if options.where is None or options.customers is None:
        return None
    return read_attributes(options.customers, load_rules(options.rules)).frame


def columns_of_log(group: str | None) -> tuple[str, ...]:
    """The column that --by asks of the log."""
    return (group,) if group and group != FIRST_AMOUNT else ()


def _margin(frame: pl.DataFrame, column: str, path: str) -> pl.Series:
    """The margin of every customer as a rate. Raises UsageError unless each has one."""
    if column not in frame.columns:
        raise UsageError(
            marked("--margin {column}: {path} has no such column", column=column, path=path),
            hint="--margin takes a rate or one of its columns",
        )
    rates = frame[column].cast(pl.Float64, strict=False)
    good = rates.is_finite() & (rates >= 0)
    bad = frame.filter(~good.fill_null(False))
    if bad.height:
        raise UsageError(
            marked(
                "--margin {column}: {count} customers of {path} have no rate of 0 or more there",
                column=column,
                count=bad.height,
                path=path,
            ),
            hint="fill it: 0.3",
        )
    return rates.alias("_margin")


def join_attributes(
    customers: pl.DataFrame, people: CustomerAttributes, of_log: pl.DataFrame | None, outside: pl.Series | None = None
) -> tuple[pl.DataFrame, int]:
    """Customers with their attributes, `margin` and `model_group`, leads appended; and the number of leads. `outside`:
    ids of people who are no leads.

    Raises UsageError when customers of the log have no margin.
    """
    joined, leads = customers, 0
    if people.frame is not None:
        strangers = people.frame.select("customer_id").join(customers, on="customer_id", how="anti")
        if outside is not None:
            strangers = strangers.filter(~pl.col("customer_id").is_in(outside.implode()))
        leads = strangers.height
        blank = [
            pl.lit(0 if n in ZERO_FOR_LEADS else None, kind).alias(n)
            for n, kind in CUSTOMER_COLUMNS.items()
            if n != "customer_id"
        ]
        everyone = pl.concat([customers, strangers.with_columns(blank)], how="diagonal").sort("customer_id")
        joined = everyone.join(people.frame, on="customer_id", how="left", maintain_order="left")
        joined = joined.with_columns(pl.col(CONTACTABLE).fill_null(False))
    if people.margin is not None:
        joined = joined.rename({"_margin": "margin"}) if people.margin != "margin" else _take_over(joined)
        missing = joined["margin"].null_count()
        if missing:
            raise UsageError(
                marked(
                    "--margin {margin}: {count} customers of the log are not in --customers",
                    margin=people.margin,
                    count=missing,
                ),
                hint="add them, or --margin 0.3",
            )
    if people.group is not None:
        joined = grouped(joined, people.group, of_log)
    return joined, leads


ZERO_FOR_LEADS = frozenset(
    {"purchases", "total", "first_total", "paid_days", "repeat_paid_days", "last3_total", "log_amounts"}
)


def _take_over(joined: pl.DataFrame) -> pl.DataFrame:
    """An attribute called `margin` is itself the margin."""
    return joined.with_columns(margin=pl.col("_margin")).drop("_margin")


def grouped(customers: pl.DataFrame, group: str, of_log: pl.DataFrame | None) -> pl.DataFrame:
    """Customers with `model_group`: a column they have, one of the log, or bands of the first amount."""
    if group not in customers.columns and group == FIRST_AMOUNT:
        return with_bands(customers)
    source = customers if group in customers.columns else _with_group(customers, group, of_log)
    return source.with_columns(model_group=pl.col(group))


def _with_group(joined: pl.DataFrame, group: str, of_log: pl.DataFrame | None) -> pl.DataFrame:
    if of_log is None or group not in of_log.columns:
        raise UsageError(marked("--by {column}: no such column in the log or in --customers", column=group))
    return joined.join(of_log.select("customer_id", group), on="customer_id", how="left", maintain_order="left")
