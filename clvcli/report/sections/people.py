"""The ten people to turn to now, with what to do and why."""

from typing import Any

from clvcli.core.language import Language
from clvcli.report.numbers import shown
from clvcli.report.page import Block, Heading, Manifest, People, Person, Text, series

MOST = 10


def people(manifest: Manifest, t: Language) -> list[Block]:
    """Heading, list and who was left out; a word where there is nobody."""
    rows = listed(manifest)[:MOST]
    title = t.many("The customer to turn to now", "The {n} customers to turn to now", len(rows))
    if not rows:
        text = t("Nobody's silence has just become alarming, and nobody is in a stage at risk.")
        return [Heading(t("Whom to turn to now")), Text(text)]
    found = tuple(Person(shown(_who(row)), t.name(row["stage"]), _action(row, t), _why(row, t)) for row in rows)
    note = t("Customers of a control group are left out. The scored table has everybody.")
    return [Heading(title), People(found), Text(note, "small")]


def listed(manifest: Manifest) -> list[Any]:
    """The rows of the ranking: the one place that knows where the manifest keeps it."""
    found = series(manifest, "contacts") or {}
    return list(found.get("first") or [])


def _who(row: Any) -> str:
    return str(row.get("name") or row["customer_id"])


def _action(row: Any, t: Language) -> str:
    action = t.name(row["action"] or "")
    return f"{action} ({t('variant {name}', name=shown(row['variant']))})" if row.get("variant") else action


def _why(row: Any, t: Language) -> str:
    """One plain sentence of figures."""
    bought = t.many("{n} purchase", "{n} purchases", row["purchases"])
    days = t.span(f"{row['days_since_last_purchase']}d")
    text = t("{bought} for {spent}, silent for {days}", bought=bought, spent=t.money(row["total_spend"]), days=days)
    if row["clv"] is None:
        return f"{text}."
    amount, chance = t.money(row["clv"]), row["p_purchase"]
    if chance is None:
        return f"{text}; {t('{amount} expected', amount=amount)}."
    return f"{text}; {t('{amount} expected, chance to buy {chance}', amount=amount, chance=t.percent(chance))}."
