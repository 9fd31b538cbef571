"""The first look at a log: lines, layout, and what the values of its columns prove. A step of the workers."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import ClvError, InputError
from clvcli.core.language import marked
from clvcli.engines.spark.blocks import BOMS, Block, records_of, runs, tidy
from clvcli.log.classes import date_class, value_class
from clvcli.log.dates import read_dates
from clvcli.log.dialect import HEAD_LINES, Asked, Dialect, detect
from clvcli.log.rules import Wanted

LOOK = {
    "what": pl.String,
    "file": pl.String,
    "start": pl.Int64,
    "name": pl.String,
    "text": pl.String,
    "n": pl.Int64,
}
"""`what`: lines (n of a block), skip (n of a file), tail (the last lines of a block as JSON), date and value (text of a
column, n times), error (see errors_json)."""
TAIL = 40


def count_texts(wanted: Wanted, frame: pl.DataFrame, found: "Counter[tuple[str, str, str | None]]") -> None:
    """Adds what the texts of a part of the log prove."""
    columns = [("value", name, value_class(pl.col(name))) for name in wanted.values]
    if wanted.date is not None and wanted.rule is None:
        columns.append(("date", wanted.date, date_class(pl.col(wanted.date))))
    for what, name, expression in columns:
        texts = frame.select(expression.alias("text")).group_by("text").len()
        found.update({(what, name, text): n for text, n in texts.iter_rows()})
    if wanted.date is not None and wanted.rule is not None:
        dates = read_dates(frame[wanted.date], wanted.date, None, wanted.tz, wanted.rule).frame["stamp"]
        times = int((dates.drop_nulls() % 86_400_000_000 != 0).sum())
        for text, n in (("times", times), ("days", dates.count() - times)):
            found["date", wanted.date, text] += n


@dataclass(frozen=True)
class LookAtLines:
    """Counts the lines of blocks, finds headers and tails, and collects what columns prove. Yields LOOK."""

    header: bool
    dialect: Dialect
    wanted: Wanted
    names: dict[str, str]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        found: Counter[tuple[str, str, str | None]] = Counter()
        blocks: dict[Block, int] = {}
        skips: dict[str, int] = {}
        tails: dict[Block, list[str]] = {}
        try:
            for block, raw in runs(frames):
                file, start = block
                name, seen = self.names.get(file, file), blocks.get(block, 0)
                blocks[block] = seen + len(raw)
                lines = tidy(raw, start == 0 and seen == 0, name, seen + 1)
                tails[block] = [*tails.get(block, []), *(line.decode() for line in lines[-TAIL:])][-TAIL:]
                skip = 0
                if start == 0 and file not in skips:
                    skips[file] = skip = self._skip(lines, name)
                part = records_of(lines[skip:], seen + skip + 1, self.dialect, name)
                if part.frame.height:
                    count_texts(self.wanted, part.frame, found)
        except ClvError as problem:
            yield error_row(problem)
            return
        rows: list[tuple[str, str, int, str, str | None, int]] = []
        rows += [("lines", file, start, "", None, n) for (file, start), n in blocks.items()]
        rows += [("skip", file, 0, "", None, n) for file, n in skips.items()]
        rows += [("tail", file, start, "", json.dumps(tail), 0) for (file, start), tail in tails.items()]
        rows += [(what, "", 0, column, text, n) for (what, column, text), n in found.items()]
        yield pl.DataFrame(rows, schema=LOOK, orient="row")

    def _skip(self, lines: list[bytes], name: str) -> int:
        """Lines before the first record of a file. Raises InputError when it is laid out otherwise than the first."""
        if lines and (lines[0].startswith(BOMS) or lines[0].startswith(b"PAR1")):
            raise InputError(
                marked("{place}: is no UTF-8 text", place=name),
                hint="--engine spark tells Parquet by its name: .parquet",
            )
        own = detect(b"\n".join(lines[: HEAD_LINES + 1]), name, Asked(self.header))
        if (own.columns, own.separator, own.quote) != (
            self.dialect.columns,
            self.dialect.separator,
            self.dialect.quote,
        ):
            raise InputError(
                marked("{place}: is laid out otherwise than the first file", place=name),
                hint="read files of one layout together",
            )
        return own.skip


@dataclass(frozen=True)
class LookAtTyped:
    """The same of Parquet: what columns prove. `texts`: the columns as text (see ingest/parquet.py)."""

    wanted: Wanted
    texts: dict[str, pl.Expr]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        found: Counter[tuple[str, str, str | None]] = Counter()
        try:
            for frame in frames:
                count_texts(self.wanted, frame.select(**self.texts), found)
        except ClvError as problem:
            yield error_row(problem)
            return
        rows = [(what, "", 0, column, text, n) for (what, column, text), n in found.items()]
        yield pl.DataFrame(rows, schema=LOOK, orient="row")


def error_row(problem: ClvError) -> pl.DataFrame:
    """A failure as a row of LOOK."""
    return pl.DataFrame([("error", "", 0, "", error_json(problem), 0)], schema=LOOK, orient="row")


def error_json(problem: ClvError) -> str:
    """A failure on a worker as text: it is no failure of Spark, which would try again."""
    return json.dumps({"code": problem.exit_code, "message": problem.message, "hint": problem.hint})


def raise_error(text: str) -> None:
    """The failure again, on the driver. Raises the ClvError that `error_json` told of."""
    told = json.loads(text)
    kinds = {kind.exit_code: kind for kind in ClvError.__subclasses__()}
    raise kinds.get(told["code"], InputError)(told["message"], told["hint"])
