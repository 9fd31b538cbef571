"""The manifest of a run: what was read, chosen, fitted and written. Only `run` may differ between equal runs."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from clvcli import __version__
from clvcli.core.addresses import masked
from clvcli.core.errors import Notice
from clvcli.core.fields import SCHEMA
from clvcli.core.settings import Options
from clvcli.log.read import DataQuality
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.covaried import covariates_json
from clvcli.scoring.saved_model import fits_json

UNRECORDED = {"quiet", "verbose", "progress", "color", "log_file"}
"""Options that change how a run speaks, not what it computes."""


SECRET = {"hash_ids"}
"""Options of which the manifest says that they were given, not what."""


def arguments(options: Options) -> dict[str, Any]:
    """Every option with its value and where it came from."""
    values = {f.name: getattr(options, f.name) for f in dataclasses.fields(options) if f.name != "sources"}
    return {
        name: {
            "value": "(hidden)" if value and name in SECRET else _shown(value),
            "source": options.sources.get(name, "default"),
        }
        for name, value in values.items()
        if name not in UNRECORDED
    }


def _shown(value: Any) -> Any:
    """A value without the passwords of addresses."""
    if isinstance(value, tuple):
        return [_shown(part) for part in value]
    return masked(value) if isinstance(value, str) else value


def returns(quality: DataQuality) -> dict[str, float]:
    """What negative records are worth, in money: `reversed` (they cancel a purchase exactly), `netted` (they reduce
    earlier ones), `unmatched` (they find nothing)."""
    return dict(quality.facts.get("returns", {}))


def rows(quality: DataQuality) -> dict[str, Any]:
    """The accounting of the records."""
    return {
        "read": quality.read,
        "used": quality.used,
        "duplicates": quality.duplicates,
        "excluded": dict(quality.excluded),
        "rejected": dict(quality.rejected),
    }


def models(calibration: Calibration | None, time_unit: str) -> dict[str, Any]:
    """Both fits, and those of the groups, with parameters in `time_unit`."""
    if calibration is None:
        return {"purchase": None, "spend": None, "groups": []}
    found = calibration.covariates
    own = {} if found is not None else calibration.groups
    groups = [{"group": g, **fits_json(f, calibration.basis, time_unit)} for g, f in own.items()]
    chosen = {} if calibration.choice is None else {"choice": dict(calibration.choice)}
    moved = {} if found is None else {"covariates": covariates_json(found, time_unit)}
    return {**fits_json(calibration.pooled, calibration.basis, time_unit), "groups": groups, **moved, **chosen}


def manifest(
    *,
    command: str,
    options: Options,
    as_of: date,
    quality: DataQuality,
    customers: int,
    purchases: int,
    leads: int,
    calibration: Calibration | None,
    horizon: str,
    time_unit: str,
    stages: list[dict[str, Any]],
    warnings: Sequence[Notice],
    series: Mapping[str, Any],
    outputs: Sequence[str],
    run: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest as the contract orders it; `more` goes before `run`."""
    return {
        "schema": SCHEMA,
        "clv": __version__,
        "command": command,
        "as_of": as_of.isoformat(),
        "horizon": horizon,
        "inputs": [dict(i) for i in quality.inputs],
        "columns": dict(quality.columns),
        **({"source": quality.facts["source_says"]} if "source_says" in quality.facts else {}),
        **({"currency": quality.facts["currency"]} if quality.facts.get("currency") else {}),
        "arguments": arguments(options),
        "rows": rows(quality),
        "returns": returns(quality),
        "customers": customers,
        "purchases": purchases,
        "leads": leads,
        "models": models(calibration, time_unit),
        "stages": stages,
        "warnings": [w.document() for w in warnings],
        "series": dict(series),
        **(more or {}),
        "outputs": [masked(path) for path in outputs],
        "run": dict(run),
    }


def encode(content: Mapping[str, Any]) -> bytes:
    """The manifest as JSON text. Raises ValueError on NaN and inf: neither is JSON."""
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()
