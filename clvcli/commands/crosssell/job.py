"""`clv crosssell` from top to bottom: item lines -> groups -> profiles -> gaps; or baskets; or due dates."""

import dataclasses
import re
from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.commands.crosssell.baskets import baskets_of, together, together_by
from clvcli.commands.crosssell.document import document, encoded
from clvcli.commands.crosssell.due import due_dates
from clvcli.commands.crosssell.holdout import Holdout, holdout
from clvcli.commands.crosssell.lines import read_items
from clvcli.commands.crosssell.profile import Profile, gaps, mark_best, profiles
from clvcli.commands.crosssell.result import Crosssell
from clvcli.commands.crosssell.suggest import NUMBERS, suggested
from clvcli.core.errors import Notice, UsageError
from clvcli.core.fields import FIELDS
from clvcli.core.language import marked
from clvcli.core.options import CrosssellOptions
from clvcli.core.options.scoring import scoring
from clvcli.core.run_day import run_day
from clvcli.lifecycle.names import LEFT
from clvcli.log.read import Log, read_table
from clvcli.log.sources import find_sources
from clvcli.output import STDOUT, Outputs, named_by_file
from clvcli.output.formats.base import format_of, with_texts
from clvcli.output.places import is_stream
from clvcli.scoring.scored import Stage, refuse_warnings, score_log
from clvcli.scoring.table import write_bytes, write_table

EVERYBODY = "all"
BETWEEN = " / "
ASSIGNED = ("stage", "phase", "action", "in_control", "variant", "rfm_score")
"""Columns of the scored table that may stand in --by."""
SMALL = 25
"""Customers of a group below which its top fifth is a handful."""


def crosssell(options: CrosssellOptions, stage: Stage, *, named_only: bool = False) -> Crosssell:
    """Computes, and writes the table; with `named_only` only where --output names a file. Raises ClvError only."""
    if options.json and options.output == "-":
        raise UsageError("--json and the table cannot both go to stdout", hint="-o FILE")
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    if options.together and options.due:
        raise UsageError("--together and --due are two questions", hint="ask one at a time")
    if named_only and options.output is None:
        done = computed(options, run_day(), stage)
        if options.strict:
            refuse_warnings(done.notices)
        return done
    inputs = [s.path for s in find_sources(options.data).sources]
    inputs += [p for p in (options.customers, options.config) if p]
    output = options.output or _default_output(options)
    files = {"table": output}
    if output != STDOUT and not is_stream(output):
        files["manifest"] = f"{output}.run.json"
    own = {"table"} if options.output is None else named_by_file(options.sources, {"table": "output"})
    with Outputs(files, inputs, own_only=own, log_file=options.log_file) as outputs:
        done = dataclasses.replace(computed(options, run_day(), stage), outputs=tuple(files.values()))
        if options.strict:
            refuse_warnings(done.notices)
        name = format_of(options.output, options.format)
        outputs.write("table", lambda sink: write_table(done.table, name, sink))
        if "manifest" in files:
            content = encoded(document(done, options))
            outputs.write("manifest", lambda sink: write_bytes(content, sink))
        outputs.commit()
    return done


def _default_output(options: CrosssellOptions) -> str:
    """STEM.crosssell.csv of one file, else crosssell.csv; together and due in place of crosssell where asked for."""
    kind = "together" if options.together else "due" if options.due else "crosssell"
    name = re.split(r"[\\/]", options.data[0].rstrip("\\/"))[-1] if len(options.data) == 1 else STDOUT
    stem = re.sub(r"(\.[A-Za-z]+)?(\.(gz|zst|zstd))?$", "", name)
    return f"{stem}.{kind}.csv" if stem not in ("", STDOUT) and "*" not in stem else f"{kind}.csv"


def computed(options: CrosssellOptions, today: date, stage: Stage) -> Crosssell:
    """Compute the result without writing it."""
    stage("reading")
    log, items = read_items(options, today, _of_log(options))
    counts = (items.height, items["product"].n_unique())
    if options.together:
        stage("counting baskets")
        baskets = baskets_of(items)["basket"].n_unique()
        if options.by:
            known = _customers(options, log, options.by, stage)
            table = together_by(items, known.customers, options.min_support)
            by, notices = BETWEEN.join(options.by), (*known.notices, *_notices(log, items, own_only=True))
            return Crosssell("together", by, log, table, (), *counts, baskets, notices, at_risk=known.at_risk)
        table = together(items, options.min_support)
        return Crosssell("together", None, log, table, (), *counts, baskets, _notices(log, items))
    if options.due:
        table = due_dates(items, log.as_of)
        return Crosssell("due", None, log, table, (), *counts, None, _notices(log, items))
    return _suggested(options, log, items, stage)


@dataclass(frozen=True)
class _Customers:
    """`customers`: customer_id, group, value of everybody who bought and has not left; what scoring them told; the
    stages at risk, where the groups are stages."""

    customers: pl.DataFrame
    notices: tuple[Notice, ...]
    at_risk: tuple[str, ...]


