"""A log read by a cluster: the same accounting as clvcli/log/read.py, customers that stay on the cluster."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.core.run_day import day_of
from clvcli.engines.spark import settle as workers
from clvcli.engines.spark.accounts import ClusterLog, account_of
from clvcli.engines.spark.check import CHECKED, COUNT, ERROR, Check, CheckLines, CheckTyped
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.pairs import without_repeated_pairs
from clvcli.engines.spark.profile_columns import raise_error
from clvcli.engines.spark.raw import look, open_raw
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import find_files
from clvcli.engines.spark.trimmed_ids import Spelled, joined_ids
from clvcli.log.columns import resolve_roles
from clvcli.log.exports.match import export_of, with_export
from clvcli.log.expressions import refuse_unknown_names
from clvcli.log.first_amount import FIRST_AMOUNT
from clvcli.log.gather import skipped_empty
from clvcli.log.rules import decide, wanted_of

NONE = "has a header but no records"
TALK: dict[str, Any] = {"remote": None, "log_file": None, "config": None, "sources": {}}
"""Options that are not for workers."""


def read_on_cluster(
    session: Any, options: LogOptions, run_day: date, needs: tuple[str, ...], by: str | None = None
) -> ClusterLog:
    """Reads DATA on the cluster and settles every record. `by`: a column of the log, or first_amount, that groups the
    customers. Raises as read_log does."""
    source = open_raw(session, find_files(session, options.data), header=options.header)
    name = source.files.first
    keep = None if by == FIRST_AMOUNT else by
    export, told = export_of(options, [list(source.types)], name)
    options, replaced = with_export(options, export, name)
    if export is not None and export.fill_down:
        raise InputError(
            marked(
                "{place}: {name}: values stand on the first of several lines, which come apart on a cluster",
                place=name,
                name=export.name,
            ),
            hint="--engine polars reads it",
        )
    roles = resolve_roles(options, list(source.types), name, lambda: pl.DataFrame(schema=dict(source.types)))
    if keep is not None and keep not in source.types:
        raise InputError(
            marked("{place}: no column {column}", place=name, column=keep),
            hint=marked("it has {known}", known=", ".join(list(source.types)[:12])),
        )
    if options.where is not None:
        refuse_unknown_names(options.where, list(source.types))
    wanted = wanted_of(options, roles, source.types)
    seen, layout = look(source, wanted, header=options.header)
    decided, marks = decide(options, roles, source.types, wanted, seen, name)
    check = Check(for_workers(options), roles, decided, run_day, keep)
    step = CheckLines(check, layout) if layout else CheckTyped(check, source.texts, source.files.by_uri())
    with failures("reading"):
        checked = mapped(source.raw, step, CHECKED)
        if options.line_id is not None:
            checked = without_repeated_pairs(checked, options.duplicates)
        settled = _settled(checked, options, run_day, needs, by)
        counts = collected(settled.where(f"kind in {(COUNT, ERROR, workers.COUNT)}").select("kind", "note"))
        for text in counts.filter(pl.col("kind") == ERROR)["note"]:
            raise_error(text)
        days = collected(
            settled.where("kind = 'day'").groupBy("first_day").agg({"purchases": "sum", "lines": "sum"})
        )  # fmt: skip
    days = days.rename({"sum(purchases)": "purchases", "sum(lines)": "lines"}).sort("first_day")

    def joined() -> int:
        with failures("comparing ids"):
            return joined_ids(source.raw, Spelled(roles["customer"], decided.kinds, source.as_texts(layout)))

    bare = [] if layout is None else layout.without_records()
    notices = (*source.files.notices, *told, *replaced)
    files = replace(
        source.files,
        notices=(*notices, *(skipped_empty(marked("{place}: has a header but no records", place=n)) for n in bare)),
    )
    return account_of(files, settled, counts, days, check, marks, needs, by, joined, export)


def _settled(checked: Any, options: LogOptions, run_day: date, needs: tuple[str, ...], by: str | None) -> Any:
    """Rows of settled_schema, kept."""
    limit = None if options.as_of is None else day_of(options.as_of, run_day)
    orders = options.order_id is not None
    step = workers.Settle(options.returns, options.duplicates, limit, needs, orders, by)
    sorted_by_key = checked.repartition("key").sortWithinPartitions("key")
    return mapped(sorted_by_key, step, workers.settled_schema(needs, by)).persist()


def for_workers(options: LogOptions) -> LogOptions:
    """The options without what is not for workers."""
    return LogOptions(**{n: TALK.get(n, getattr(options, n)) for n in LogOptions.__dataclass_fields__})
