"""The summary sheet of a spreadsheet: stages, totals and records of a manifest, as rows of cells."""

from collections.abc import Mapping
from typing import Any

from clvcli.output.formats.base import Look

CALLS = ("Customer", "Name", "Stage", "What to do", "How", "Why")
TOLD = ("customer_id", "name", "stage", "action", "channel", "why")
HEAD = ("Stage", "Phase", "Customers", "Share %", "Value", "Share of value %", "Spent so far", "Goal", "First action")


def look_of(manifest: Mapping[str, Any], *, excel: bool = False) -> Look:
    """How a spreadsheet of the scored table is dressed: its title, its summary sheet, a colour for every phase."""
    rules = manifest.get("rules") or {}
    stages = manifest["stages"]
    phases = tuple(dict.fromkeys([*(rules.get("phases") or {}), *(s["phase"] for s in stages if s["phase"])]))
    told = rules.get("stages") or {}
    rows = [HEAD, *(_stage(stage, told.get(stage["stage"]) or {}) for stage in stages), (), *_facts(manifest)]
    title = f"Customers as of {manifest['as_of']}"
    return Look(excel=excel, title=title, summary=tuple(rows), phases=phases, to_call=_to_call(manifest))


def _to_call(manifest: Mapping[str, Any]) -> tuple[tuple[object, ...], ...]:
    """The customers whom `clv top` names of the same table, in its order; nothing where there is nobody."""
    named = (manifest.get("series") or {}).get("top") or []
    return (CALLS, *(tuple(row.get(column) for column in TOLD) for row in named)) if named else ()


def _stage(stage: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[object, ...]:
    actions = told.get("actions") or []
    return (
        stage["stage"], stage["phase"], stage["customers"], _percent(stage["share"]), stage["clv"],
        _percent(stage["clv_share"]), stage["total_spend"], told.get("goal"), actions[0]["action"] if actions else None,
    )  # fmt: skip


def _facts(manifest: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """What else a reader of the sheet asks: as of when, how much, how sure, from which records."""
    rows, total = manifest["rows"], (manifest.get("portfolio") or {}).get("clv") or {}
    found: list[tuple[object, ...]] = [
        ("As of", manifest["as_of"]),
        ("Horizon", manifest["horizon"]),
        ("Customers", manifest["customers"]),
        ("Leads", manifest["leads"]),
        ("Purchases", manifest["purchases"]),
    ]
    if total:
        found += [("Predicted value", total["total"]), ("  low (5 %)", total["low"]), ("  high (95 %)", total["high"])]
    at_risk = (manifest["series"]["headline"] or {}).get("at_risk")
    found += [("At risk now", at_risk)] if at_risk is not None else []
    found += [("Records read", rows["read"]), ("Records used", rows["used"])]
    for fate in ("excluded", "rejected"):
        found += [(f"Records {fate}: {reason}", number) for reason, number in rows[fate].items()]
    return found + [("Warning", warning["message"]) for warning in manifest["warnings"]]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)
