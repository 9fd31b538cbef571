"""The rules under which a table was scored, as its manifest tells them."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import yaml

from clvcli.core.errors import ConfigError, InputError
from clvcli.core.language import marked
from clvcli.lifecycle.actions import StageActions, typed
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.derived import Facts, derive
from clvcli.lifecycle.load import Rules, load_rules, parse_rules
from clvcli.lifecycle.names import CONTACTABLE
from clvcli.output.scored_table import COLUMNS, ScoredTable

KEPT = ("who", "goal", "max_cost", "at_risk", "actions")


def rules_of(table: ScoredTable, given: str | None) -> Rules:
    """The rules `given`, else those of the manifest. Raises ConfigError, InputError where there are none."""
    return load_rules(given) if given is not None else _rules(table)


def compiled_for(frame: pl.DataFrame, rules: Rules) -> Compiled:
    """Compiled for the attributes that a table of `attributed` has."""
    return compile_rules(rules, {name: kind for name, kind in frame.schema.items() if name not in COLUMNS})


def derived(frame: pl.DataFrame, compiled: Compiled, facts: Facts) -> pl.DataFrame:
    """With the derived fields that the rules read; spend_trend is null, for its sums are no columns of the table."""
    unknown = [pl.lit(None, pl.Int64).alias(n) for n in ("total", "last3_total") if n not in frame.columns]
    return derive(frame.with_columns(unknown), compiled.needs - set(frame.columns), facts)


def attributed(frame: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The table with the attributes that it has in the types of the rules; a CSV has them as text."""
    wanted = {CONTACTABLE: "boolean", **{name: a.type for name, a in rules.attributes.items()}}
    there = {name: kind for name, kind in wanted.items() if name in frame.columns}
    return typed(frame, StageActions((), {}, types=there))


def facts_of(table: ScoredTable) -> Facts:
    """The whole-table values that conditions read: of the manifest, and of the table where that does not tell."""
    told = (table.manifest.get("rules") or {}).get("facts") or {}
    buyers = table.frame.filter(pl.col("purchases") > 1)
    active = (pl.col("last_purchase_date") - pl.col("first_purchase_date")).dt.total_days()
    days, gaps = buyers.select(active.sum(), (pl.col("purchases") - 1).sum().alias("n")).row(0)
    found = {
        "typical_gap": None,
        "mean_gap": days / gaps if gaps else None,
        "mean_p_purchase": table.frame["p_purchase"].mean(),
        "total_clv": table.frame["clv"].drop_nulls().sort().sum() or None,
    }
    return Facts(table.as_of, **{name: told.get(name, value) for name, value in found.items()})


def _rules(table: ScoredTable) -> Rules:
    told = table.manifest.get("rules")
    if not isinstance(told, Mapping) or not isinstance(told.get("stages"), Mapping):
        raise InputError(marked("{place}: no manifest tells its rules", place=table.path), hint="--rules FILE")
    phases = {row["stage"]: row["phase"] for row in table.manifest.get("stages", [])}
    stages = [{"stage": name, "phase": phases.get(name), **_kept(stage)} for name, stage in told["stages"].items()]
    content: dict[str, Any] = {
        "name": told.get("name") or "",
        "attributes": {name: {"type": kind} for name, kind in (told.get("attributes") or {}).items()},
        "fields": dict(told.get("fields") or {}),
        "stages": [stage for stage in stages if stage.get("when") is not None],
    }
    content |= {"actions": list(told["actions"])} if told.get("actions") else {}
    rest = [stage for stage in stages if stage.get("when") is None]
    content |= {"otherwise": rest[-1]} if rest else {}
    content |= {key: dict(told[key]) for key in ("consent", "holidays") if told.get(key)}
    try:
        return parse_rules(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), f"{table.path}.run.json")
    except ConfigError as problem:
        raise InputError(
            marked("{place}: the rules of its manifest are broken ({problem})", place=table.path, problem=problem),
            "--rules FILE",
        ) from None


def _kept(stage: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: stage[name] for name in KEPT if stage.get(name) is not None}
    return kept | ({"when": stage["when"]} if stage.get("when") is not None else {})
