"""The page of `clv check`. Draws what it is handed; computes nothing."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.core.errors import MOST_WARNINGS, more_warnings, warning_line
from clvcli.core.printable import printable
from clvcli.report.grid import grid

COUNTS = (
    "first_day", "last_day", "days", "customers", "purchases", "repeat_customers", "repeat_rate", "frequent_customers",
    "zero_amounts", "identical_lines",
)  # fmt: skip


def check_page(found: Mapping[str, Any], *, every_warning: bool = False) -> Group:
    """Verdict, files, columns, spans, records, problems with examples, warnings."""
    parts: list[Any] = [_verdict(found), Text(""), _facts(found)]
    if found["statuses"]:
        parts += [Text(""), _statuses(found)]
    if found["examples"]:
        parts += [Text(""), _problems(found)]
    warnings = found["warnings"]
    most = len(warnings) if every_warning else MOST_WARNINGS
    if warnings:
        parts.append(Text(""))
    parts += [Text(clean(warning_line(w["code"], w["message"])), style="yellow") for w in warnings[:most]]
    if len(warnings) > most:
        parts.append(Text(more_warnings(len(warnings) - most), style="yellow"))
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


def counted(count: int, noun: str) -> str:
    """`1 line`, `1,200 lines`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def clean(text: object) -> str:
    """Text from data without control characters, escapes and bidirectional marks."""
    return printable(str(text))


def _verdict(found: Mapping[str, Any]) -> Text:
    if not found["usable"]:
        text = Text("Not usable as it is", style="bold red")
    elif found["enough"]:
        return Text("Usable, and enough to fit the models", style="bold green")
    else:
        text = Text(
            "Usable, but too little for steady forecasts; stages and scores come out all the same", style="bold yellow"
        )
    for reason in found["reasons"]:
        text.append(f"\n  - {clean(reason)}", style="not bold default")
    return text


def _facts(found: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for item in found["inputs"][:5]:
        table.add_row("File", Text(clean(file_layout(item))))
    if len(found["inputs"]) > 5:
        table.add_row("", Text(f"and {len(found['inputs']) - 5} more files"))
    for role in found["roles"]:
        proof = f"; {role['proof']}" if role["proof"] else ""
        table.add_row(
            role["role"].capitalize().replace("_", " "), Text(clean(f"{role['column']} ({role['how']}{proof})"))
        )
    if found.get("source"):
        table.add_row("Source", Text(clean(f"{found['source']}; --source none reads it as any log")))
    table.add_row("Records", Text(_records(found["rows"])))
    if found["first_day"]:
        table.add_row("Span", Text(f"{found['first_day']} to {found['last_day']} ({found['days']:,} days)"))
        rate = f"{found['repeat_rate']:.0%}" if found["repeat_rate"] is not None else "-"
        bought = f"{found['customers']:,}, {rate} bought again, {found['frequent_customers']:,} three times or more"
        table.add_row("Customers", Text(bought))
        zeros = f", {counted(found['zero_amounts'], 'record')} of amount 0" if found["zero_amounts"] else ""
        table.add_row("Purchases", Text(f"{found['purchases']:,} (customer and day){zeros}"))
    return table


KINDS = {
    "csv": "CSV", "json": "JSON", "sqlite": "SQLite", "duckdb": "DuckDB", "postgresql": "PostgreSQL",
    "connectorx": "database", "frame": "data frame",
}  # fmt: skip
"""How formats of inputs are written where that is not their name."""


def file_layout(item: Mapping[str, Any]) -> str:
    """How a file is laid out, in one line: what was told from its content."""
    words = [KINDS.get(item["format"], str(item["format"]).capitalize())]
    words += [str(item[key]) for key in ("compression", "encoding", "line_ends") if item.get(key)]
    if item.get("separator"):
        words.append(f"separated by {item['separator']}")
    if item.get("preamble_lines"):
        words.append(f"{counted(item['preamble_lines'], 'line')} before the header")
    if item.get("footer_lines"):
        words.append(f"{counted(item['footer_lines'], 'line')} of footer")
    if item.get("separator") and item.get("quote") != '"':
        words.append(f"quoted by {item['quote']}" if item.get("quote") else "no quotes")
    if item.get("header") is False:
        words.append("no header")
    return f"{item['path']}: {', '.join(words)}; {item['bytes']:,} bytes"


def _records(rows: Mapping[str, Any]) -> str:
    text = f"{rows['read']:,} read, {rows['used']:,} used"
    for word in ("excluded", "rejected"):
        if rows[word]:
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in rows[word].items())
            text += f"; {sum(rows[word].values()):,} {word} ({reasons})"
    return text + (f"; {rows['duplicates']:,} duplicates dropped" if rows["duplicates"] else "")


def _statuses(found: Mapping[str, Any]) -> Table:
    """What columns say of whether money came."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    for name in ("Status", "Value", "Records", "Money", "Says"):
        table.add_column(name, justify="right" if name in ("Records", "Money") else "left")
    last = None
    for item in found["statuses"]:
        column = item["column"] if item["column"] != last else ""
        last = item["column"]
        table.add_row(
            Text(clean(column)),
            Text(clean(item["value"])),
            f"{item['records']:,}",
            f"{item['money']:,.2f}",
            item["says"],
        )
    return table


def _problems(found: Mapping[str, Any]) -> Table:
    table = grid("Problem", "Records", left=("First of them",))
    counts = {**found["rows"]["rejected"], **found["rows"]["excluded"], "duplicate": found["rows"]["duplicates"]}
    last = None
    for item in found["examples"]:
        new = item["reason"] != last
        last = item["reason"]
        label = f"{item['fate']}: {item['reason']}" if item["fate"] != "duplicate" else "duplicate"
        shown = "(empty)" if item["value"] is None else repr(item["value"])
        value = f"{item['column']} = {shown}" if item["column"] else str(item["value"])
        count = f"{counts.get(item['reason'], 0):,}" if new else ""
        where = f"{item['file'].rsplit('/', 1)[-1]}:{item['line']}"
        table.add_row(Text(label if new else ""), Text(count), Text(clean(f"{where}  {value[:80]}")))
    return table
