"""The ten people to turn to now, with what to do and why: the first of the ranking by value at stake."""

from typing import Any

from clvcli.core.language import Language
from clvcli.core.phrases import channel_of, why
from clvcli.report.numbers import shown
from clvcli.report.page import FIRST, Block, Heading, Manifest, People, Person, Text, series

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
    more = t.many("{n} more customer", "{n} more customers", max(0, len(rows) - FIRST))
    first = t("Most value at stake first.") if any(row["value_at_stake"] for row in rows) else t("Highest value first.")
    note = f"{first} {t('Customers of a control group and those without consent are left out.')}"
    return [Heading(title), People(found, more), Text(note, "small")]


def _who(row: Any) -> str:
    return shown(f"{row['name']} ({row['customer_id']})" if row.get("name") else row["customer_id"])


def _action(row: Any, t: Language) -> str:
    action = t.name(row["action"] or "-")
    return f"{action} ({channel_of(row['channel'], t)})" if row.get("channel") else action
