"""The default engine: one machine, Polars. Rows are a frame in memory, in one batch, sorted by customer_id."""

from clvcli.engines.local.customers import (
    bands,
    customers,
    first_seen,
    group_sizes,
    histories_by,
    history,
    of_group,
    spending,
)
from clvcli.engines.local.log import bought, everyone, few, first_day, people, purchased, read, without_purchases
from clvcli.engines.local.place import place
from clvcli.engines.local.rows import (
    ahead,
    beside,
    close,
    columns,
    counted,
    earlier,
    facts,
    gone,
    map,  # noqa: A004  # the verb's name
    open,  # noqa: A004
    ranked,
    reduce,
    select,
    shares,
    some,
    told,
)

name = "polars"

__all__ = [
    "ahead", "bands", "beside", "bought", "close", "columns", "counted", "customers", "earlier", "everyone", "facts",
    "few", "first_day", "first_seen", "gone", "group_sizes", "histories_by", "history", "map", "name", "of_group",
    "open", "people", "place", "purchased", "ranked", "read", "reduce", "select", "shares", "some", "spending", "told",
    "without_purchases",
]  # fmt: skip
