"""What is wrong with rules that load: stages nobody can reach, gaps, conditions that never or always hold.

Proved, for conditions on scores and the number of purchases only, over every combination that a customer can have;
shown on a scored table, where one is given, for all the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.names import CONTACTABLE
from clvcli.lifecycle.schema import Stage
from clvcli.sql import columns_of
from clvcli.sql.guard import numbers_in

PROVABLE = frozenset({"r_score", "f_score", "m_score", "rfm_score", "purchases", CONTACTABLE})
MAX_PURCHASES = 100


@dataclass(frozen=True)
class Finding:
    """One finding. `level`: error (the rules are wrong), warning, or note; `where` is a place in the file."""

    level: str
    code: str
    stage: str | None
    where: str
    message: str


def lint(compiled: Compiled, table: pl.DataFrame | None = None) -> tuple[Finding, ...]:
    """Findings in the order of the stages. `table`: a scored table with the columns and derived fields of `needs`."""
    shown = _on_data(compiled, table) if table is not None and table.height else []
    found = [*_proved(compiled), *_plain(compiled), *shown]
    order = {stage.stage: i for i, stage in enumerate(compiled.every_stage)}
    ranks = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(found, key=lambda f: (ranks[f.level], order.get(f.stage or "", -1))))


def grid(compiled: Compiled) -> pl.DataFrame:
    """Every combination of scores and purchases: leads have purchases 0 and no scores; the rest at least one.

    With contract scores f_score is 1 exactly for one purchase. Purchases above every number in the rules are all alike.
    """
    numbers = {n for stage, _ in compiled.stages for n in numbers_in(stage.when)}
    numbers |= {n for text in compiled.rules.fields.values() for n in numbers_in(text)}
    top = min(MAX_PURCHASES, max([3, *(int(n) + 1 for n in numbers if 0 <= n < MAX_PURCHASES)]))
    fixed_f = (compiled.rules.breakpoints or {}).get("f") is not None
    rows: list[tuple[int | None, int | None, int | None, int]] = [(None, None, None, 0)]
    for r, f, m, count in product(range(1, 6), range(1, 6), range(1, 6), range(1, top + 1)):
        if fixed_f or (f == 1) == (count == 1):
            rows.append((r, f, m, count))
    names = ("r_score", "f_score", "m_score", "purchases")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")
    frame = frame.with_columns(rfm_score=pl.concat_str("r_score", "f_score", "m_score"))
    flags = pl.DataFrame({CONTACTABLE: [True, False]})
    return frame.join(flags, how="cross")


def _provable(compiled: Compiled) -> frozenset[str]:
    """PROVABLE and the own fields that read nothing else in the end. A field sees those above it."""
    known = set(PROVABLE)
    for name, text in compiled.rules.fields.items():
        known -= {name}
        known |= {name} if columns_of(text) <= known else set()
    return frozenset(known)


def _proved(compiled: Compiled) -> list[Finding]:
    """Never, always, shadowed and gaps over the grid."""
    points, provable = grid(compiled), _provable(compiled)
    for name, expression in compiled.fields:
        if name in provable:
            points = points.with_columns(expression.alias(name))
    covered = np.zeros(points.height, dtype=bool)
    findings: list[Finding] = []
    whole = True
    for index, (stage, condition) in enumerate(compiled.stages):
        if covered.all():
            findings.append(
                _finding(compiled, "error", "shadowed", index, "gets nobody: earlier stages take everybody")
            )
            continue
        if not columns_of(stage.when) <= provable:
            whole = False
            continue
        holds = _truth(points, condition)
        if not holds.any():
            findings.append(_finding(compiled, "error", "never", index, "has a condition that is never true"))
        elif not (holds & ~covered).any():
            findings.append(_finding(compiled, "error", "shadowed", index, "gets nobody: earlier stages take them all"))
        elif holds.all() and index < len(compiled.stages) - 1:
            findings.append(_finding(compiled, "error", "always", index, "has a condition that is always true"))
        covered |= holds
    return findings + (_gaps(compiled, points, covered) if whole else [])


def _gaps(
    compiled: Compiled, points: pl.DataFrame, covered: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> list[Finding]:
    """Combinations of scores that only `otherwise` takes."""
    open_points = points.filter(pl.Series(~covered))
    buyers = open_points.filter(pl.col("purchases") > 0)
    found = []
    last = len(compiled.stages)
    if buyers.height:
        scores = sorted(set(buyers["rfm_score"].to_list()))
        shown = ", ".join(scores[:5]) + (", ..." if len(scores) > 5 else "")
        found.append(
            _finding(compiled, "note", "gap", last, f"takes buyers with scores {shown}, which no stage matches")
        )
    if buyers.height < open_points.height:
        found.append(_finding(compiled, "note", "gap", last, "takes leads, which no stage matches"))
    return found


def _truth(frame: pl.DataFrame, condition: pl.Expr) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Where the condition is true: null is not."""
    held = frame.select(condition.fill_null(False).alias("_"))["_"]
    values = held.to_numpy() if held.len() == frame.height else np.full(frame.height, bool(held[0]))
    return np.asarray(values, dtype=bool)


