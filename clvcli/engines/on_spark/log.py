"""A log read by a cluster: the same accounting as clvcli/ingest/read.py, customers that stay on the cluster."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines.on_spark import settle as workers
from clvcli.engines.on_spark.accounts import ClusterLog, account_of
from clvcli.engines.on_spark.blocks import Layout, tidy
from clvcli.engines.on_spark.check import CHECKED, COUNT, ERROR, Check, CheckLines, CheckTyped
from clvcli.engines.on_spark.frames import collected, mapped
from clvcli.engines.on_spark.look import LOOK, TAIL, LookAtLines, LookAtTyped, Wanted, raise_error
from clvcli.engines.on_spark.pairs import without_repeated_pairs
from clvcli.engines.on_spark.rules import decide, wanted_of
from clvcli.engines.on_spark.session import failures
from clvcli.engines.on_spark.sources import Files, find_files, lines_of, naive_times, typed_of
from clvcli.engines.on_spark.spelled import Spelled, joined_ids
from clvcli.errors import InputError
from clvcli.first_amount import FIRST_AMOUNT
from clvcli.ingest.columns import resolve_roles
from clvcli.ingest.dialect import HEAD_LINES, Dialect, detect
from clvcli.ingest.parquet import as_text
from clvcli.ingest.records import without_footer
from clvcli.options import LogOptions

TALK: dict[str, Any] = {"remote": None, "log_file": None, "config": None, "sources": {}}
"""Options that are not for workers."""


@dataclass(frozen=True)
class _Source:
    """How the raw records come: a Spark frame, its columns with their types, and either a dialect or texts."""

    files: Files
    raw: Any
    types: Mapping[str, pl.DataType]
    dialect: Dialect | None
    texts: dict[str, pl.Expr]


def read_on_cluster(
    session: Any, options: LogOptions, run_day: date, needs: tuple[str, ...], by: str | None = None
) -> ClusterLog:
    """Reads DATA on the cluster and settles every record. `by`: a column of the log, or first_amount, that groups the
    customers. Raises as read_log does."""
    source = _open(session, find_files(session, options.data), options)
    name = source.files.first
    keep = None if by == FIRST_AMOUNT else by
    roles = resolve_roles(options, list(source.types), name)
    if keep is not None and keep not in source.types:
        raise InputError(f"{name}: no column {keep}", hint=f"it has {', '.join(list(source.types)[:12])}")
    wanted = wanted_of(options, roles, source.types)
    seen, layout = _look(source, options, wanted)
    decided, marks = decide(options, roles, source.types, wanted, seen, name)
    typed = frozenset(n for n, kind in source.types.items() if kind.is_numeric())
    check = Check(for_workers(options), roles, decided, run_day, typed, keep)
    step = CheckLines(check, layout) if layout else CheckTyped(check, source.texts, source.files.by_uri())
    with failures("reading"):
        checked = mapped(source.raw, step, CHECKED)
        if options.line_id is not None:
            checked = without_repeated_pairs(checked, options.duplicates)
        settled = _settled(checked, options, run_day, needs, by)
        told = collected(settled.where(f"kind in {(COUNT, ERROR, workers.COUNT)}").select("kind", "note"))
        for text in told.filter(pl.col("kind") == ERROR)["note"]:
            raise_error(text)
        days = collected(
            settled.where("kind = 'day'").groupBy("first_day").agg({"purchases": "sum", "lines": "sum"})
        )  # fmt: skip
    days = days.rename({"sum(purchases)": "purchases", "sum(lines)": "lines"}).sort("first_day")

    def joined() -> int:
        with failures("comparing ids"):
            return joined_ids(source.raw, Spelled(roles["customer"], decided.kinds, layout, source.texts))

    return account_of(source.files, settled, told, days, check, marks, needs, by, joined)


def _settled(checked: Any, options: LogOptions, run_day: date, needs: tuple[str, ...], by: str | None) -> Any:
    """Rows of settled_schema, kept."""
    limit = (
        None if options.as_of is None else (run_day if options.as_of == "today" else date.fromisoformat(options.as_of))
    )
    orders = options.order_id is not None
    step = workers.Settle(options.returns, options.duplicates, limit, needs, orders, by)
    sorted_by_key = checked.repartition("key").sortWithinPartitions("key")
    return mapped(sorted_by_key, step, workers.settled_schema(needs, by)).persist()


def _open(session: Any, files: Files, options: LogOptions) -> _Source:
    with failures("reading"):
        if files.parquet:
            frame = naive_times(session, files, typed_of(session, files))
            types = dict(collected(frame.limit(0)).schema)
            texts = {n: e for n, kind in types.items() if (e := as_text(n, kind)) is not None}
            columns = [f"`{n.replace('`', '``')}`" for n in texts]
            raw = frame.selectExpr(
                *columns, "_metadata.file_path as `__clv_file`", "_metadata.row_index as `__clv_row`"
            )
            return _Source(files, raw, {n: types[n] for n in texts}, None, texts)
        raw = lines_of(session, files)
        one = lines_of(session, replace(files, paths=files.paths[:1], sizes=files.sizes[:1]))
        head = collected(one.where("start = 0").select("raw").limit(HEAD_LINES + 1))["raw"].to_list()
    lines = tidy(head, True, files.first, 1)
    dialect = detect(b"\n".join(lines), files.first, options.header)
    return _Source(files, raw, dict.fromkeys(dialect.columns, pl.String()), dialect, {})


def _look(source: _Source, options: LogOptions, wanted: Wanted) -> tuple[pl.DataFrame, Layout | None]:
    """What the columns prove, and the layout of text files."""
    if source.dialect is None and wanted.date is None and not wanted.values:
        return pl.DataFrame(schema=LOOK), None
    names = source.files.by_uri()
    step = (
        LookAtTyped(wanted, source.texts)
        if source.dialect is None
        else LookAtLines(for_workers(options), source.dialect, wanted, names)
    )
    with failures("reading"):
        frame = mapped(source.raw, step, LOOK)
        keys = ["what", "file", "start", "name", "text"]
        seen = collected(frame.groupBy(*keys).agg({"n": "sum"})).rename({"sum(n)": "n"})
    for text in seen.filter(pl.col("what") == "error")["text"]:
        raise_error(text)
    return seen, None if source.dialect is None else _layout(source.dialect, seen, names)


def for_workers(options: LogOptions) -> LogOptions:
    """The options without what is not for workers."""
    return LogOptions(**{n: TALK.get(n, getattr(options, n)) for n in LogOptions.__dataclass_fields__})


def _layout(dialect: Dialect, seen: pl.DataFrame, names: dict[str, str]) -> Layout:
    skips = dict(seen.filter(pl.col("what") == "skip").select("file", "n").iter_rows())
    tails = {
        (f, s): json.loads(t)
        for f, s, t in seen.filter(pl.col("what") == "tail").select("file", "start", "text").iter_rows()
    }
    before: dict[tuple[str, int], int] = {}
    totals: Counter[str] = Counter()
    ends: dict[str, list[str]] = {}
    for file, start, n in (
        seen.filter(pl.col("what") == "lines").select("file", "start", "n").sort("file", "start").iter_rows()
    ):
        before[file, start] = totals[file]
        totals[file] += n
        ends[file] = [*ends.get(file, []), *tails[file, start]][-TAIL:]
    last = {}
    for file, tail in ends.items():
        missing = totals[file] - len(tail)
        bare = replace(dialect, skip=max(0, skips.get(file, 0) - missing))
        last[file] = missing + min(len(tail), without_footer([line.encode() for line in tail], bare))
    return Layout(dialect, skips, last, before, names)
