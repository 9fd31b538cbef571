"""Three decisions: whom to win back, whom to grow, what to watch, with what is expected of each stage."""

from collections.abc import Mapping, Sequence
from typing import Any

from clvcli.core.language import Language, marked
from clvcli.report.page import Card, Manifest, ordered_stages, series, stage_ident

GROWING = ("grow", "retain")
"""Phases whose customers can become more; rules without them grow the stages that are neither at risk nor the best."""
MOST_NAMED = 3
AT_RISK = marked("They are falling silent; each of them has spent {mean} on average.")
COULD_GROW = marked("They buy, and could buy more: {mean} spent on average so far.")


def decisions(manifest: Manifest, t: Language) -> tuple[Card, ...]:
    """At most three; one that concerns nobody is left out."""
    facts, stages = series(manifest, "headline"), [s for s in ordered_stages(manifest) if s["customers"]]
    risk = [s for s in stages if s["stage"] in (facts.get("at_risk_stages") or [])]
    best = max(stages, key=_worth, default=None)
    growing = [s for s in stages if s["phase"] in GROWING and s not in risk]
    growing = growing or [s for s in stages if s not in risk and s is not best and s["total_spend"]]
    found = [
        _card(manifest, t, t("Win back"), risk, AT_RISK),
        _card(manifest, t, t("Grow"), growing, COULD_GROW),
        _watch(manifest, t, best),
    ]
    return tuple(card for card in found if card)


def _worth(stage: Mapping[str, Any]) -> float:
    return float(stage["clv"] if stage["clv"] is not None else stage["total_spend"])


def _card(manifest: Manifest, t: Language, label: str, stages: Sequence[Any], why: str) -> Card | None:
    if not stages:
        return None
    customers = sum(s["customers"] for s in stages)
    spent = sum(s["total_spend"] for s in stages)
    by_value = sorted(stages, key=_worth, reverse=True)
    lead = by_value[0]
    told = ((manifest.get("rules") or {}).get("stages") or {}).get(lead["stage"]) or {}
    actions = told.get("actions") or []
    details = [_detail(t, s) for s in by_value[:MOST_NAMED]]
    details += [t("First: {action}.", action=t.name(actions[0]["action"]))] if actions else []
    note = f"{_people(t, customers)}. " + t(why, mean=t.money(spent / customers))
    return Card(label, _value(t, stages), note, tuple(details), stage_ident(manifest, lead["stage"]))


def _value(t: Language, stages: Sequence[Any]) -> str:
    """What is expected, or what was spent where nothing is predicted."""
    if all(s["clv"] is None for s in stages):
        return t("{amount} spent", amount=t.money(sum(s["total_spend"] for s in stages)))
    return t("{amount} expected", amount=t.money(sum(s["clv"] or 0.0 for s in stages)))


def _people(t: Language, number: int) -> str:
    return t.many("{n} customer", "{n} customers", number)


def _detail(t: Language, stage: Any) -> str:
    return f"{t.name(stage['stage'])}: {t.listed(_people(t, stage['customers']), t.money(_worth(stage)))}"


def _watch(manifest: Manifest, t: Language, best: Any) -> Card | None:
    """The most valuable stage, and who is about to fall silent."""
    facts = series(manifest, "headline")
    if best is None:
        return None
    details = [_detail(t, best)]
    if facts.get("soon"):
        text = t.many(
            "{n} customer worth {amount} falls alarmingly silent within {days} unless they buy.",
            "{n} customers worth {amount} fall alarmingly silent within {days} unless they buy.",
            facts["soon"], amount=t.money(facts["soon_clv"]), days=t.span(f"{facts['soon_days']}d"),
        )  # fmt: skip
        details.append(text)
    whole = sum(_worth(s) for s in manifest["stages"])
    share = t.percent(_worth(best) / whole if whole else 0.0)
    buyers = sum(s["customers"] for s in manifest["stages"]) - manifest["leads"]
    note = t.many(
        "{share} of all value comes from {stage}, {people} of {n} customer.",
        "{share} of all value comes from {stage}, {people} of {n} customers.",
        buyers, share=share, stage=t.name(best["stage"]), people=t.count(best["customers"]),
    )  # fmt: skip
    return Card(t("Watch"), _value(t, [best]), note, tuple(details), stage_ident(manifest, best["stage"]))