def _plain(compiled: Compiled) -> list[Finding]:
    """Stages with the condition of an earlier one, and stages with nothing to do."""
    findings, seen = [], dict[str, str]()
    names = _provable(compiled)
    provable = {i for i, (s, _) in enumerate(compiled.stages) if columns_of(s.when) <= names}
    for index, (stage, _) in enumerate(compiled.stages):
        text = " ".join(stage.when.split())
        if text in seen and index not in provable:
            message = f"has the condition of {seen[text]!r}, which comes first"
            findings.append(_finding(compiled, "error", "shadowed", index, message))
        seen.setdefault(text, stage.stage)
        if not stage.actions and not _says_actions(compiled, stage):
            findings.append(
                _finding(compiled, "warning", "no_action", index, "says nothing to do (actions: [] if meant)")
            )
    return findings


def _says_actions(compiled: Compiled, stage: Stage) -> bool:
    """Whether the file gives the stage actions, be they none."""
    index = next(i for i, each in enumerate(compiled.rules.stages) if each.stage == stage.stage)
    return "actions" in compiled.rules.source.value["stages"][index]


def _on_data(compiled: Compiled, table: pl.DataFrame) -> list[Finding]:
    """What the data show; another log may differ."""
    frame = compiled.prepared(table)
    taken = np.full(table.height, -1, dtype=np.int64)
    findings = []
    for index, (stage, condition) in enumerate(compiled.stages):
        holds = _truth(frame, condition)
        free = holds & (taken < 0)
        if not holds.any():
            findings.append(
                _finding(compiled, "warning", "empty", index, "matches nobody in these data" + _why(stage.when, frame))
            )
        elif not free.any():
            names = _names(compiled, taken[holds])
            findings.append(
                _finding(
                    compiled, "warning", "hidden", index, f"gets nobody: earlier stages have its customers ({names})"
                )
            )
        elif holds.all() and index < len(compiled.stages) - 1:
            findings.append(_finding(compiled, "warning", "always", index, "matches everybody in these data"))
        taken[free] = index
    rest = int((taken < 0).sum())
    if rest:
        share = rest / table.height
        message = f"has {rest:,} customers ({share:.1%}) whom no stage matches"
        findings.append(_finding(compiled, "warning" if share > 0.01 else "note", "gap", len(compiled.stages), message))
    return findings


def _why(when: str, frame: pl.DataFrame) -> str:
    blank = sorted(n for n in columns_of(when) if n in frame.columns and frame[n].null_count() == frame.height)
    return f"; {', '.join(blank)} is empty" if blank else ""


def _names(compiled: Compiled, indices: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    values, counts = np.unique(indices, return_counts=True)
    top = sorted(zip(counts, values, strict=True), reverse=True)[:3]
    return ", ".join(compiled.stages[i][0].stage for _, i in top)


def _finding(compiled: Compiled, level: str, code: str, index: int, message: str) -> Finding:
    """`index` counts the stages of the run; that of `otherwise` comes after the last."""
    stage = compiled.every_stage[index]
    position = next((i for i, s in enumerate(compiled.rules.stages) if s.stage == stage.stage), None)
    where = compiled.rules.source.where(("otherwise",) if position is None else ("stages", position))
    return Finding(level, code, stage.stage, where, f"stage {stage.stage!r} {message}")
