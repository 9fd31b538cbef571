"""What earlier nights left: the last good one, and the contacts that its calendar has brought since."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from clvcli.output.scored_table import read_own

STATUS = "night.run.json"
"""Its name and outputs keep later runs from reading the night's files as data."""
CONTACTED = "contacted.csv"
CONTACT_COLUMNS = ("date", "customer_id", "action")


@dataclass(frozen=True)
class Night:
    """An earlier night that passed its gates. `scored` is its table; `plan` its calendar, where it made one."""

    day: date
    folder: Path
    scored: Path
    plan: Path | None


def last_good(folder: Path, today: date) -> Night | None:
    """The newest night before `today` that passed and whose table and manifest are still there."""
    if not folder.is_dir():
        return None
    days = sorted((d for d in map(_day, folder.iterdir()) if d is not None and d < today), reverse=True)
    return next((night for day in days if (night := _night(folder / day.isoformat(), day)) is not None), None)


def _day(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.name) if len(path.name) == len("2026-01-31") else None
    except ValueError:
        return None


def _night(folder: Path, day: date) -> Night | None:
    try:
        status = json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(status, dict) or status.get("passed") is not True:
        return None
    scored = next((p for p in (folder / "scored.csv", folder / "scored.parquet") if p.is_file()), None)
    if scored is None or not Path(f"{scored}.run.json").is_file():
        return None
    plan = next((p for p in (folder / "plan.csv", folder / "plan.parquet") if p.is_file()), None)
    return Night(day, folder, scored, plan)


def contacts_since(night: Night | None, start: date) -> pl.DataFrame:
    """The contacts made before `start`: those that the last night knew of, and those that its calendar set since.

    date, customer_id, action, as text. It takes calendars at their word: what was planned was done.
    """
    found = [pl.DataFrame(schema=dict.fromkeys(CONTACT_COLUMNS, pl.String))]
    if night is not None:
        known = night.folder / CONTACTED
        text = [pl.col(name).cast(pl.String) for name in CONTACT_COLUMNS]
        found += [read_own(str(path)).select(text) for path in (known,) if path.is_file()]
        if night.plan is not None:
            planned = read_own(str(night.plan)).select(text)
            found.append(planned.filter(pl.col("date") < start.isoformat()))
    return pl.concat(found).unique().sort(CONTACT_COLUMNS)
