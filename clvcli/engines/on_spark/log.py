"""A log read by a cluster: the same accounting as clvcli/ingest/read.py, customers that stay on the cluster."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.engines.on_spark import settle as workers
from clvcli.engines.on_spark import warn
from clvcli.engines.on_spark.blocks import Layout, tidy
from clvcli.engines.on_spark.check import CHECKED, COUNT, ERROR, REJECT, Check, CheckLines, CheckTyped
from clvcli.engines.on_spark.frames import collected, mapped, narrowed
from clvcli.engines.on_spark.look import LOOK, TAIL, LookAtLines, LookAtTyped, Wanted, raise_error
from clvcli.engines.on_spark.rules import decide, wanted_of
from clvcli.engines.on_spark.session import failures
from clvcli.engines.on_spark.sources import Files, find_files, lines_of, naive_times, typed_of
from clvcli.errors import InputError, Notice
from clvcli.ingest import suspicions, verdicts
from clvcli.ingest.columns import Role, resolve_roles
from clvcli.ingest.currency import check_counts
from clvcli.ingest.dialect import HEAD_LINES, Dialect, detect
from clvcli.ingest.duplicates import Identical
from clvcli.ingest.exact import as_of_day
from clvcli.ingest.parquet import as_text
from clvcli.ingest.quality import REJECTS_SCHEMA, DataQuality
from clvcli.ingest.records import without_footer
from clvcli.options import LogOptions

MOST_REJECTS = 1_000_000
TALK: dict[str, Any] = {"remote": None, "log_file": None, "config": None, "sources": {}}
"""Options that are not for workers."""


@dataclass(frozen=True)
class ClusterLog:
    """A clean log on a cluster. `customers`: a Spark frame as engines/base.py describes, and `lines`; `purchases`: one
    with customer_id, first_day, purchases and the lists of on_spark/settle.py; `days`: first_day (the day),
    purchases, lines, on the driver; `rejects` as in Log."""

    customers: Any
    purchases: Any
    days: pl.DataFrame
    as_of: date
    quality: DataQuality
    rejects: pl.DataFrame
    held: Any

    @property
    def first(self) -> date:
        """The day of the first purchase."""
        day = self.days.filter(pl.col("purchases") > 0)["first_day"].min()
        assert isinstance(day, date)
        return day


@dataclass(frozen=True)
class _Source:
    """How the raw records come: a Spark frame, its columns with their types, and either a dialect or texts."""

    files: Files
    raw: Any
    types: Mapping[str, pl.DataType]
    dialect: Dialect | None
    texts: dict[str, pl.Expr]


def read_on_cluster(session: Any, options: LogOptions, run_day: date, needs: tuple[str, ...]) -> ClusterLog:
    """Reads DATA on the cluster and settles every record. Raises as read_log does."""
    source = _open(session, find_files(session, options.data), options)
    name = source.files.first
    roles = resolve_roles(options, list(source.types), name)
    wanted = wanted_of(options, roles, source.types)
    seen, layout = _look(source, options, wanted)
    decided, marks = decide(options, roles, source.types, wanted, seen, name)
    bare = for_workers(options)
    typed = frozenset(n for n, kind in source.types.items() if kind.is_numeric())
    check = Check(bare, roles, decided, run_day, typed)
    step = CheckLines(check, layout) if layout else CheckTyped(check, source.texts, source.files.by_uri())
    limit = (
        None if options.as_of is None else (run_day if options.as_of == "today" else date.fromisoformat(options.as_of))
    )
    with failures("reading"):
        checked = mapped(source.raw, step, CHECKED).repartition("key").sortWithinPartitions("key")
        schema = workers.settled_schema(needs)
        settled = mapped(checked, workers.Settle(options.returns, options.duplicates, limit, needs), schema).persist()
        told = collected(settled.where("note is not null and kind <> 'reject'").select("kind", "note"))
        for text in told.filter(pl.col("kind") == ERROR)["note"]:
            raise_error(text)
        days = collected(
            settled.where("kind = 'day'").groupBy("first_day").agg({"purchases": "sum", "lines": "sum"})
        )  # fmt: skip
    days = days.rename({"sum(purchases)": "purchases", "sum(lines)": "lines"}).sort("first_day")
    return _settled(source.files, settled, told, days, roles, decided.dates.notices, marks, options, run_day, needs)


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


def _settled(
    files: Files,
    settled: Any,
    told: pl.DataFrame,
    days: pl.DataFrame,
    roles: Mapping[str, Role],
    of_dates: tuple[tuple[str, str], ...],
    marks: tuple[str, ...],
    options: LogOptions,
    run_day: date,
    needs: tuple[str, ...],
) -> ClusterLog:
    checks = [json.loads(text) for text in told.filter(pl.col("kind") == COUNT)["note"]]
    ends = [json.loads(text) for text in told.filter(pl.col("kind") == workers.COUNT)["note"]]
    counts: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for part in checks:
        counts.update(part["counts"])
        rejected.update(part["rejected"])
    for part in ends:
        counts.update(part)
    name = files.first
    if not counts["read"]:
        raise InputError(f"{name}: has no records", hint="check the export that writes it")
    by_count = dict(sorted(rejected.items(), key=lambda i: (-i[1], i[0])))
    columns = {role: found.text for role, found in roles.items()}
    rejects, cut = _rejects(settled, files, sum(rejected.values()))
    refused = DataQuality(counts["read"], 0, 0, {}, by_count, (), columns, tuple(files.inputs()))
    verdicts.check_rejects(options.max_rejects, rejects, refused, name)
    first, newest = _span(checks)
    as_of = as_of_day(options.as_of, run_day, first, newest, name)
    named = check_counts(_currencies(checks), marks, name)
    verdicts.usual_sign(counts["negative"], counts["positive"], roles["amount"], name)
    verdicts.check_total(float(counts["size"]), name)
    excluded = {n: counts[n] for n in ("where", "after_as_of", "no_customer_id", "reversed", "return") if counts[n]}
    assert newest is not None
    everything = settled.where(f"kind = '{workers.CUSTOMER}'")
    purchases = everything.select("customer_id", "first_day", "purchases", "days", "amounts")
    across = _across(settled, purchases, int(days["purchases"].sum()), options.decimals)
    warned = _notices(counts, across, days, newest, options, run_day)
    quality = replace(
        refused,
        used=counts["used"],
        duplicates=counts["duplicate"],
        excluded=dict(sorted(excluded.items(), key=lambda i: (-i[1], i[0]))),
        notices=(*files.notices, *(Notice(*n) for n in of_dates), *named, *cut, *warned),
    )
    customers = everything.select(*CUSTOMER_COLUMNS, *needs, "lines")
    return ClusterLog(customers, purchases, days, as_of, quality, rejects, settled)


def _span(checks: list[dict[str, Any]]) -> tuple[date | None, date | None]:
    """The first and the last accepted day."""
    known = [(date.fromisoformat(p["first"]), date.fromisoformat(p["last"])) for p in checks if p["first"]]
    return (min(first for first, _ in known), max(last for _, last in known)) if known else (None, None)


def _currencies(checks: list[dict[str, Any]]) -> dict[str, Counter[str | None]]:
    found: dict[str, Counter[str | None]] = {}
    for part in checks:
        for column, counted in part["currencies"].items():
            found.setdefault(column, Counter()).update(dict(counted))
    return found


def _rejects(settled: Any, files: Files, count: int) -> tuple[pl.DataFrame, list[Notice]]:
    """The rejected records in the order of files and lines; at most a million of them are listed."""
    if not count:
        return pl.DataFrame(schema=REJECTS_SCHEMA), []
    with failures("reading"):
        notes = settled.where(f"kind = '{REJECT}'").select("note").limit(MOST_REJECTS)
        listed = narrowed(mapped(notes, workers.rejects_of, REJECTS_SCHEMA), REJECTS_SCHEMA)
        listed = listed.with_columns(pl.col("line").cast(pl.Int64))
    order = pl.DataFrame({"file": list(files.names.values())}, schema={"file": pl.String}).with_row_index("_")
    listed = listed.join(order, on="file", how="left").sort("_", "line", "column", "value").drop("_")
    text = f"{count} records are rejected; {MOST_REJECTS} of them are listed"
    return listed, [Notice("rejects_cut", text)] if count > MOST_REJECTS else []


def _across(settled: Any, purchases: Any, bought: int, decimals: int) -> list[Notice]:
    """What customers show beside each other. `bought`: purchases of all."""
    used = settled.where(f"kind in ('{workers.CUSTOMER}', '{workers.NOTHING}')")
    with failures("comparing customers"):
        found = warn.about_totals(used.selectExpr("customer_id as customer", "lines", "spent as amount"))
        return found + warn.about_amounts(purchases, bought, decimals)


def _notices(
    counts: "Counter[str]",
    across: list[Notice],
    days: pl.DataFrame,
    newest: date,
    options: LogOptions,
    run_day: date,
) -> list[Notice]:
    identical = Identical(counts["identical"], counts["identical_value"])
    found = []
    if counts["trimmed"]:
        message = f"{suspicions.some(counts['trimmed'], 'record')} with blanks at the ends of the customer id: removed"
        found.append(Notice("trimmed_ids", message + "; export ids without them"))
    found += suspicions.about_lines(
        counts["read"], counts["used"], counts["no_customer_id"], counts["zeros"], identical, options.decimals
    )
    found += verdicts.about_amounts(counts["rounded"], counts["dropped"], counts["negative_days"], options.decimals)
    found += across + suspicions.about_dates(days.select(day="first_day", lines="lines"))
    return found + suspicions.about_age(newest, run_day, options.max_age)
