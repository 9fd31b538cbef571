"""The page of `clv check`. Draws what it is handed; computes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.core.errors import MOST_WARNINGS
from clvcli.core.language import marked
from clvcli.core.phrases import REASONS, warning_text
from clvcli.core.printable import printable
from clvcli.report.grid import grid
from clvcli.report.screen import Screen, more_warned, warned

ENGLISH = Screen()

COUNTS = (
    "first_day", "last_day", "days", "customers", "purchases", "repeat_customers", "repeat_rate", "frequent_customers",
    "zero_amounts", "identical_lines",
)  # fmt: skip


def check_page(found: Mapping[str, Any], t: Screen = ENGLISH, *, every_warning: bool = False) -> Group:
    """Verdict, files, columns, spans, records, problems with examples, warnings."""
    parts: list[Any] = [_verdict(found, t), Text(""), _facts(found, t)]
    if found["statuses"]:
        parts += [Text(""), _statuses(found, t)]
    if found["examples"]:
        parts += [Text(""), _problems(found, t)]
    warnings = found["warnings"]
    most = len(warnings) if every_warning else MOST_WARNINGS
    if warnings:
        parts.append(Text(""))
    parts += [Text(warned(w["code"], warning_text(w, clean), t), style="yellow") for w in warnings[:most]]
    if len(warnings) > most:
        parts.append(Text(more_warned(len(warnings) - most, t), style="yellow"))
    return Group(*parts)


def check_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same as rows of `fact` and `value`."""
    rows = [("usable", found["usable"]), ("enough", found["enough"])]
    rows += [("reason", reason) for reason in found["reasons"]]
    rows += [("file", item["path"]) for item in found["inputs"]]
    rows += [(f"column {role['role']}", role["column"]) for role in found["roles"]]
    for key in ("read", "used", "duplicates"):
        rows.append((f"records {key}", found["rows"][key]))
    for fate in ("excluded", "rejected"):
        rows += [(f"{fate} {reason}", n) for reason, n in found["rows"][fate].items()]
    rows += [(key.replace("_", " "), found[key]) for key in COUNTS]
    rows += [(f"warning {w['code']}", w["message"]) for w in found["warnings"]]
    return [{"fact": fact, "value": value} for fact, value in rows]


def clean(text: object) -> str:
    """Text from data without control characters, escapes and bidirectional marks."""
    return printable(str(text))


def _verdict(found: Mapping[str, Any], t: Screen) -> Text:
    if not found["usable"]:
        text = Text(t("Not usable as it is"), style="bold red")
    elif found["enough"]:
        return Text(t("Usable, and enough to fit the models"), style="bold green")
    else:
        told = t("Usable, but too little for steady forecasts; stages and scores come out all the same")
        text = Text(told, style="bold yellow")
    for reason in found["reasons"]:
        text.append(f"\n  - {clean(t.told(reason))}", style="not bold default")
    return text


def _facts(found: Mapping[str, Any], t: Screen) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for item in found["inputs"][:5]:
        table.add_row(t("File"), Text(clean(file_layout(item, t))))
    if len(found["inputs"]) > 5:
        more = t.many("and {n} more file", "and {n} more files", len(found["inputs"]) - 5)
        table.add_row("", Text(more))
    for role in found["roles"]:
        told = t.clauses(t.told(role["how"]), t.told(role["proof"])) if role["proof"] else t.told(role["how"])
        name = role["role"].capitalize().replace("_", " ") if t.english else t(ROLES[role["role"]])
        table.add_row(name, Text(clean(f"{role['column']} ({told})")))
    if found.get("source"):
        lines = "\n".join(clean(line) for line in found["source"].split("\n"))
        table.add_row(t("Source"), Text(t("{source}; --source none reads it as any log", source=lines)))
    table.add_row(t("Records"), Text(_records(found["rows"], t)))
    if found["first_day"]:
        first, last = (date.fromisoformat(found[key]) for key in ("first_day", "last_day"))
        days = t.many("{n} day", "{n} days", found["days"])
        table.add_row(t("Span"), Text(t("{first} to {last} ({days})", first=t.iso(first), last=t.iso(last), days=days)))
        bought = t(
            "{n}, {rate} bought again, {often} three times or more",
            n=t.count(found["customers"]), rate=t.percent(found["repeat_rate"], 0),
            often=t.count(found["frequent_customers"]),
        )  # fmt: skip
        table.add_row(t("Customers"), Text(bought))
        told = t("{n} (customer and day)", n=t.count(found["purchases"]))
        if found["zero_amounts"]:
            zeros = t.many("{n} record of amount 0", "{n} records of amount 0", found["zero_amounts"])
            told = t.listed(told, zeros)
        table.add_row(t("Purchases"), Text(told))
    return table


