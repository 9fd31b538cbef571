"""The explanation of a customer from the scored table and its manifest; a log adds the history, nothing else."""

import dataclasses
import difflib
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from clvcli.commands.explain.decision import checks
from clvcli.commands.explain.explanation import Explanation, values_of
from clvcli.commands.explain.future import alive_ahead, alive_over_time
from clvcli.commands.explain.todo import standing
from clvcli.core.currency import currency_of
from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import ExplainOptions, LogOptions
from clvcli.core.run_day import run_day
from clvcli.core.settings import declared
from clvcli.engines.people import people_of
from clvcli.lifecycle.actions import actions_of
from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.schema import Otherwise
from clvcli.lifecycle.told import attributed, compiled_for, derived, facts_of, rules_of
from clvcli.log.read import read_log
from clvcli.models.registry import purchase_model
from clvcli.models.units import in_weeks
from clvcli.output.scored_table import COLUMNS, ScoredTable, read_manifest, read_scored

NO_STAGE = "(no stage)"


def explain_row(options: ExplainOptions) -> Explanation:
    """Reads options.data: the table, then any log. Raises InputError for an id that the table does not have."""
    path, *log = options.data
    table = dataclasses.replace(read_scored(path, None), manifest=read_manifest(path, None, "clv score again") or {})
    given = options.rules if options.sources.get("rules", "default") != "default" else None
    actions, rules = actions_of(table, given), rules_of(table, given)
    frame = attributed(table.frame, rules)
    row = frame.filter(pl.col("customer_id") == options.id)
    if row.is_empty():
        raise InputError(
            marked("no customer {id} in {path}", id=repr(options.id), path=path), hint=near(options.id, frame)
        )
    compiled = compiled_for(frame, rules)
    known = derived(row, compiled, facts_of(table))
    bought = _history(options, table, tuple(log)) if log else ()
    model = _model(table, row)
    alert = float(table.argument("alert") or options.alert)
    alive: tuple[tuple[date, float], ...] = ()
    if model is not None and row["purchases"][0]:
        alive = alive_over_time([day for day, _ in bought], table.as_of, *model) if bought else ()
        alive = alive or alive_ahead(row["first_purchase_date"][0], row["last_purchase_date"][0],
                                     row["purchases"][0], table.as_of, *model)  # fmt: skip
    return Explanation(
        customer_id=options.id,
        as_of=table.as_of,
        horizon=table.horizon,
        purchases=bought,
        values=values_of(compiled, known),
        stage=_stage(compiled, row),
        checks=checks(compiled, known),
        alive=alive,
        alert=alert,
        counts=_counts(row),
        moves=(),
        attributes={name: row[name][0] for name in row.columns if _is_attribute(name)},
        standing=standing(frame, options.id, actions, table.horizon),
        from_log=bool(log),
        currency=currency_of(table.manifest, options.show_currency),
    )


def _stage(compiled: Compiled, row: pl.DataFrame) -> Otherwise:
    """The stage that the table says, not one that other --rules would give."""
    name = NO_STAGE if row["stage"][0] is None else str(row["stage"][0])
    known = next((s for s in compiled.rules.every_stage if s.stage == name), None)
    return known or Otherwise(stage=name, max_cost=None, at_risk=False)


def _is_attribute(name: str) -> bool:
    return name not in COLUMNS and not name.startswith("p_count_")


def _counts(row: pl.DataFrame) -> tuple[float, ...]:
    """The columns of --counts, where the table has them."""
    names = [name for name in row.columns if name.startswith("p_count_")]
    found = [row[name][0] for name in names]
    return tuple(float(p) for p in found) if found and all(p is not None for p in found) else ()


def _model(table: ScoredTable, row: pl.DataFrame) -> tuple[str, Mapping[str, float]] | None:
    """Name and parameters (in weeks) of the purchase model of the customer's group; None without one."""
    told = table.manifest.get("models") or {}
    group = row["model_group"][0] if "model_group" in row.columns else None
    own = next((g for g in told.get("groups") or [] if g.get("group") == group and group is not None), told)
    fit = own.get("purchase") or {}
    if not fit.get("params") or fit.get("status") == "insufficient_data":
        return None
    return fit["name"], in_weeks(fit["params"], purchase_model(fit["name"]), fit["time_unit"])


def _history(options: ExplainOptions, table: ScoredTable, log: tuple[str, ...]) -> tuple[tuple[date, float], ...]:
    """Days and amounts of the customer's purchases, the log read as the run read it."""
    changed: dict[str, Any] = {"data": log, "as_of": table.as_of.isoformat()}
    for name in {*declared(LogOptions), "customers", "rules"} - {*changed, "config", "log_file"}:
        told = table.argument(name)
        if told is not None and options.sources.get(name, "default") == "default":
            changed[name] = tuple(told) if isinstance(told, list) else told
    read_as = dataclasses.replace(options, **changed)
    read = read_log(read_as, run_day(), people=people_of(read_as))
    money = 10.0 ** int(changed.get("decimals", options.decimals))
    rows = read.purchases.filter(pl.col("customer_id") == options.id).sort("day").select("day", "amount").iter_rows()
    return tuple((day, amount / money) for day, amount in rows)


def near(wanted: str, table: pl.DataFrame) -> str:
    """The nearest id, or what ids look like."""
    ids = table["customer_id"].head(50_000).to_list()
    found = difflib.get_close_matches(wanted, ids, 1, 0.8)
    return marked("did you mean {name}?", name=found[0]) if found else marked("ids look like {ids}", ids=ids[0])
