"""`clv crosssell` from top to bottom: item lines -> groups -> profiles -> gaps; or baskets; or due dates."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.commands.crosssell.due import due_dates
from clvcli.commands.crosssell.lines import read_items
from clvcli.commands.crosssell.profile import Profile, gaps, mark_best, profiles
from clvcli.commands.crosssell.together import baskets_of, together
from clvcli.core.errors import Notice, UsageError
from clvcli.core.fields import FIELDS
from clvcli.core.options import CrosssellOptions, scoring
from clvcli.core.run_day import run_day
from clvcli.log.read import Log, read_table
from clvcli.log.sources import find_sources
from clvcli.output import Outputs
from clvcli.output.formats.base import format_of, with_texts
from clvcli.scoring.scored import Stage, refuse_warnings, score_log
from clvcli.scoring.table import write_table

EVERYBODY = "all"
ASSIGNED = ("stage", "phase", "action", "in_control", "variant", "rfm_score")
"""Columns of the scored table that may stand in --by."""
SMALL = 25
"""Customers of a group below which its top fifth is a handful."""


@dataclass(frozen=True)
class Crosssell:
    """The result. `kind`: `suggestions`, `together` or `due`; `table` is what -o writes.

    `by`: what the groups are, `profiles` what their good customers buy; `items` and `products`: used records with a
    product, and how many products there are.
    """

    kind: str
    by: str | None
    log: Log
    table: pl.DataFrame
    profiles: tuple[Profile, ...]
    items: int
    products: int
    baskets: int | None
    notices: tuple[Notice, ...]


def crosssell(options: CrosssellOptions, stage: Stage) -> Crosssell:
    """Computes, and writes -o. Raises ClvError only."""
    if options.json and options.output == "-":
        raise UsageError("--json and the table cannot both go to stdout", hint="-o FILE")
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    if options.together and options.due:
        raise UsageError("--together and --due are two questions", hint="ask one at a time")
    inputs = [s.path for s in find_sources(options.data).sources]
    inputs += [p for p in (options.customers, options.config) if p]
    with Outputs({"table": options.output} if options.output else {}, inputs, log_file=options.log_file) as outputs:
        done = computed(options, run_day(), stage)
        if options.strict:
            refuse_warnings(done.notices)
        if options.output:
            name = format_of(options.output, options.format)
            outputs.write("table", lambda sink: write_table(done.table, name, sink))
            outputs.commit()
    return done


def computed(options: CrosssellOptions, today: date, stage: Stage) -> Crosssell:
    """Everything but the output."""
    stage("reading")
    log, items = read_items(options, today, _of_log(options))
    counts = (items.height, items["product"].n_unique())
    if options.together:
        stage("counting baskets")
        table = together(items, options.min_support)
        baskets = baskets_of(items)["basket"].n_unique()
        return Crosssell("together", None, log, table, (), *counts, baskets, _notices(log, items))
    if options.due:
        table = due_dates(items, log.as_of)
        return Crosssell("due", None, log, table, (), *counts, None, _notices(log, items))
    return _suggested(options, log, items, stage)


def _suggested(options: CrosssellOptions, log: Log, items: pl.DataFrame, stage: Stage) -> Crosssell:
    by = options.by or "stage"
    no_model = options.value != "clv" and by != "stage"
    scored = score_log(scoring(options, no_model=no_model), stage, log=log)
    customers = with_texts(scored.table.filter(pl.col("purchases") > 0))
    if log.attributes is not None:
        customers = customers.join(log.attributes, on="customer_id", how="left", maintain_order="left")
    if customers[options.value].null_count() == customers.height:
        raise UsageError("--value clv: no model could be fitted to this log", hint="--value total_spend")
    stage("comparing")
    group = pl.lit(EVERYBODY) if by == EVERYBODY else pl.col(by).cast(pl.String)
    frame = mark_best(customers.select("customer_id", group=group, value=options.value), options.top)
    owned = items.group_by("customer_id", "product").agg(spent=pl.col("amount").sum() / 10.0**options.decimals)
    found = profiles(frame, owned, options.min_share)
    table = gaps(frame, owned, found)
    soonest = due_dates(items, log.as_of).unique("customer_id", keep="first", maintain_order=True)
    due = soonest.select("customer_id", due_product="product", due_date="due_date")
    table = table.join(due, on="customer_id", how="left", maintain_order="left")
    notices = [*scored.notices, *_notices(log, items, own_only=True), *_small(found)]
    counts = (items.height, items["product"].n_unique())
    return Crosssell("suggestions", by, log, table, tuple(found), *counts, None, tuple(notices))


def _of_log(options: CrosssellOptions) -> tuple[str, ...]:
    """The --by column, where only the log can have it. Raises UsageError for a figure of each customer."""
    if options.by in (None, EVERYBODY, *ASSIGNED):
        return ()
    if options.by in {f.name for f in FIELDS}:
        raise UsageError(f"--by {options.by}: is a figure of each customer, not a group", hint="--by stage")
    if options.customers and options.by in read_table(options.customers, "customers").columns:
        return ()
    return (options.by,) if options.by else ()


def _notices(log: Log, items: pl.DataFrame, *, own_only: bool = False) -> tuple[Notice, ...]:
    found = [] if own_only else list(log.quality.notices)
    missing = (log.lines.height if log.lines is not None else 0) - items.height
    if missing:
        found.append(Notice("no_product", f"{missing:,} used records have no product and are left out"))
    return tuple(found)


def _small(found: list[Profile]) -> list[Notice]:
    small = [p for p in found if p.customers < SMALL]
    if not small:
        return []
    names = ", ".join(p.group or "(none)" for p in small[:3])
    return [
        Notice(
            "small_groups",
            f"few good customers to go by in groups of fewer than {SMALL} ({len(small)}: {names}); "
            "--by all takes everybody together",
        )
    ]
