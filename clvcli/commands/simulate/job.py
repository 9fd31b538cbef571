"""`clv simulate`: one table drawn from stated parameters, written as it is drawn."""

import dataclasses
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import polars as pl

from clvcli.commands.simulate import side_tables
from clvcli.commands.simulate.dirt import add_dirt
from clvcli.commands.simulate.events import Lines, draw_lines
from clvcli.commands.simulate.ids import make_ids
from clvcli.commands.simulate.log import LOG, lines_of, log_of, typed
from clvcli.commands.simulate.population import (
    EVENTS,
    PURCHASE_PARAMETERS,
    SPEND_PARAMETERS,
    Population,
    draw_population,
    parse_parameters,
    stream,
)
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import SimulateOptions
from clvcli.core.progress import METER
from clvcli.output import Outputs
from clvcli.output.formats.base import SheetStyle, format_of, table_format

FILES = {"log": "transactions", "lines": "lines"}
_PILOT = 20_000  # customers drawn to learn how many lines a customer has


@dataclass(frozen=True)
class Plan:
    """Everything that decides the bytes of a simulated table."""

    table: str
    customers: int
    first_day: date
    days: int
    model: str
    params: dict[str, float]
    spend: dict[str, float]
    lines: float
    dirt: float
    season: float
    ids: str
    seed: int


@dataclass(frozen=True)
class Simulated:
    """What was written: `rows` of the table, and of the log how many lines of each kind of dirt it holds."""

    output: str
    plan: Plan
    rows: int
    dirt: dict[str, int]


def simulate(options: SimulateOptions) -> Simulated:
    """Draws and writes one table. Equal options give equal bytes, on one machine and numpy.

    Raises UsageError for parameters that cannot be, OutputError as Outputs does.
    """
    plan = plan_of(options)
    kind = format_of(options.output_file, options.format)
    name = options.output_file or f"{FILES.get(plan.table, plan.table)}.{kind}"
    if kind == "xlsx":
        raise UsageError("simulate writes csv, parquet and ndjson", "-f csv")
    counts: dict[str, int] = {}
    rows: list[int] = []
    own_only = () if options.output_file else ("table",)
    with Outputs({"table": name}, wait=options.wait, own_only=own_only, log_file=options.log_file) as outputs:
        parts = metered(draw_table(plan, counts), options.rows)
        outputs.write("table", lambda sink: rows.append(write_parts(parts, kind, sink)))
        outputs.commit()
    return Simulated(name, plan, rows[0], counts)


def plan_of(options: SimulateOptions) -> Plan:
    """The options, checked against each other; `--rows` becomes a number of customers."""
    first, last = date.fromisoformat(options.start), date.fromisoformat(options.end)
    if last < first:
        raise UsageError(marked("--end {last} is before --start {first}", last=last, first=first))
    plan = Plan(
        table=options.table,
        customers=options.buyers,
        first_day=first,
        days=(last - first).days + 1,
        model=options.true_model,
        params=parse_parameters("--params", options.params, PURCHASE_PARAMETERS[options.true_model]),
        spend=parse_parameters("--spend-params", options.spend_params, SPEND_PARAMETERS),
        lines=options.lines,
        dirt=options.dirt,
        season=options.season,
        ids=options.ids,
        seed=options.seed,
    )
    if options.rows is None:
        return plan
    pilot = dataclasses.replace(plan, customers=_PILOT, dirt=0.0)
    lines = sum(week.customer.size for _, week in _events(pilot, _population(pilot)))
    return dataclasses.replace(plan, customers=max(1, round(options.rows * _PILOT / (lines * (1 + plan.dirt)))))


def draw_table(plan: Plan, counts: dict[str, int]) -> Iterator[pl.DataFrame]:
    """The table in parts; `counts` gets the dirt of a log."""
    people = _population(plan)
    if plan.table == "log":
        ids = make_ids(plan.customers, plan.ids, plan.seed)
        dirty = add_dirt(_events(plan, people), plan.dirt, plan.seed, counts)
        yield from log_of(dirty, ids, plan.first_day)
    elif plan.table == "lines":
        ids = make_ids(plan.customers, plan.ids, plan.seed)
        clean = add_dirt(_events(plan, people), 0.0, plan.seed, {})
        yield from lines_of(clean, ids, plan.first_day, plan.seed)
    elif plan.table == "subscriptions":
        yield side_tables.subscriptions_table(people, plan.days, plan.first_day, plan.ids, plan.seed)
    else:
        customers = side_tables.customers_table(people, plan.days, plan.first_day, plan.ids, plan.seed)
        yield customers if plan.table == "customers" else side_tables.spend_table(customers)


def metered(parts: Iterator[pl.DataFrame], rows: int | None) -> Iterator[pl.DataFrame]:
    """The parts, counted for who looks where the number of rows is known."""
    meter = METER.get()
    if meter is not None and rows is not None:
        meter.start(rows)
    for part in parts:
        yield part
        if meter is not None:
            meter.add(part.height, part.height)


def write_parts(parts: Iterator[pl.DataFrame], kind: str, sink: BinaryIO) -> int:
    """Writes the parts one after the other as one table; returns the number of rows."""
    if kind == "parquet":
        return _write_parquet(parts, sink)
    rows = 0
    chosen = table_format(kind)
    for number, part in enumerate(parts):
        target = io.BytesIO()
        chosen.write(part, target, SheetStyle())
        data = target.getbuffer()
        skip = data.tobytes().index(b"\n") + 1 if kind == "csv" and number else 0
        sink.write(data[skip:])
        rows += part.height
    return rows


def _write_parquet(parts: Iterator[pl.DataFrame], sink: BinaryIO) -> int:
    """Streams: no more than some row groups are in memory."""
    from polars.io.plugins import register_io_source

    rows = 0
    first = next(parts)
    is_log = first.columns == LOG.names()
    schema = LOG if is_log else first.schema

    def source(*_: object) -> Iterator[pl.DataFrame]:
        nonlocal rows
        for part in itertools.chain([first], parts):
            rows += part.height
            yield typed(part) if is_log else part

    frame = register_io_source(source, schema=schema)
    frame.sink_parquet(sink, compression="zstd", compression_level=3, row_group_size=262_144, maintain_order=True)
    return rows


def _population(plan: Plan) -> Population:
    return draw_population(plan.customers, plan.days, plan.model, plan.params, plan.spend, plan.seed)


def _events(plan: Plan, people: Population) -> Iterator[tuple[int, Lines]]:
    day_of_year = plan.first_day.timetuple().tm_yday
    return draw_lines(people, plan.days, plan.lines, plan.season, day_of_year, stream(plan.seed, EVENTS))
