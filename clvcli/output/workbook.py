"""The sheets of a spreadsheet beside the scored table: summary, whom to call, stages; in the language of the run."""

from collections.abc import Mapping
from typing import Any

from clvcli.core.currency import currency_of
from clvcli.core.language import ENGLISH, Language
from clvcli.core.phrases import REASONS, channel_of, noticed, warning_text, why
from clvcli.output.formats.base import Sheet, SheetStyle


def style_of(manifest: Mapping[str, Any], *, excel: bool = False) -> SheetStyle:
    """How a spreadsheet of the scored table is dressed: its title, its sheets, a colour for every phase."""
    t = language_of(manifest)
    rules = manifest.get("rules") or {}
    phases = tuple(
        dict.fromkeys([*(rules.get("phases") or {}), *(s["phase"] for s in manifest["stages"] if s["phase"])])
    )
    return SheetStyle(
        excel=excel, title=t("Customers as of {day}", day=_day(manifest["as_of"], t)), table=t("customers"),
        sheets=(_summary(manifest, t), *_to_call(manifest, t), _stages(manifest, rules.get("stages") or {}, t)),
        phases=phases, money=t.money_format(), rtl=t.rtl if t.code != ENGLISH else False,
    )  # fmt: skip


def language_of(manifest: Mapping[str, Any]) -> Language:
    """The language and the currency that the run was asked for."""
    asked = (manifest["arguments"].get("lang") or {}).get("value")
    return Language(str(asked or ENGLISH), currency_of(manifest))


def _day(day: str, t: Language) -> str:
    return day if t.code == ENGLISH else t.day(day)


def _to_call(manifest: Mapping[str, Any], t: Language) -> tuple[Sheet, ...]:
    """The customers whom `clv top` names of the same table, in its order; nothing where there is nobody."""
    named = (manifest.get("series") or {}).get("top") or []
    head = (t("Customer"), t("Name"), t("Stage"), t("What to do"), t("How"), t("Value at stake"), t("Why"))
    rows = tuple(_call(row, manifest["horizon"], t) for row in named)
    kinds, widths = ("", "", "", "", "", "money", ""), (16, 24, 20, 44, 16, 16, 90)
    return (Sheet(t("to call"), head, rows, kinds, widths),) if rows else ()


def _call(row: Mapping[str, Any], horizon: str, t: Language) -> tuple[object, ...]:
    english, channel = t.code == ENGLISH, row.get("channel")
    reached = channel if english or not channel else channel_of(channel, t)
    stage, action = (None if row.get(name) is None else t.name(row[name], 200) for name in ("stage", "action"))
    return row["customer_id"], row.get("name"), stage, action, reached, row.get("value_at_stake"), why(row, horizon, t)


def _stages(manifest: Mapping[str, Any], told: Mapping[str, Any], t: Language) -> Sheet:
    head = (
        t("Stage"), t("Phase"), t("Customers"), t("Share"), t("Value"), t("Share of value"), t("Spent so far"),
        t("Goal"), t("First action"),
    )  # fmt: skip
    rows = tuple(_stage(stage, told.get(stage["stage"]) or {}, t) for stage in manifest["stages"])
    kinds = ("", "", "count", "share", "money", "share", "money", "", "")
    return Sheet(t("stages"), head, rows, kinds, (24, 20, 12, 10, 16, 16, 16, 44, 44))


def _stage(stage: Mapping[str, Any], told: Mapping[str, Any], t: Language) -> tuple[object, ...]:
    texts = (stage["stage"], stage["phase"], told.get("goal"), ((told.get("actions") or [{}])[0]).get("action"))
    name, phase, goal, action = (None if text is None else t.name(text, 1000) for text in texts)
    return (
        name, phase, stage["customers"], stage["share"], stage["clv"], stage["clv_share"], stage["total_spend"],
        goal, action,
    )  # fmt: skip


def _summary(manifest: Mapping[str, Any], t: Language) -> Sheet:
    """What a reader of the sheet asks: as of when, how much, how sure, from which records."""
    rows, total = manifest["rows"], (manifest.get("portfolio") or {}).get("clv") or {}
    found: list[tuple[object, ...]] = [
        (t("Horizon"), manifest["horizon"] if t.code == ENGLISH else t.span(manifest["horizon"])),
        (t("Customers"), manifest["customers"]),
        (t("Leads"), manifest["leads"]),
        (t("Purchases"), manifest["purchases"]),
    ]
    if total:
        found.append((t("Predicted value"), None, total["total"]))
        found.append((t("Predicted value, low (5 %)"), None, total["low"]))
        found.append((t("Predicted value, high (95 %)"), None, total["high"]))
    at_risk = (manifest["series"]["headline"] or {}).get("at_risk")
    found += [(t("At risk now"), at_risk)] if at_risk is not None else []
    found += [(t("Records read"), rows["read"]), (t("Records used"), rows["used"])]
    for reason, number in rows["excluded"].items():
        found.append((t("Records excluded: {reason}", reason=_reason(reason, t)), number))
    for reason, number in rows["rejected"].items():
        found.append((t("Records rejected: {reason}", reason=_reason(reason, t)), number))
    found += [(t("Warning"), noticed(w["code"], warning_text(w, str), t)) for w in manifest["warnings"]]
    head = (t("As of"), _day(manifest["as_of"], t), "")
    return Sheet(t("summary"), head, tuple(found), ("", "count", "money"), (40, 24, 18), listed=False)


def _reason(code: str, t: Language) -> str:
    return code if t.code == ENGLISH or code not in REASONS else t(REASONS[code])
