"""The job of `clv explain`: one customer, from the purchases to the stage, and what comes next."""

import dataclasses
import difflib
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.commands.explain.decision import Check, checks
from clvcli.commands.explain.future import alive_over_time, counts
from clvcli.commands.explain.moves import Move, moves
from clvcli.core.errors import InputError
from clvcli.core.fields import FIELDS
from clvcli.core.options import ExplainOptions, ModelOptions, ScoreOptions
from clvcli.engines import local as polars_engine
from clvcli.lifecycle.schema import Otherwise
from clvcli.scoring.scored import Scored, Stage, quiet, score_log

INTERNAL = ("stage", "phase", "action")


@dataclass(frozen=True)
class Explanation:
    """What is known of one customer.

    `purchases`: (day, amount in currency). `values`: output columns and what the rules read. `checks`: all stages, in
    order. `alive`: (day, P(alive)) from the first purchase to a year ahead in silence. `counts`: chance of 0, 1, 2, ...
    purchases within the horizon, the last one of more; empty without a model.
    """

    customer_id: str
    as_of: date
    horizon: str
    purchases: tuple[tuple[date, float], ...]
    values: dict[str, Any]
    stage: Otherwise
    checks: tuple[Check, ...]
    alive: tuple[tuple[date, float], ...]
    alert: float
    counts: tuple[float, ...]
    moves: tuple[Move, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        stage = self.stage.model_dump(include={"stage", "phase", "who", "goal", "max_cost", "actions"})
        return {
            "customer_id": self.customer_id,
            "as_of": self.as_of.isoformat(),
            "horizon": self.horizon,
            "purchases": [{"date": day.isoformat(), "amount": amount} for day, amount in self.purchases],
            "values": {k: v.isoformat() if isinstance(v, date) else v for k, v in self.values.items()},
            "stage": stage,
            "checks": [check.as_json() for check in self.checks],
            "p_alive": [{"date": day.isoformat(), "p_alive": p} for day, p in self.alive],
            "alert": self.alert,
            "chances": list(self.counts),
            "moves": [{**vars(m), "when": m.when.isoformat()} for m in self.moves],
        }


def explain(options: ExplainOptions, stage: Stage = quiet) -> Explanation:
    """Scores the log and explains one of its customers. Raises InputError for an id that it does not have."""
    scored = score_log(_score_options(options), stage)
    row = scored.table.filter(pl.col("customer_id") == options.id)
    if row.is_empty():
        raise InputError(f"no customer {options.id!r} in the data", hint=_near(options.id, scored.table))
    bought = scored.log.purchases.filter(pl.col("customer_id") == options.id)
    fits = scored.scorer.groups.get(_group(row), scored.scorer.pooled)
    money = 10.0**options.decimals
    days = [(day, amount / money) for day, amount in bought.select("day", "amount").iter_rows()]
    name = row["stage"][0]
    return Explanation(
        customer_id=options.id,
        as_of=scored.log.as_of,
        horizon=options.horizon,
        purchases=tuple(days),
        values=_values(scored, row),
        stage=next(s for s in scored.rules.every_stage if s.stage == name),
        checks=checks(scored.rules, row),
        alive=alive_over_time([day for day, _ in days], scored.log.as_of, fits),
        alert=options.alert,
        counts=counts(row, scored),
        moves=moves(row, bought, scored, polars_engine),
    )


def _score_options(options: ExplainOptions) -> ScoreOptions:
    inherited = {f.name: getattr(options, f.name) for f in dataclasses.fields(ModelOptions)}
    own = {name: getattr(options, name) for name in ("rules", "customers", "use_model", "no_model")}
    return ScoreOptions(**inherited, **own)


def _group(row: pl.DataFrame) -> str:
    return str(row["model_group"][0]) if "model_group" in row.columns else ""


def _values(scored: Scored, row: pl.DataFrame) -> dict[str, Any]:
    """Output columns but the stage's, and what conditions read besides."""
    prepared = scored.rules.prepared(row)
    wanted = [f.name for f in FIELDS if f.when == "always" and f.name not in INTERNAL]
    wanted += sorted((scored.rules.needs | set(scored.rules.rules.fields)) - set(wanted))
    return {name: prepared[name][0] for name in wanted if name in prepared.columns}


def _near(wanted: str, table: pl.DataFrame) -> str:
    ids = table["customer_id"].head(50_000).to_list()
    near = difflib.get_close_matches(wanted, ids, 1, 0.8)
    return f"did you mean {near[0]}?" if near else f"ids look like {ids[0]}"