def _customers(options: CrosssellOptions, log: Log, by: tuple[str, ...], stage: Stage) -> _Customers:
    """Scores the log as far as the groups need it. Raises UsageError where --value has no model."""
    no_model = options.value != "clv" and not {"stage", "phase"} & set(by)
    scored = score_log(scoring(options, no_model=no_model), stage, log=log)
    left = (pl.col("phase").cast(pl.String) == LEFT).fill_null(value=False)
    customers = with_texts(scored.table.filter((pl.col("purchases") > 0) & ~left))
    if log.attributes is not None:
        customers = customers.join(log.attributes, on="customer_id", how="left", maintain_order="left")
    if customers[options.value].null_count() == customers.height:
        raise UsageError("--value clv: no model could be fitted to this log", hint="--value total_spend")
    parts = [pl.lit(EVERYBODY) if name == EVERYBODY else pl.col(name).cast(pl.String) for name in by]
    named = [pl.coalesce(part, pl.lit("(none)")) for part in parts]
    group = parts[0] if len(parts) == 1 else pl.concat_str(named, separator=BETWEEN)
    at_risk = scored.rules.at_risk if by == ("stage",) else ()
    return _Customers(customers.select("customer_id", group=group, value=options.value), tuple(scored.notices), at_risk)


def _suggested(options: CrosssellOptions, log: Log, items: pl.DataFrame, stage: Stage) -> Crosssell:
    by = options.by or ("stage",)
    known = _customers(options, log, by, stage)
    stage("comparing")
    frame = mark_best(known.customers, options.top)
    owned = items.group_by("customer_id", "product").agg(spent=pl.col("amount").sum() / 10.0**options.decimals)
    found = profiles(frame, owned, options.min_share)
    table = gaps(frame, owned, found)
    stage("suggesting")
    judged = holdout(items, log.as_of)
    offered = suggested(items, owned, judged)
    table = table.join(offered, on="customer_id", how="left").sort(
        "expected", "potential", "customer_id", descending=[True, True, False], nulls_last=True
    )
    categories, table = _categories(items, table, options, log.as_of)
    soonest = due_dates(items, log.as_of).unique("customer_id", keep="first", maintain_order=True)
    due = soonest.select("customer_id", due_product="product", due_date="due_date")
    table = table.join(due, on="customer_id", how="left", maintain_order="left")
    notices = [*known.notices, *_notices(log, items, own_only=True), *_small(found)]
    counts = (items.height, items["product"].n_unique())
    return Crosssell(
        "suggestions", BETWEEN.join(by), log, table, tuple(found), *counts, None, tuple(notices), judged, categories,
        at_risk=known.at_risk,
    )  # fmt: skip


def _categories(
    items: pl.DataFrame, table: pl.DataFrame, options: CrosssellOptions, as_of: date
) -> tuple[Holdout | None, pl.DataFrame]:
    """The same of categories: adds category_1 to 3, the categories to offer next."""
    if options.category is None:
        return None, table
    within = items.drop("product").rename({"category": "product"}).drop_nulls("product")
    judged = holdout(within, as_of)
    owned = within.group_by("customer_id", "product").agg(spent=pl.col("amount").sum() / 10.0**options.decimals)
    next_ones = suggested(within, owned, judged).select(
        "customer_id", **{f"category_{k}": f"suggestion_{k}" for k in NUMBERS}
    )
    return judged, table.join(next_ones, on="customer_id", how="left", maintain_order="left")


def _of_log(options: CrosssellOptions) -> tuple[str, ...]:
    """The --by columns that only the log can have. Raises UsageError for a figure of each customer."""
    found = []
    for name in options.by:
        if name in (EVERYBODY, *ASSIGNED):
            continue
        if name in {f.name for f in FIELDS}:
            raise UsageError(
                marked("--by {name}: is a figure of each customer, not a group", name=name), hint="--by stage"
            )
        if options.customers and name in read_table(options.customers, "customers").columns:
            continue
        found.append(name)
    return tuple(found)


def _notices(log: Log, items: pl.DataFrame, *, own_only: bool = False) -> tuple[Notice, ...]:
    found = [] if own_only else list(log.quality.notices)
    missing = (log.lines.height if log.lines is not None else 0) - items.height
    if missing:
        message = marked("{n:,} used records have no product and are left out", n=missing)
        found.append(Notice("no_product", message))
    return tuple(found)


def _small(found: list[Profile]) -> list[Notice]:
    small = [p for p in found if p.customers < SMALL]
    if not small:
        return []
    message = marked(
        "few good customers to go by in groups of fewer than {few:d} ({n:d}: {names}); --by all takes everybody "
        "together",
        few=SMALL, n=len(small), names=", ".join(p.group or "(none)" for p in small[:3]),
    )  # fmt: skip
    return [Notice("small_groups", message)]
