"""`clv compare`: two scored tables, or one log at many moments."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli import __version__
from clvcli.commands.compare.campaigns import Campaign, campaigns
from clvcli.commands.compare.contacts import read_contacts
from clvcli.commands.compare.costs import read_costs
from clvcli.commands.compare.lift import Lift, LiftRow, lift, spend_cap
from clvcli.commands.compare.months import Series, scored_series
from clvcli.commands.compare.moves import Mover, Transition, detail, movers, transitions
from clvcli.commands.compare.pair import Pair, pair_up
from clvcli.commands.compare.sheet import NO_EVIDENCE, Line, sheet
from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.language import marked
from clvcli.core.options import CompareOptions, HistoryOptions
from clvcli.output import STDOUT, Outputs
from clvcli.output.formats.base import format_of
from clvcli.output.places import is_stream
from clvcli.output.scored_table import ScoredTable, read_manifest, read_scored
from clvcli.scoring.table import write_bytes, write_table

Stage = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """OLD against NEW. `lift` is None without a control group in OLD; `table` is what -o writes, a row a customer;
    `campaigns` and their `variants` are empty without --contacts.
    """

    old: str
    new: str
    old_as_of: date
    new_as_of: date
    days: int
    stages: tuple[str, ...]
    transitions: tuple[Transition, ...]
    movers: tuple[Mover, ...]
    sheet: tuple[Line, ...]
    lift: Lift | None
    notices: tuple[Notice, ...]
    table: pl.DataFrame
    campaigns: tuple[Campaign, ...] = ()
    variants: tuple[LiftRow, ...] = ()
    at_risk: frozenset[str] = frozenset()


def compare(options: CompareOptions, stage: Stage) -> Compared:
    """Compares, and writes `-o`. Raises UsageError for contradicting options, InputError for bad tables."""
    inputs = [options.old, options.new, *([options.spend] if options.spend else []), *options.contacts]
    with _outputs(options, inputs) as outputs:
        pair = _pair(options, stage)
        result = compared(pair, options)
        _write(outputs, options, result.table, result)
    return result


def history(options: HistoryOptions, stage: Stage) -> Series:
    """Scores a log at each step, and writes `-o`. Raises what `compare` raises."""
    inputs = [*options.data, *([options.customers] if options.customers else [])]
    with _outputs(options, inputs) as outputs:
        result = scored_series(options, stage)
        _write(outputs, options, result.counts, result)
    return result


def _outputs(options: CompareOptions | HistoryOptions, inputs: Sequence[str]) -> Outputs:
    if options.json and options.output == "-":
        raise UsageError("--json and the table cannot both go to stdout", hint="-o FILE")
    return Outputs(_targets(options.output), inputs, log_file=options.log_file)


def _write(
    outputs: Outputs, options: CompareOptions | HistoryOptions, table: pl.DataFrame, result: Compared | Series
) -> None:
    """The table where -o says, and beside it every figure."""
    if options.output is None:
        return
    targets = _targets(options.output)
    name = format_of(options.output, options.format)
    outputs.write("table", lambda sink: write_table(table, name, sink))
    if "manifest" in targets:
        content = as_json(result, [*targets.values()])
        outputs.write("manifest", lambda sink: write_bytes(content, sink))
    outputs.commit()


def _targets(output: str | None) -> dict[str, str]:
    """The table, and beside it every figure of the comparison, which also marks the table as the tool's own."""
    if output is None:
        return {}
    beside = {} if output == STDOUT or is_stream(output) else {"manifest": f"{output}.run.json"}
    return {"table": output, **beside}


def compared(pair: Pair, options: CompareOptions) -> Compared:
    """All figures of a pair of tables."""
    first, last = _ends(pair, options)
    costs = read_costs(options.spend) if options.spend else None
    found = lift(pair, options.cap)
    by_campaign, variants, told = _by_campaign(pair, options)
    return Compared(
        pair.old.path, pair.new.path, pair.old.as_of, pair.new.as_of, pair.days, pair.stages,
        tuple(transitions(pair)), tuple(movers(pair, options.movers)), tuple(sheet(pair, costs, first, last)),
        found, (*pair.notices, *(found.notices if found else ()), *told), detail(pair), by_campaign, variants,
        pair.new.at_risk,
    )  # fmt: skip


