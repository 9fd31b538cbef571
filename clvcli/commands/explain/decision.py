"""Why a customer is in a stage: every condition taken apart, with the values that decided."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.lifecycle.compile import Compiled
from clvcli.sql import Part, parts_of


@dataclass(frozen=True)
class Reason:
    """One part of a condition. `holds` is None where a value is missing; `short`: by how much a number misses."""

    text: str
    holds: bool | None
    values: dict[str, Any]
    short: float | None
    bound: bool = False
    """Whether it is a number against an upper or lower bound, which a customer can approach."""


@dataclass(frozen=True)
class Check:
    """One stage and its parts. `outcome`: matched; missed; or passed over, as an earlier stage had matched."""

    stage: str
    outcome: str
    reasons: tuple[Reason, ...]

    @property
    def failed(self) -> tuple[Reason, ...]:
        """The parts that do not hold."""
        return tuple(reason for reason in self.reasons if reason.holds is not True)

    def as_json(self) -> dict[str, Any]:
        """Plain values; dates as text."""
        return {
            "stage": self.stage,
            "outcome": self.outcome,
            "parts": [
                {
                    "condition": r.text,
                    "holds": r.holds,
                    "values": {
                        k: v if isinstance(v, (int, float, str, bool, type(None))) else str(v)
                        for k, v in r.values.items()
                    },
                    "short_by": r.short,
                }
                for r in self.reasons
            ],
        }


def checks(compiled: Compiled, row: pl.DataFrame) -> tuple[Check, ...]:
    """One Check a stage, in order. `row`: a scored table of one row, with derived fields."""
    frame = compiled.prepared(row)
    found: list[Check] = []
    matched = False
    for stage, _ in compiled.stages:
        reasons = tuple(_reason(part, frame) for part in parts_of(stage.when, _schema(compiled, frame)))
        holds = all(reason.holds is True for reason in reasons)
        outcome = ("passed over" if matched else "matched") if holds else "missed"
        matched = matched or holds
        found.append(Check(stage.stage, outcome, reasons))
    return tuple(found)


def nearest(found: tuple[Check, ...], count: int = 2) -> tuple[Check, ...]:
    """The missed stages before the match that lack the fewest parts, the later of equals first.

    Stages that lack an exact number, like purchases = 0, were not just missed; nor those of which nothing holds, unless
    all that they lack are bounds.
    """
    end = next((i for i, check in enumerate(found) if check.outcome == "matched"), len(found))
    missed = [check for check in reversed(found[:end]) if check.outcome == "missed" and _near(check)]
    return tuple(sorted(missed, key=lambda check: len(check.failed))[:count])


def _near(check: Check) -> bool:
    if any(reason.short is not None and not reason.bound for reason in check.failed):
        return False
    return len(check.failed) < len(check.reasons) or all(reason.bound for reason in check.failed)


def _schema(compiled: Compiled, frame: pl.DataFrame) -> dict[str, pl.DataType]:
    return {**compiled.schema, **{name: frame.schema[name] for name, _ in compiled.fields}}


def _reason(part: Part, frame: pl.DataFrame) -> Reason:
    holds = _value(frame, part.holds)
    values = {name: frame[name][0] for name in part.columns}
    short = None
    if part.numeric and part.left is not None and part.right is not None and holds is not True:
        left, right = _value(frame, part.left), _value(frame, part.right)
        short = None if left is None or right is None else float(right) - float(left)
    bound = short is not None and part.sign in ("<", "<=", ">", ">=")
    return Reason(part.text, None if holds is None else bool(holds), values, short, bound)


def _value(frame: pl.DataFrame, expression: pl.Expr) -> Any:
    return frame.select(expression.alias("_"))["_"][0]
