"""Rows of a database as a table of the log: one query, read only, fetched in batches."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import polars as pl

from clvcli.core.addresses import check_password, table_of, without_secrets
from clvcli.core.errors import ClvError, InputError, UsageError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.core.progress import METER, Meter
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened
from clvcli.log.spool import Spool
from clvcli.log.stored import open_stored

READS = ("select", "with", "values", "table", "from")
"""The first words of statements that may only read; the session is read only beside."""
TOKEN = re.compile(r"(?P<blank>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))|(?P<end>;)|'[^']*'|\"[^\"]*\"|[^\s;'\"/-]+|.", re.DOTALL)


class Session(Protocol):
    """An open, read-only connection of a driver, in inputs/."""

    quote: str
    """What stands around a name."""

    def names(self) -> list[str]:
        """Its tables and views, as --table takes them."""

    def batches(self, statement: str) -> Iterator[pl.DataFrame]:
        """Rows of one schema, without a batch when there are none."""

    def close(self) -> None: ...


Connect = Callable[[], Session]
Kind = Callable[[Exception], str | None]
"""What an exception of the driver is: `usage` (bad SQL, a write), `missing` (no such table), `gone` (anything else);
None where it is none of the driver's."""


def read_database(file: int, content: Content, options: LogOptions, kind: str, connect: Connect, told: Kind) -> Opened:
    """The rows that --query or --table name. Raises UsageError for a statement that writes or is no SQL, InputError
    for what cannot be reached or is not there, also midway; then nothing is kept."""
    name, address = content.source.name, content.source.path
    asked = _asked(options)
    check_password(address)
    with _told_well(name, address, told, asked):
        session = connect()
    spool, meter = Spool(), METER.get() or Meter()
    meter.start(None)
    try:
        with _told_well(name, address, told, asked):
            statement = asked or _of_table(session, name, options.table or table_of(address) or None)
            for batch in session.batches(statement):
                if batch.height:
                    spool.add(batch)
                    meter.add(0, batch.height)
    except BaseException:
        spool.remove()
        raise
    finally:
        with contextlib.suppress(Exception):
            session.close()
    if not spool.parts:
        spool.remove()
        raise InputError(marked("{place}: the query gives no rows", place=name), hint="look at it: --query or --table")
    facts: dict[str, object] = {"path": name, "format": kind, "bytes": spool.bytes}
    return [open_stored(file, name, spool.scan, contextlib.nullcontext, facts)], []


def _asked(options: LogOptions) -> str | None:
    """The statement of --query. Raises UsageError for one that does not read."""
    if options.query is None:
        return None
    text = options.query
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise UsageError(
                marked("--query: {query} cannot be read ({problem})", query=options.query[1:], problem=problem),
                hint="a file of SQL",
            ) from None
    statement, bare = _without_end(text.strip())
    word = re.match(r"\(*\s*([A-Za-z]*)", bare)
    if word is None or word[1].lower() not in READS:
        raise UsageError(
            marked(
                "--query: a statement that begins with {value} is not run, only queries",
                value=(word[1] if word else "") or marked("nothing"),
            ),
            hint="--query 'select ... from ...'",
        )
    return statement


def _without_end(text: str) -> tuple[str, str]:
    """A statement without its semicolon and comments behind that, which have no place in a statement around it; and
    the same without comments before it."""
    first = end = None
    for token in TOKEN.finditer(text):
        if token.lastgroup == "blank":
            continue
        first = token.start() if first is None else first
        end = None if token.lastgroup != "end" else token.start() if end is None else end
    statement = text[:end].rstrip()
    return statement, statement[first or 0 :]


def _of_table(session: Session, name: str, table: str | None) -> str:
    """The statement that reads a table, or the only one there is."""
    names = session.names()
    if table is None:
        if len(names) != 1:
            shown = ", ".join(names[:12]) or marked("none")
            raise UsageError(
                marked("{place}: which table? It has {shown}", place=name, shown=shown),
                hint="--table NAME, or --query 'select ...'",
            )
        table = names[0]
    if table not in names:
        shown = ", ".join(names[:12]) or marked("no table")
        raise InputError(
            marked("{place}: no table {table}", place=name, table=table), hint=marked("it has {known}", known=shown)
        )
    return f"select * from {quoted(table, session.quote)}"


def quoted(table: str, quote: str) -> str:
    """`schema.table` as SQL needs it."""
    return ".".join(quote + part.replace(quote, quote * 2) + quote for part in table.split("."))


@contextlib.contextmanager
def _told_well(name: str, address: str, told: Kind, asked: str | None) -> Iterator[None]:
    """What a driver raises, as an error of ours."""
    try:
        yield
    except ClvError:
        raise
    except Exception as problem:
        kind = told(problem)
        if kind is None:
            raise
        reason = without_secrets(str(problem), address)[:300]
        if kind == "usage" and asked is not None:
            raise UsageError(
                marked("--query: {name} does not run it: {reason}", name=name, reason=reason),
                hint="a query that only reads",
            ) from None
        hint = "clv help databases" if kind == "gone" else marked("--table NAME, or another --query")
        if kind == "gone":
            raise InputError(
                marked("{place}: cannot be read: {reason}", place=name, reason=reason), hint=hint
            ) from None
        raise InputError(f"{name}: {reason}", hint=hint) from None


def missing_driver(package: str, problem: ImportError) -> InputError:
    """What to say where the extra is not installed."""
    return InputError(
        marked("reading this database needs {package} ({problem})", package=package, problem=problem),
        hint="pip install 'clvcli[databases]'",
    )


def check_names(names: list[str]) -> list[str]:
    """The columns of a query. Raises UsageError for one that appears twice, and for a statement that gives none."""
    if not names:
        raise UsageError("--query: the statement gives no columns", hint="a query that only reads")
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise UsageError(
            marked("--query: the column {twice} appears twice", twice=twice),
            hint=marked("select ... as another_{twice}", twice=twice),
        )
    return names
