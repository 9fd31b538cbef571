"""What is known of one customer."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.commands.explain.decision import Check
from clvcli.commands.explain.moves import Move
from clvcli.commands.explain.todo import Standing
from clvcli.core.fields import FIELDS
from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.schema import Otherwise

INTERNAL = ("stage", "phase", "action")


@dataclass(frozen=True)
class Explanation:
    """What is known of one customer.

    `purchases`: (day, amount in currency). `values`: output columns and what the rules read. `checks`: all stages, in
    order. `alive`: (day, P(alive)) from the first purchase to a year ahead in silence. `counts`: chance of 0, 1, 2, ...
    purchases within the horizon, the last one of more; empty without a model. `attributes`: columns that no run makes.
    `from_log`: whether a log told the purchases; else there are none here.
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
    attributes: dict[str, Any]
    standing: Standing
    from_log: bool = True
    currency: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The explanation as plain values for JSON."""
        told = asdict(self.stage)
        stage = {name: told[name] for name in ("stage", "phase", "who", "goal", "max_cost", "actions")}
        return {
            "customer_id": self.customer_id,
            "as_of": self.as_of.isoformat(),
            "horizon": self.horizon,
            "purchases": [{"date": day.isoformat(), "amount": amount} for day, amount in self.purchases],
            "values": {k: v.isoformat() if isinstance(v, date) else v for k, v in self.values.items()},
            "stage": stage,
            "why": self.standing.why,
            "place": self.standing.place,
            "of": self.standing.of,
            "actions": [vars(todo) for todo in self.standing.todo],
            "attributes": {k: v.isoformat() if isinstance(v, date) else v for k, v in self.attributes.items()},
            "checks": [check.as_json() for check in self.checks],
            "p_alive": [{"date": day.isoformat(), "p_alive": p} for day, p in self.alive],
            "alert": self.alert,
            "chances": list(self.counts),
            "moves": [{**vars(m), "when": m.when.isoformat()} for m in self.moves],
        }


def values_of(compiled: Compiled, row: pl.DataFrame) -> dict[str, Any]:
    """Output columns but the stage's, and what conditions read besides."""
    prepared = compiled.prepared(row)
    wanted = [f.name for f in FIELDS if f.when == "always" and f.name not in INTERNAL]
    wanted += sorted((compiled.needs | set(compiled.rules.fields)) - set(wanted))
    return {name: prepared[name][0] for name in wanted if name in prepared.columns}
