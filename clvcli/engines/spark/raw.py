"""Files as a cluster has them before anything is known of their columns: raw records, how they are laid out."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from clvcli.engines.spark.blocks import Layout, Texts, tidy
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.profile_columns import LOOK, TAIL, LookAtLines, LookAtTyped, raise_error
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import Files, lines_of, naive_times, typed_of
from clvcli.log.dialect import HEAD_LINES, Asked, Dialect, detect
from clvcli.log.records import without_footer
from clvcli.log.rules import Wanted
from clvcli.log.typed import as_text


@dataclass(frozen=True)
class Raw:
    """How the raw records come: a Spark frame, its columns with their types, and either a dialect or texts."""

    files: Files
    raw: Any
    types: Mapping[str, pl.DataType]
    dialect: Dialect | None
    texts: dict[str, pl.Expr]

    def as_texts(self, layout: Layout | None) -> Texts:
        """The step that reads them."""
        return Texts(layout, self.texts)


def open_raw(session: Any, files: Files, *, header: bool) -> Raw:
    """The records of the files. Raises InputError for what is no table."""
    with failures("reading"):
        if files.parquet:
            frame = naive_times(session, files, typed_of(session, files))
            types = dict(collected(frame.limit(0)).schema)
            texts = {n: e for n, kind in types.items() if (e := as_text(n, kind)) is not None}
            columns = [f"`{n.replace('`', '``')}`" for n in texts]
            raw = frame.selectExpr(
                *columns, "_metadata.file_path as `__clv_file`", "_metadata.row_index as `__clv_row`"
            )
            return Raw(files, raw, {n: types[n] for n in texts}, None, texts)
        raw = lines_of(session, files)
        one = lines_of(session, replace(files, paths=files.paths[:1], sizes=files.sizes[:1]))
        head = collected(one.where("start = 0").select("raw").limit(HEAD_LINES + 1))["raw"].to_list()
    lines = tidy(head, True, files.first, 1)
    dialect = detect(b"\n".join(lines), files.first, Asked(header))
    return Raw(files, raw, dict.fromkeys(dialect.columns, pl.String()), dialect, {})


def look(source: Raw, wanted: Wanted, *, header: bool) -> tuple[pl.DataFrame, Layout | None]:
    """What the columns prove (LOOK), and the layout of text files. Raises InputError."""
    if source.dialect is None and wanted.date is None and not wanted.values:
        return pl.DataFrame(schema=LOOK), None
    names = source.files.by_uri()
    step = (
        LookAtTyped(wanted, source.texts)
        if source.dialect is None
        else LookAtLines(header, source.dialect, wanted, names)
    )
    with failures("reading"):
        frame = mapped(source.raw, step, LOOK)
        keys = ["what", "file", "start", "name", "text"]
        seen = collected(frame.groupBy(*keys).agg({"n": "sum"})).rename({"sum(n)": "n"})
    for text in seen.filter(pl.col("what") == "error")["text"]:
        raise_error(text)
    return seen, None if source.dialect is None else _layout(source.dialect, seen, names)


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
