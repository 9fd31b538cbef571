"""Item lines: who bought which product, on which day, in which order."""

from datetime import date

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.core.options import CrosssellOptions
from clvcli.engines.people import people_of
from clvcli.log.read import Log, read_log


def read_items(options: CrosssellOptions, run_day: date, keep: tuple[str, ...] = ()) -> tuple[Log, pl.DataFrame]:
    """The log, and its used records with a product: customer_id, day, amount (minor units), order, product
    and, with --category, category.

    Raises UsageError without --product, InputError when no used record has one, else what read_log raises.
    """
    if options.product is None:
        raise UsageError("--product is missing: the column of what was bought", hint="--product COLUMN")
    wanted = {"product": options.product} | ({"category": options.category} if options.category else {})
    log = read_log(options, run_day, keep=keep, lines=wanted, people=people_of(options))
    assert log.lines is not None
    items = log.lines.drop_nulls("product")
    if items.is_empty():
        raise InputError(
            marked("no used record has a product in {product}", product=options.product), hint="clv check DATA says why"
        )
    return log, items
