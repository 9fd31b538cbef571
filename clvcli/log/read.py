"""The front door: DATA -> a clean log in which every record is accounted for.

A log is read in blocks; each is judged by what the head of the log proves; records come together by customer, and what
the blocks prove together is held against the head: where it disagrees, the log is read again by it.
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.core.progress import METER
from clvcli.core.run_day import day_of
from clvcli.log.beside import Beside
from clvcli.log.collect import Collected, Wanted
from clvcli.log.columns import Role, resolve_role
from clvcli.log.expressions import refuse_unknown_names
from clvcli.log.fates import Settling
from clvcli.log.file_formats import apart, proved_apart
from clvcli.log.gather import nothing_fits, open_all
from clvcli.log.judge import Judged, Terms, judge
from clvcli.log.moving import Watched, about_changes, watch
from clvcli.log.parts import Part, parts_of, proved_of_all, terms_of_all, together
from clvcli.log.proofs import Proved, agrees, head_proofs, proved
from clvcli.log.quality import DataQuality, Log, TooManyRejects
from clvcli.log.reading import Decided
from clvcli.log.records import Records
from clvcli.log.settle import settle
from clvcli.log.stored import StoredTable
from clvcli.log.tables import Table, Tables, filled_in_orders, open_tables, without_bare
from clvcli.log.tabular import read_table
from clvcli.log.text import Block, NotPlainError
from clvcli.sql import columns_of

__all__ = ["DataQuality", "Log", "TooManyRejects", "read_log", "read_table"]

AHEAD = 2
"""Blocks that wait while as many are judged as there are threads."""


def read_log(
    options: LogOptions,
    run_day: date,
    keep: tuple[str, ...] = (),
    lines: Mapping[str, str] | None = None,
    *,
    examples: bool = False,
    people: pl.DataFrame | None = None,
) -> Log:
    """Reads DATA and decides on the fate of every record (DESIGN: where, rejected, duplicate, after_as_of,
    no_customer_id, returns, used).

    `run_day` is the day of the run: later dates than the next day are rejected unless --as-of is given. `keep` names
    columns of the log to carry into `Log.attributes`; `lines` maps names to columns or SQL and asks for `Log.lines`,
    the used records with these values; `examples`: the facts show some records of each problem; `people`: customer_id
    and columns that --where may read, too. The result does not depend on the order of rows or files, nor on how many
    are read at a time.

    It does not refuse a log of which no record is used: that is the caller's to judge, who knows of leads. Raises
    InputError for data that cannot be read or understood, TooManyRejects beyond --max-rejects, UsageError for
    options that do not work on these data.
    """
    contents, notices = open_all(options)
    watched = watch(contents)
    for whole in (False, True):
        tables, said = open_tables(contents, options, whole=whole)
        try:
            return _read(tables, watched, [*notices, *said], options, run_day, keep, lines, people, examples=examples)
        except NotPlainError:
            assert not whole
        except InputError:
            if tables.is_complete:
                raise
    raise AssertionError("a whole file is plain")


def _read(
    tables: Tables, watched: tuple[Watched, ...], notices: list[Notice], options: LogOptions, run_day: date,
    keep: tuple[str, ...], lines: Mapping[str, str] | None, people: pl.DataFrame | None, *, examples: bool,
) -> Log:  # fmt: skip
    parts, about_parts = parts_of(tables, options)
    first, tables = parts[0], together(tables, parts)
    notices = [*notices, *about_parts, *_about_amounts(parts)]
    more = None
    if lines is not None:
        more = {role: resolve_role(role, text, tables.columns, tables.name) for role, text in lines.items()}
    _refuse_unknown(keep, tables)
    if options.where is not None:
        known_of_people = [] if people is None else [name for name in people.columns if name != "customer_id"]
        refuse_unknown_names(options.where, [*tables.columns, *known_of_people])
    beside = Beside.read_by(options.where, tables.columns, people)
    if first.export is None:
        read_by_where = frozenset() if options.where is None else columns_of(options.where)
        tables, filled_too = filled_in_orders(tables, first.roles, read_by_where)
        parts, notices = [replace(first, tables=tables)], [*notices, *filled_too]
    orders = any(part.options.order_id is not None for part in parts)
    pairs = any(part.options.line_id is not None for part in parts)
    several = orders and len(tables.tables) > 1
    again = bool(keep or more or examples)
    wanted = Wanted(tuple(keep), orders, pairs, _last_day(options, run_day), several, again)
    terms, found, now = _judged_by_parts(tables, parts, run_day, wanted, beside)
    if found.read and len(found.broken) == sum(1 for n in found.records.values() if n):
        file, broken = next(iter(found.broken.items()))
        raise nothing_fits(tables.by_file[file].name, len(tables.by_file[file].columns), broken)
    bare = [table.name for table in tables.tables if not found.records[table.file]]
    notices = [*notices, *about_changes(watched), *without_bare(tables, bare)]
    log = settle(Settling(tables, terms, found, now, tuple(notices), keep, more, examples, tuple(parts)))
    return log if beside is None else replace(log, outside=beside.outside(options.where or ""))


def _about_amounts(parts: Sequence[Part]) -> list[Notice]:
    constant = dict.fromkeys(part.roles["amount"].text for part in parts if not part.roles["amount"].reads)
    return [
        Notice("constant_amount", marked("{option}: spend counts purchases, not money", option=f"--amount {text}"))
        for text in constant
    ]


def _refuse_unknown(keep: tuple[str, ...], tables: Tables) -> None:
    missing = [name for name in keep if name not in tables.columns]
    if missing:
        known = ", ".join(tables.columns[:12])
        raise InputError(
            marked("{place}: no column {column}", place=tables.name, column=missing[0]),
            hint=marked("it has {known}", known=known),
            code="column_unknown",
        )


def _last_day(options: LogOptions, run_day: date) -> date | None:
    return None if options.as_of is None else day_of(options.as_of, run_day)


def _judged_by_parts(
    tables: Tables, parts: Sequence[Part], run_day: date, wanted: Wanted, beside: Beside | None
) -> tuple[Terms, Collected, Proved]:
    """As _judged. What files of a kind prove is proved by them alone; then all are read together."""
    each = [_judged(part.tables, part.roles, part.options, run_day, wanted, beside) for part in parts]
    if len(each) == 1:
        return each[0]
    terms = terms_of_all(parts, [own for own, _, _ in each])
    now = proved_of_all([proof for _, _, proof in each], tables.name)
    return terms, _pass(tables, terms, wanted), now


def _judged(
    tables: Tables, roles: Mapping[str, Role], options: LogOptions, run_day: date, wanted: Wanted, beside: Beside | None
) -> tuple[Terms, Collected, Proved]:
    """Every record, judged by what the whole log proves. Raises InputError where a column cannot be understood."""
    head = head_proofs(tables, roles, options)
    terms = Terms(options, roles, head.decided, run_day, beside=beside)
    found = _pass(tables, terms, wanted)
    if tables.is_small or not found.read or found.broken:
        return terms, found, head
    seen, by_file = found.seen_of, dict[int, Decided]()
    try:
        now = proved(found.seen, roles, options, tables)
    except InputError:
        if len(seen) < 2:
            # What is wrong is told with the texts as they stand in the log.
            return terms, found, proved(_pass(tables, terms, wanted, raw=True).seen, roles, options, tables)
        now, by_file = proved_apart(_pass(tables, terms, wanted, raw=True).seen_of, roles, options, tables)
    else:
        if len(seen) > 1:
            now, by_file = apart(now, seen, roles, options, tables)
    if not by_file and agrees(head.decided, now.decided, options, roles):
        return terms, found, now
    terms = replace(terms, decided=now.decided, by_file=by_file)
    return terms, _pass(tables, terms, wanted), now


def _pass(tables: Tables, terms: Terms, wanted: Wanted, *, raw: bool = False) -> Collected:
    """One look at all records."""
    found = Collected()
    step = partial(_one, tables, terms, raw)
    meter = METER.get()
    if meter is not None:
        meter.start(sum(map(_end, tables.tables)))
    with ThreadPoolExecutor(max_workers=max(2, min(4, os.cpu_count() or 2))) as pool:
        waiting: deque[tuple[Block, Future[tuple[Records, Judged]]]] = deque()
        try:
            for block in _blocks(tables):
                waiting.append((block, pool.submit(step, block)))
                if len(waiting) > AHEAD:
                    _take(waiting, found, tables, wanted)
            while waiting:
                _take(waiting, found, tables, wanted)
        except BaseException:
            for _, future in waiting:
                future.cancel()
            raise
    if meter is not None:
        meter.end("adding up by customer")
    return found


def _take(
    waiting: "deque[tuple[Block, Future[tuple[Records, Judged]]]]", found: Collected, tables: Tables, wanted: Wanted
) -> None:
    block, future = waiting.popleft()
    records, judged = future.result()
    found.add(block, records, judged, tables.by_file[block.file].name, wanted)
    if (meter := METER.get()) is not None:
        meter.add(block.stop - block.start, records.frame.height)


def _end(table: Table) -> int:
    """Where its last block stops."""
    return table.height if isinstance(table, StoredTable) else table.size


def _one(tables: Tables, terms: Terms, raw: bool, block: Block) -> tuple[Records, Judged]:
    records = tables.read(block)
    return records, judge(records.frame, records.lines, tables.by_file[block.file].name, terms.of(block.file), raw=raw)


def _blocks(tables: Tables) -> Iterator[Block]:
    for table in tables.tables:
        yield from table.blocks()
