"""Predicted and classified customers: the same functions of a batch as on one machine, run by the workers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from clvcli.classify import classify
from clvcli.cuts import Cuts
from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.engines.on_spark.cuts import Ranks
from clvcli.formats.base import check_numbers
from clvcli.lifecycle.compile import Compiled
from clvcli.models.exact_sum import added, as_float, exact_parts
from clvcli.scorer import Scorer
from clvcli.scoring import predict

SUMMED = ("clv", "total_spend", "expected_purchases")
PARTS = {"stage": pl.String, "note": pl.String}


@dataclass(frozen=True)
class Predict:
    """Customers -> predicted customers. The scorer travels by value."""

    scorer: Scorer

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            if frame.height:
                yield predict(frame, self.scorer)

    def schema(self, needs: tuple[str, ...]) -> dict[str, Any]:
        """The columns of what it yields."""
        empty = {**CUSTOMER_COLUMNS, **dict.fromkeys(needs, pl.Float64), "lines": pl.Int64}
        return dict(predict(pl.DataFrame(schema=empty), self.scorer).schema)


@dataclass(frozen=True)
class Classify:
    """Predicted customers -> the columns of the scored table. With `ranks` the rows bring their place among all values
    of clv (see cuts.ranked), and `cuts` have no such values."""

    cuts: Cuts
    ranks: Ranks | None
    compiled: Compiled
    as_of: date
    columns: tuple[str, ...]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            if frame.height:
                table = classify(frame, self._cuts(frame), self.compiled, self.as_of).select(self.columns)
                check_numbers(table)
                yield table

    def _cuts(self, frame: pl.DataFrame) -> Cuts:
        """The cuts with the values of clv that this batch has, and the share of all customers below each."""
        if self.ranks is None:
            return self.cuts
        known = frame.filter(pl.col("clv").is_not_null()).unique("clv").sort("clv")
        below = self.ranks.before[known["bucket"].to_numpy()] + known["within"].to_numpy()
        share = (pl.Series(below) / self.ranks.total).to_numpy()
        return replace(self.cuts, clv_values=known["clv"].to_numpy(), clv_below=share)


@dataclass(frozen=True)
class StageSums:
    """The scored table -> exact sums of each stage, one row a stage and task, as JSON."""

    as_of: date
    soon_days: int

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        found: dict[str, list[dict[str, Any]]] = {}
        for frame in frames:
            for (stage,), part in frame.partition_by("stage", as_dict=True).items():
                found[stage] = [merged([*found.get(stage, []), self._of(part)])]
        rows = [(stage, json.dumps(parts[0])) for stage, parts in found.items()]
        yield pl.DataFrame(rows, schema=PARTS, orient="row")

    def _of(self, part: pl.DataFrame) -> dict[str, Any]:
        alert = part["alert_date"]
        late = (alert <= self.as_of).fill_null(False)
        soon = ((alert > self.as_of) & (alert <= self.as_of + timedelta(days=self.soon_days))).fill_null(False)
        counts = {
            "customers": part.height,
            "valued": part["clv"].count(),
            "in_control": int(part["in_control"].sum()),
            "alerts": alert.count(),
            "silent": int(late.sum()),
            "soon": int(soon.sum()),
            "one_time": int((part["purchases"] == 1).sum()),
            "low_zero": int((part["clv_low"] <= 0).sum() or 0),
        }
        columns = {name: part[name] for name in SUMMED}
        columns |= {"silent_clv": part["clv"].filter(late), "silent_spend": part["total_spend"].filter(late)}
        columns |= {"soon_clv": part["clv"].filter(soon)}
        sums = {name: exact_parts(values.drop_nulls().to_numpy()) for name, values in columns.items()}
        variants = part.filter(~pl.col("in_control"))["variant"].value_counts(name="n").drop_nulls()
        return {"counts": counts, "sums": sums, "variants": dict(variants.iter_rows())}


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The sum of several results of StageSums."""
    if len(parts) == 1:
        return parts[0]
    counts = {n: sum(p["counts"][n] for p in parts) for n in parts[0]["counts"]}
    sums = {n: added(p["sums"][n] for p in parts) for n in parts[0]["sums"]}
    names = {name for p in parts for name in p["variants"]}
    return {"counts": counts, "sums": sums, "variants": {n: sum(p["variants"].get(n, 0) for p in parts) for n in names}}


def stage_rows(frame: pl.DataFrame) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
    """Rows as manifest.stages_of wants them, and the sums over all stages. `frame`: rows of StageSums."""
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for stage, note in frame.iter_rows():
        by_stage.setdefault(stage, []).append(json.loads(note))
    totals = {stage: merged(parts) for stage, parts in by_stage.items()}
    rows = [
        {"stage": stage, **t["counts"], **{name: as_float(t["sums"][name]) for name in SUMMED}}
        for stage, t in sorted(totals.items())
    ]
    return rows, merged(list(totals.values())) if totals else {}


def figures(total: Mapping[str, Any]) -> dict[str, float]:
    """The sums of `merged` as floats."""
    return {name: as_float(parts) for name, parts in total["sums"].items()}
