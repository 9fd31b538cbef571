"""Whom to contact this week: by an alarming silence where there is one, else by the stages that are at risk."""

from typing import Any

from clvcli.report.numbers import ahead, day, estimate, percent, plural, shown
from clvcli.report.page import Block, Heading, Manifest, Table, Text, argument, series, value_word

TITLE = "Contact this week"


def contacts(manifest: Manifest, facts: Any) -> list[Block]:
    """The most valuable of them, with what to do and how sure it is. `facts`: the series `headline`."""
    listed = series(manifest, "contacts")
    if not listed or not listed["first"]:
        text = "No silence has just become alarming, and nobody is in a stage at risk. Go by the stages below."
        return [Heading(TITLE), Text(text)]
    rows = listed["first"]
    one = len(rows) == 1
    table = _table(manifest, listed, valued=facts["clv"] is not None)
    text = f"{_why(listed, facts)} {'This is the' if one else f'The {len(rows)}'} most valuable{'' if one else ' are'}:"
    return [Heading(TITLE), Text(text), table, Text(_note(manifest, listed, valued=facts["clv"] is not None))]


def below(manifest: Manifest, what: str = "they still buy") -> str:
    """What `--alert` means in words."""
    return f"the chance that {what} is below {percent(float(argument(manifest, 'alert') or 0.5), 0)}"


def _why(listed: Any, facts: Any) -> str:
    people = plural(listed["customers"], "customer")
    if listed["by"] == "silence":
        return (
            f"The silence of {people} became alarming in the last {listed['back_days']} days or will within "
            f"{listed['ahead_days']} days."
        )
    names = ", ".join(shown(name, 40) for name in facts["at_risk_stages"])
    return f"Nobody's silence has just become alarming. At risk by their stage ({names}) are {people} to contact."


def _table(manifest: Manifest, listed: Any, *, valued: bool) -> Table:
    columns = [("Customer", _customer), ("Stage", _stage), ("What to do", _action), ("Last purchase", _last)]
    if listed["by"] == "silence":
        columns.append(("Silence alarming", lambda row: _since(row, manifest["as_of"])))
    if valued:
        columns += [
            ("Chance to buy", lambda row: percent(row["p_purchase"], 0)),
            (f"Expected {value_word(manifest)}", lambda row: estimate(row["clv"])),
            ("Range", _range),
        ]
    else:
        columns.append(("Spent so far", lambda row: estimate(row["total_spend"])))
    rows = tuple(tuple(cell(row) for _, cell in columns) for row in listed["first"])
    caption = f"The {len(rows)} most valuable of {listed['customers']:,} customers to contact"
    return Table(caption, tuple(name for name, _ in columns), rows, frozenset({0, 1, 2}), stack=True)


def _customer(row: Any) -> str:
    return shown(row["customer_id"])


def _stage(row: Any) -> str:
    return shown(row["stage"])


def _action(row: Any) -> str:
    return shown(row["action"]) + (f" (variant {shown(row['variant'])})" if row["variant"] else "")


def _last(row: Any) -> str:
    days = row["days_since_last_purchase"]
    return f"{plural(days, 'day')} ago" if days else "today"


def _since(row: Any, as_of: str) -> str:
    return f"{'since' if row['alert_date'] <= as_of else 'from'} {day(row['alert_date'])}"


def _range(row: Any) -> str:
    return "-" if row["clv_low"] is None else f"{estimate(row['clv_low'])} to {estimate(row['clv_high'])}"


def _note(manifest: Manifest, listed: Any, *, valued: bool) -> str:
    text, word = "", value_word(manifest)
    if valued:
        text = (
            f"Chance to buy, expected {word} and its range (9 of 10 cases) are for what comes "
            f"{ahead(manifest['horizon'])}. "
        )
    if listed["by"] == "silence":
        text += f"Silence is alarming from the day on which {below(manifest, 'the customer still buys')}. "
    order = "alert_date and clv" if listed["by"] == "silence" else ("clv" if valued else "total_spend")
    return text + f"Customers of a control group are left out. The scored table has everybody: sort it by {order}."