def _by_campaign(
    pair: Pair, options: CompareOptions
) -> tuple[tuple[Campaign, ...], tuple[LiftRow, ...], tuple[Notice, ...]]:
    """Raises InputError where OLD says of nobody that he is in a control group."""
    if not options.contacts:
        return (), (), ()
    contacts = read_contacts(options.contacts, pair.old.as_of.isoformat())
    if contacts.due is None and not pair.both["old_in_control"].fill_null(value=False).any():
        raise InputError(
            marked("{place}: has no control group, so nothing shows what the contacts brought", place=pair.old.path),
            hint="control_group: {share: 0.1, salt: spring} in the rules before the next campaign",
        )
    return campaigns(
        pair, contacts, options.cap if options.cap is not None else spend_cap(pair),
        _margin(pair.new),
    )  # fmt: skip


def _margin(table: ScoredTable) -> float:
    """The one margin of the run; 1 where each customer has its own."""
    try:
        return float(table.argument("margin"))
    except (TypeError, ValueError):
        return 1.0


def _pair(options: CompareOptions, stage: Stage) -> Pair:
    stage("reading")
    before = _table(options.old, options.old_manifest, "--old-manifest FILE")
    after = _table(options.new, options.new_manifest, "--new-manifest FILE")
    stage("comparing")
    return pair_up(before, after, allow_different=options.allow_different)


def _table(path: str, given: str | None, option: str) -> ScoredTable:
    table = read_scored(path, None)
    return dataclasses.replace(table, manifest=read_manifest(path, given, option) or {})


def _ends(pair: Pair, options: CompareOptions) -> tuple[str, str]:
    """The first and the last stage along the cycle in which anybody is, unless they are given."""
    there = set(pl.concat([pair.old.frame["stage"], pair.new.frame["stage"]]).drop_nulls().unique())
    cycle = [s for s in pair.new.along_the_cycle() if s in there] or sorted(there) or ["-"]
    for flag, name in (("--first-stage", options.first_stage), ("--last-stage", options.last_stage)):
        if name is not None and name not in pair.stages:
            raise UsageError(marked("{flag}: no stage {name}", flag=flag, name=repr(name)), hint=", ".join(pair.stages))
    return options.first_stage or cycle[0], options.last_stage or cycle[-1]


def as_json(result: Compared | Series, outputs: Sequence[str] = ()) -> bytes:
    """The result as JSON text; no NaN, no infinity."""
    content = _series_json(result) if isinstance(result, Series) else _compared_json(result)
    command = "history" if isinstance(result, Series) else "compare"
    whole = {"schema": 1, "clv": __version__, "command": command, **content, "outputs": list(outputs)}
    return (json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def _compared_json(result: Compared) -> dict[str, Any]:
    lines = [{**dataclasses.asdict(line), "change": line.change} for line in result.sheet]
    found = result.lift
    measured = None
    if found is not None:
        measured = {"cap": found.cap, "left_out": found.left_out, "rows": [lift_json(row) for row in found.rows]}
    return {
        **{name: getattr(result, name) for name in ("old", "new", "old_as_of", "new_as_of", "days", "stages")},
        "transitions": [dataclasses.asdict(t) for t in result.transitions],
        "movers": [dataclasses.asdict(m) for m in result.movers],
        "before_after": {"label": NO_EVIDENCE, "lines": lines},
        "lift": measured,
        "campaigns": [{**dataclasses.asdict(c), "rows": [lift_json(row) for row in c.rows]} for c in result.campaigns],
        "campaign_variants": [lift_json(row) for row in result.variants],
        "warnings": [n.document() for n in result.notices],
    }


def lift_json(row: LiftRow) -> dict[str, Any]:
    """One comparison with its derived figures."""
    return {**dataclasses.asdict(row), "detectable": row.detectable, "total": row.total, "nightly": row.nightly}


def _series_json(result: Series) -> dict[str, Any]:
    return {
        "dates": list(result.dates),
        "stages": list(result.stages),
        "counts": result.counts.to_dicts(),
        "stays": [dataclasses.asdict(s) for s in result.stays],
        "cycle": None if result.cycle is None else dataclasses.asdict(result.cycle),
        "audit": None if result.audit is None else dataclasses.asdict(result.audit),
        "warnings": [n.document() for n in result.notices],
    }
