"""What `--customers` tells of people: typed attributes, whether they can be reached, who is a lead."""

from collections.abc import Callable

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.names import CONTACTABLE, type_of

ID_NAMES = ("customer_id", "customerid", "customer", "client_id", "clientid", "user_id", "userid", "id")
WAYS = ("email", "mail", "phone", "phone_number", "mobile", "telephone", "address", "street")
BLANKS = " \t\r\n\f\v"
_TRUE, _FALSE = ["true", "yes", "y", "1", "t"], ["false", "no", "n", "0", "f"]
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"


def attributes(
    frame: pl.DataFrame, rules: Rules, *, id_column: str | None = None, name: str = "--customers"
) -> pl.DataFrame:
    """One row per customer, sorted: customer_id, `contactable` (never null), declared attributes typed, others text.

    `frame`: text columns, as read_table gives them. `id_column`: the column of the id (default: the usual names).
    An empty text is null; a null takes the attribute's default. `contactable` is that column where the file has it,
    else whether one of an e-mail, phone or address column is filled. Columns that the rules declare and the file lacks
    are not added: compile_rules knows their defaults. Ids that the log does not know are leads: the caller joins them.

    Raises InputError for a missing id column, empty or repeated ids (equal rows count once), values of another type.
    """
    identity = id_column if id_column in frame.columns else column_of_ids(frame, name)
    clean = frame.select(_text(column).alias(column) for column in frame.columns)
    clean = clean.rename({identity: "customer_id"}) if identity != "customer_id" else clean
    empty = clean["customer_id"].null_count()
    if empty:
        raise InputError(
            marked("{place}: {empty} rows have no {identity}", place=name, empty=empty, identity=identity),
            hint="fill it or remove the rows",
            code="customers_file",
        )
    clean = clean.unique(maintain_order=False).sort("customer_id")
    repeated = clean.filter(pl.col("customer_id").is_duplicated())["customer_id"].unique().sort()
    if repeated.len():
        raise InputError(
            marked(
                "{place}: {count} customers have several different rows, first {first}",
                place=name,
                count=repeated.len(),
                first=repr(repeated[0]),
            ),
            hint="one row per customer",
            code="customers_file",
        )
    typed = [
        _typed(clean, column, rules, name) for column in clean.columns if column not in ("customer_id", CONTACTABLE)
    ]
    return clean.select("customer_id", _contactable(clean, rules, name), *typed)


def attribute_schema(rules: Rules, frame: pl.DataFrame) -> dict[str, pl.DataType]:
    """The types of a frame of `attributes`, for compile_rules; customer_id left out."""
    return {
        column: dtype for column, dtype in frame.schema.items() if column != "customer_id" or column in rules.attributes
    }


def column_of_ids(frame: pl.DataFrame, name: str) -> str:
    """The column of the customers' ids. Raises InputError without one."""
    normal = {_normal(column): column for column in reversed(frame.columns)}
    found = next((normal[known] for known in ID_NAMES if known in normal), None)
    if found is None:
        raise InputError(
            marked("{place}: no customer id column among {columns}", place=name, columns=", ".join(frame.columns[:20])),
            hint="call it customer_id",
            code="customers_file",
        )
    return found


def _normal(column: str) -> str:
    return column.strip().lower().replace("-", "_").replace(" ", "_").replace("e_mail", "email")


def _text(column: str) -> pl.Expr:
    stripped = pl.col(column).cast(pl.String).str.strip_chars(BLANKS)
    return pl.when(stripped != "").then(stripped)


def _contactable(clean: pl.DataFrame, rules: Rules, name: str) -> pl.Series:
    if CONTACTABLE in clean.columns:
        return _as_type(clean, CONTACTABLE, "boolean", name).fill_null(False)
    ways = [column for column in clean.columns if _normal(column) in WAYS]
    filled = pl.any_horizontal(pl.col(column).is_not_null() for column in ways) if ways else pl.lit(False)
    declared = rules.attributes.get(CONTACTABLE)
    if not ways and declared is not None and declared.default is not None:
        filled = pl.lit(bool(declared.default))
    return clean.select(filled.alias(CONTACTABLE), "customer_id")[CONTACTABLE]


def _typed(clean: pl.DataFrame, column: str, rules: Rules, name: str) -> pl.Series:
    declared = rules.attributes.get(column)
    if declared is None:
        return clean[column]
    values = _as_type(clean, column, declared.type, name)
    if declared.default is None:
        return values
    default = pl.Series([declared.default])
    if declared.type == "date":
        default = default.str.to_date("%Y-%m-%d")
    return values.fill_null(default.cast(type_of(declared.type))[0])


_PARSERS: dict[str, tuple[Callable[[pl.Expr], pl.Expr], str]] = {
    "text": (lambda e: e, "text"),
    "number": (lambda e: pl.when(e.str.contains(_NUMBER)).then(e).cast(pl.Float64), "a number like 12.5"),
    "integer": (lambda e: pl.when(e.str.contains(r"^[+-]?[0-9]{1,18}$")).then(e).cast(pl.Int64), "a whole number"),
    "date": (lambda e: e.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False), "a date like 2024-06-01"),
    "boolean": (
        lambda e: (
            pl.when(e.str.to_lowercase().is_in(_TRUE)).then(True).when(e.str.to_lowercase().is_in(_FALSE)).then(False)
        ),
        "true or false",
    ),
}


def _as_type(clean: pl.DataFrame, column: str, kind: str, name: str) -> pl.Series:
    parse, words = _PARSERS[kind]
    values = clean.select(parse(pl.col(column)).cast(type_of(kind)).alias(column))[column]
    bad = clean.filter(clean[column].is_not_null() & values.is_null())
    if bad.height:
        first, owner = bad[column][0], bad["customer_id"][0]
        raise InputError(
            marked(
                "{place}: {count} values of {column} are not {words}, first {first} of customer {owner}",
                place=name,
                count=bad.height,
                column=column,
                words=words,
                first=repr(first[:40]),
                owner=repr(owner[:40]),
            ),
            hint="correct them or leave them empty",
        )
    return values