ROLES = {
    "customer": marked("Customer"), "date": marked("Date"), "amount": marked("Amount"), "order_id": marked("Order"),
    "line_id": marked("Line"), "currency": marked("Currency"),
}  # fmt: skip
"""What a column is read as."""
KINDS = {
    "csv": "CSV", "json": "JSON", "sqlite": "SQLite", "duckdb": "DuckDB", "postgresql": "PostgreSQL",
    "connectorx": marked("database"), "frame": marked("data frame"),
}  # fmt: skip
"""How formats of inputs are written where that is not their name."""


def file_layout(item: Mapping[str, Any], t: Screen = ENGLISH) -> str:
    """How a file is laid out, in one line: what was told from its content."""
    words = [t.told(KINDS.get(item["format"], str(item["format"]).capitalize()))]
    words += [str(item[key]) for key in ("compression", "encoding", "line_ends") if item.get(key)]
    if item.get("separator"):
        words.append(t("separated by {separator}", separator=t.told(str(item["separator"]))))
    if n := item.get("preamble_lines"):
        words.append(t.many("{n} line before the header", "{n} lines before the header", n))
    if n := item.get("footer_lines"):
        words.append(t.many("{n} line of footer", "{n} lines of footer", n))
    if item.get("separator") and item.get("quote") != '"':
        words.append(t("quoted by {quote}", quote=str(item["quote"])) if item.get("quote") else t("no quotes"))
    if item.get("header") is False:
        words.append(t("no header"))
    size = t.many("{n} byte", "{n} bytes", item["bytes"])
    return f"{item['path']}: {t.clauses(t.listed(*words), size)}"


def _records(rows: Mapping[str, Any], t: Screen) -> str:
    read, used = t.count(rows["read"]), t.count(rows["used"])
    parts = [t("{read} read, {used} used", read=read, used=used)]
    fates = {"excluded": marked("{n} excluded ({reasons})"), "rejected": marked("{n} rejected ({reasons})")}
    for fate, told in fates.items():
        if rows[fate]:
            reasons = t.listed(*(f"{t.count(n)} {_reason(reason, t)}" for reason, n in rows[fate].items()))
            parts.append(t(told, n=t.count(sum(rows[fate].values())), reasons=reasons))
    if rows["duplicates"]:
        parts.append(t.many("{n} duplicate dropped", "{n} duplicates dropped", rows["duplicates"]))
    return t.clauses(*parts)


def _reason(reason: str, t: Screen) -> str:
    """A reason by the code that the rejects bear; in other languages what it means."""
    return reason if t.english or reason not in REASONS else t(REASONS[reason])


def _statuses(found: Mapping[str, Any], t: Screen) -> Table:
    """What columns say of whether money came."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    for name, justify in ((t("Status"), "left"), (t("Value"), "left"), (t("Records"), "right"), (t("Money"), "right")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    table.add_column(t("Says"))
    last = None
    for item in found["statuses"]:
        column = item["column"] if item["column"] != last else ""
        last = item["column"]
        table.add_row(
            Text(clean(column)),
            Text(clean(item["value"])),
            t.count(item["records"]),
            t.exact(item["money"]),
            t.told(item["says"]),
        )
    return table


def _problems(found: Mapping[str, Any], t: Screen) -> Table:
    table = grid(t("Problem"), t("Records"), left=(t("First of them"),))
    counts = {**found["rows"]["rejected"], **found["rows"]["excluded"], "duplicate": found["rows"]["duplicates"]}
    fates = {"rejected": marked("rejected: {reason}"), "excluded": marked("excluded: {reason}")}
    last = None
    for item in found["examples"]:
        new = item["reason"] != last
        last = item["reason"]
        label = t("duplicate")
        if item["fate"] in fates:
            label = t(fates[item["fate"]], reason=_reason(item["reason"], t))
        shown = t("(empty)") if item["value"] is None else repr(item["value"])
        value = f"{item['column']} = {shown}" if item["column"] else t.told(item["value"])
        count = t.count(counts.get(item["reason"], 0)) if new else ""
        where = f"{item['file'].rsplit('/', 1)[-1]}:{item['line']}"
        table.add_row(Text(label if new else ""), Text(count), Text(clean(f"{where}  {value[:80]}")))
    return table
