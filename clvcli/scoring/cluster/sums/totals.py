"""What the scored table adds up to: stages, headline, the R x F grid, and the few customers that a page names."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines.spark.reduce import Part
from clvcli.lifecycle.actions import StageActions
from clvcli.models.exact_sum import added, as_float, exact_parts
from clvcli.scoring.series.lists import NONE, contacts, due, named, stage_firsts, top_rows
from clvcli.scoring.series.value import headline_sums, rfm_grid, total

SUMMED = ("clv", "total_spend", "expected_purchases")
DIGITS = 6
"""Of sums of money steps: as many as decimals may be asked for, so that a sum of parts is that of the whole."""


@dataclass(frozen=True)
class TableSums:
    """A part of the scored table -> its sums. `at_risk`: stages that the rules mark; `actions`: theirs."""

    as_of: date
    decimals: int
    at_risk: tuple[str, ...]
    actions: StageActions = NONE

    def __call__(self, table: pl.DataFrame) -> Part:
        minor = (pl.col("total_spend") * 10.0**self.decimals).round().cast(pl.Int64)
        return {
            "stages": {stage: _stage(part) for (stage,), part in table.partition_by("stage", as_dict=True).items()},
            "variants": _variants(table),
            "headline": headline_sums(table.with_columns(total=minor), self.as_of, self.decimals, self.at_risk),
            "rfm": rfm_grid(table),
            "due": [
                {"customers": people.height, "clv": people.select(total("clv")).item()}
                for people in due(table, self.as_of, self.at_risk)
            ],
            "named": packed(named(table, self.as_of, self.at_risk, self.actions)),
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The sums of several parts."""
        found = list(parts)
        people = pl.concat([unpacked(part["named"]) for part in found])
        return {
            "stages": _by_key([part["stages"] for part in found], _merged_stages),
            "variants": _by_key([part["variants"] for part in found], sum),
            "headline": _sums([part["headline"] for part in found]),
            "rfm": _grid([row for part in found for row in part["rfm"]]),
            "due": [_sums(kind) for kind in zip(*(part["due"] for part in found), strict=True)],
            "named": packed(named(people, self.as_of, self.at_risk, self.actions)),
        }


def stage_rows(total: Part) -> list[dict[str, Any]]:
    """Rows as manifest.stages_of wants them."""
    return [
        {"stage": stage, **part["counts"], **{name: as_float(part["sums"][name]) for name in SUMMED}}
        for stage, part in sorted(total["stages"].items())
    ]


def whole(total: Part, name: str) -> float:
    """The exact sum of a column of SUMMED over all stages, rounded once."""
    return as_float(added(part["sums"][name] for part in total["stages"].values()))


def lists_of(
    total: Part, as_of: date, at_risk: Sequence[str], actions: StageActions = NONE, horizon: str = "12m"
) -> dict[str, Any]:
    """`contacts`, `stage_firsts` and `top` of the whole table."""
    people = unpacked(total["named"])
    told = contacts(people, as_of, at_risk)
    return {
        "contacts": told | total["due"][0 if told["by"] == "silence" else 1],
        "stage_firsts": stage_firsts(people),
        "top": top_rows(people, actions, horizon),
    }


def _stage(part: pl.DataFrame) -> dict[str, Any]:
    counts = {
        "customers": part.height,
        "valued": part["clv"].count(),
        "in_control": int(part["in_control"].sum()),
    }
    return {"counts": counts, "sums": {n: exact_parts(part[n].drop_nulls().to_numpy()) for n in SUMMED}}


def _merged_stages(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"counts": _sums([p["counts"] for p in parts]), "sums": _by_key([p["sums"] for p in parts], added)}


def _variants(table: pl.DataFrame) -> dict[str, int]:
    return dict(table.filter(~pl.col("in_control"))["variant"].drop_nulls().value_counts(name="n").iter_rows())


def _by_key(parts: Sequence[Mapping[str, Any]], merge: Any) -> dict[str, Any]:
    keys = {key: None for part in parts for key in part}
    return {key: merge([part[key] for part in parts if key in part]) for key in keys}


def _sums(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: _rounded(sum(part[name] for part in parts)) for name in parts[0]}


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, DIGITS)


def _grid(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    cells: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["r"], row["f"]), []).append({n: row[n] for n in ("customers", "value")})
    return [{**_sums(found), "r": r, "f": f} for (r, f), found in sorted(cells.items())]


def packed(table: pl.DataFrame) -> str:
    """A few rows as text."""
    sink = io.BytesIO()
    table.write_ipc(sink, compression="zstd")
    return base64.b64encode(sink.getvalue()).decode()


def unpacked(text: str) -> pl.DataFrame:
    """The rows again."""
    return pl.read_ipc(base64.b64decode(text))
