"""The ten people to turn to now, with what to do and why: the first of the ranking by value at stake."""

from typing import Any

from clvcli.core.language import Language
from clvcli.report.numbers import shown
from clvcli.report.page import Block, Heading, Manifest, People, Person, Text, series
from clvcli.report.sections.stages import channel_of

MOST = 10


def people(manifest: Manifest, t: Language) -> list[Block]:
    """Heading, list and who was left out; a word where there is nobody."""
    rows = (series(manifest, "top") or [])[:MOST]
    if not rows:
        text = t("There is nobody to turn to: no stage has an action for a customer who may be contacted.")
        return [Heading(t("Whom to turn to now")), Text(text)]
    title = t.many("The customer to turn to now", "The {n} customers to turn to now", len(rows))
    found = tuple(
        Person(_who(row), t.name(row["stage"]), _action(row, t), why(row, manifest["horizon"], t)) for row in rows
    )
    note = t("Most value at stake first. Customers of a control group and those without consent are left out.")
    return [Heading(title), People(found), Text(note, "small")]


def _who(row: Any) -> str:
    return shown(f"{row['name']} ({row['customer_id']})" if row.get("name") else row["customer_id"])


def _action(row: Any, t: Language) -> str:
    action = t.name(row["action"] or "-")
    return f"{action} ({channel_of(row['channel'], t)})" if row.get("channel") else action


def why(row: Any, horizon: str | None, t: Language) -> str:
    """One plain sentence of figures, in the order of the ranking's own."""
    if row["days_since_last_purchase"] is None:
        return ""
    gap, silent = row["avg_days_between_purchases"], t.span(f"{row['days_since_last_purchase']}d")
    if gap is None:
        text = t("bought once, silent for {days}", days=silent)
    else:
        text = t("buys every {gap}, silent for {days}", gap=t.span(f"{max(1, round(gap))}d"), days=silent)
    text += f"; {t('{amount} spent', amount=t.money(row['total_spend']))}"
    if row["clv"] is None or row["clv_if_kept"] is None or horizon is None:
        return text
    kept = {"kept": t.money(row["clv_if_kept"]), "now": t.money(row["clv"]), "span": t.span(horizon)}
    return f"{text}; {t('{kept} expected in {span} if kept, {now} as it stands', **kept)}"
