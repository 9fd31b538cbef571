"""The summary on the terminal: one screen at 100 columns, sensible at 60. Draws a manifest; computes nothing of it."""

import shlex
from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.core.errors import MOST_WARNINGS, more_warnings, warning_line
from clvcli.log.first_amount import FIRST_AMOUNT, is_band, told
from clvcli.report.grid import AT_RISK, grid
from clvcli.report.marks import ascii_only, bar, sparkline
from clvcli.report.numbers import ahead, count, day, money, percent, plural, shown
from clvcli.report.page import argument, is_margin, ordered_stages, series, total_range

MOST_TICKS, MOST_STAGES = 48, 20
BARS, MOST_BARS, FEWEST_BARS, GAP = "", 16, 5, 2
STATUS = {"converged": "fitted", "at_bound": "fitted at a limit", "insufficient_data": "too little data to fit"}


def summary(manifest: Mapping[str, Any], *, typed: bool = True, every_warning: bool = False) -> Group:
    """Headline, stages, records, purchases, model, files, what to type next where the run was typed, warnings: a blank
    line between them."""
    parts: list[Any] = [_headline(manifest), Text(), _Stages(manifest), Text(), _Facts(manifest, typed=typed)]
    warnings = _warnings(manifest, len(manifest["warnings"]) if every_warning else MOST_WARNINGS)
    return Group(*parts, *([Text(), *warnings] if warnings else []))


def _headline(manifest: Mapping[str, Any]) -> Text:
    leads = f" and {plural(manifest['leads'], 'lead')}" if manifest["leads"] else ""
    text = Text(f"{plural(manifest['customers'], 'customer')}{leads}", style="bold")
    text.append(f", {plural(manifest['purchases'], 'purchase')} up to {day(manifest['as_of'])}", style="not bold")
    facts = series(manifest, "headline") or {}
    if facts.get("clv") is None:
        return text.append("\n" + _at_risk(facts), style="not bold") if facts.get("at_risk") is not None else text
    what = "margin" if is_margin(manifest) else "spend"
    text.append(f"\n{money(facts['clv'])} of {what} expected", style="bold")
    low_high = total_range(manifest)
    rest = f" {ahead(manifest['horizon'])}{_between(manifest, low_high)}"
    if facts["at_risk"] is not None:
        rest += f"; {_at_risk(facts)}"
    top = "" if facts["top_fifth"] is None else f"; the best 20% hold {percent(facts['top_fifth'], 0)}"
    text.append(rest + top, style="not bold")
    return text


def _between(manifest: Mapping[str, Any], low_high: tuple[float, float] | None) -> str:
    """The interval, what past forecasts taught, or why there is no interval."""
    portfolio = manifest.get("portfolio") or {}
    if low_high is None:
        label = portfolio.get("label", "")
        return f" ({label})" if label.startswith("no interval") else ""
    aside = " and ".join(portfolio.get("excludes", []))
    cases = "in 9 of 10 cases" + (f", {aside} aside" if aside else "")
    between = f"{money(low_high[0])} to {money(low_high[1])} {cases}"
    learned = portfolio.get("learned")
    return f" ({learned}, {money(portfolio['clv']['expected'])}: {between})" if learned else f" ({between})"


def _at_risk(facts: Mapping[str, Any]) -> str:
    """How many, and which stages that is, where the rules say it."""
    stages = ", ".join(shown(name, 30) for name in facts["at_risk_stages"][:4])
    return f"{plural(facts['at_risk'], 'customer')} at risk now ({stages or 'by their silence'})"


class _Stages:
    """The table of stages that have customers. Where there is no room, bars shrink and go first, phases next."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        found = [s for s in ordered_stages(manifest) if s["customers"]]
        self.stages, self.hidden = found[:MOST_STAGES], max(0, len(found) - MOST_STAGES)
        self.at_risk = set((series(manifest, "headline") or {}).get("at_risk_stages") or ())
        self.columns = self._columns(manifest["horizon"], _before(manifest))

    def _columns(self, horizon: str, before: Mapping[str, int] | None) -> dict[str, list[str]]:
        """Heading -> cells, in order; the bars are drawn when the width is known."""
        found = {
            "Stage": [shown(s["stage"], 30) for s in self.stages],
            "Phase": [shown(s["phase"] or "", 14) for s in self.stages],
            "Customers": [f"{s['customers']:,}" for s in self.stages],
        }
        if before is not None:
            found["Change"] = [f"{s['customers'] - before.get(s['stage'], 0):+,}" for s in self.stages]
        found |= {BARS: [], "Share": [percent(s["share"]) for s in self.stages]}
        if any(s["clv"] is not None for s in self.stages):
            found[f"Value {horizon}"] = [money(s["clv"]) for s in self.stages]
            found["Of value"] = [percent(s["clv_share"]) for s in self.stages]
        return found

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = {name: max(map(cell_len, [name, *cells])) + GAP for name, cells in self.columns.items()}
        room = options.max_width + GAP - sum(widths.values())
        bars = min(MOST_BARS, room)
        left_out = {name for name, out in ((BARS, bars < FEWEST_BARS), ("Phase", room + GAP < 0)) if out}
        plain = ascii_only(console)
        largest = max((s["share"] for s in self.stages), default=0.0) or 1.0
        drawn = [bar(s["share"] / largest, max(bars, 1), ascii_only=plain) for s in self.stages]
        columns = {n: drawn if n == BARS else cells for n, cells in self.columns.items() if n not in left_out}
        table = grid("Stage")
        for name in list(columns)[1:]:
            words = name in ("Phase", BARS)
            style = {"Phase": "dim", BARS: "cyan"}.get(name)
            table.add_column(name, justify="left" if words else "right", no_wrap=name != "Phase", style=style)
        for stage, cells in zip(self.stages, zip(*columns.values(), strict=True), strict=True):
            first = Text(cells[0], style=AT_RISK if stage["stage"] in self.at_risk else "")
            table.add_row(first, *map(Text, cells[1:]))
        yield table
        if self.hidden:
            yield Text(f"and {plural(self.hidden, 'more stage')}; the manifest has all", style="dim")


def _before(manifest: Mapping[str, Any]) -> dict[str, int] | None:
    """Customers of each stage in the earlier run; None without one."""
    moved = series(manifest, "transitions")
    if moved is None:
        return None
    found: dict[str, int] = {}
    for move in moved["moves"]:
        if move["from"] is not None:
            found[move["from"]] = found.get(move["from"], 0) + move["customers"]
    return found


def _warnings(manifest: Mapping[str, Any], most: int) -> list[Text]:
    warnings = manifest["warnings"]
    lines = [Text(warning_line(w["code"], shown(w["message"], 400)), style="yellow") for w in warnings[:most]]
    if len(warnings) > most:
        lines.append(Text(more_warnings(len(warnings) - most), "yellow"))
    return lines


class _Facts:
    """Label and text, one line each where there is room."""

    def __init__(self, manifest: Mapping[str, Any], *, typed: bool) -> None:
        self.manifest, self.typed = manifest, typed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        room = max(8, min(MOST_TICKS, options.max_width - 40))
        for label, text in _facts(self.manifest, room, plain=ascii_only(console), typed=self.typed):
            table.add_row(label, Text(text))
        yield table


def _facts(manifest: Mapping[str, Any], room: int, *, plain: bool, typed: bool) -> list[tuple[str, str]]:
    columns = ", ".join(f"{role} = {shown(c, 60)}" for role, c in (manifest.get("columns") or {}).items())
    files = ", ".join(shown(path, 200) for path in manifest["outputs"])
    previous = manifest.get("previous")
    since = (
        f"{plural(previous['changed'], 'customer')} changed stage, {previous['new']:,} new, {previous['left']:,} left"
        if previous
        else ""
    )
    found = [
        ("Records", _records(manifest["rows"])),
        *_returns(manifest.get("returns") or {}),
        ("Columns", columns),
        ("Source", _source(manifest)),
        ("Purchases", _purchases(manifest, room, plain=plain)),
        ("Models", _models(manifest)),
        ("Chosen", _choice(manifest)),
        ("Groups", _groups(manifest)),
        ("Since last", since),
        ("Campaign", _campaign(manifest)),
        ("Files", files),
        ("Next", next_command(manifest) if typed else ""),
    ]
    return [(label, text) for label, text in found if text]


def _source(manifest: Mapping[str, Any]) -> str:
    """Which known export the log is."""
    found = manifest.get("source")
    return f"{shown(found, 120)}; --source none reads it as any log" if found else ""


def _campaign(manifest: Mapping[str, Any]) -> str:
    """Sizes of the control group and of the variants."""
    found = manifest.get("campaign")
    if not found:
        return ""
    parts = [f"{name} {count:,}" for name, count in found["variants"].items()]
    text = f"{found['in_control']:,} of {found['in_control'] + found['treated']:,} in the control group"
    return shown(text + (f"; the others by variant: {', '.join(parts)}" if parts else ""), 200)


def _records(rows: Mapping[str, Any]) -> str:
    text = f"{rows['read']:,} read, {rows['used']:,} used"
    for word in ("excluded", "rejected"):
        if rows[word]:
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in rows[word].items())
            text += f"; {sum(rows[word].values()):,} {word} ({reasons})"
    return text + (f"; {rows['duplicates']:,} duplicates dropped" if rows["duplicates"] else "")


def _returns(worth: Mapping[str, float]) -> list[tuple[str, str]]:
    """What negative records are worth, by what became of them."""
    words = {"reversed": "cancel a purchase", "netted": "taken off purchases", "unmatched": "found no purchase"}
    told = [f"{worth[name]:,.2f} {text}" for name, text in words.items() if worth.get(name)]
    return [("Returns", "; ".join(told))] if told else []


def _purchases(manifest: Mapping[str, Any], room: int, *, plain: bool) -> str:
    """A sparkline of purchases over time, weeks joined until they fit."""
    weeks = series(manifest, "weekly") or []
    whole = weeks[1:] if len(weeks) > 2 and weeks[0]["days"] < weeks[1]["days"] else weeks
    if len(whole) < 4:
        return ""
    each = -(-len(whole) // room)
    kept = whole[len(whole) % each :]
    sums = [sum(w["purchases"] for w in kept[i : i + each]) for i in range(0, len(kept), each)]
    days = each * kept[-1]["days"]
    per = "a week" if days == 7 else f"in {days // 7} weeks"
    return f"{sparkline(sums, ascii_only=plain)} {sums[-1]:,} {per}, lately"


def _models(manifest: Mapping[str, Any]) -> str:
    """Both models in one line: fitted or not, how they match the past."""
    told = []
    for key in ("purchase", "spend"):
        fit = manifest["models"].get(key)
        if fit:
            told.append(f"{shown(fit['name'])} {STATUS.get(fit['status'], fit['status'])}")
    weeks = [w for w in series(manifest, "weekly") or [] if w["expected"] is not None]
    actual, expected = sum(w["repeat"] for w in weeks), sum(w["expected"] for w in weeks)
    if told and actual:
        told.append(f"they expect {count(round(expected))} repeat purchases in the log, {count(actual)} were made")
    return "; ".join(told)


def _choice(manifest: Mapping[str, Any]) -> str:
    """What --model auto took, and its margin."""
    choice = manifest["models"].get("choice")
    return shown(choice["text"], 300) if choice else ""


def _groups(manifest: Mapping[str, Any]) -> str:
    """Which groups of --by have a model of their own."""
    by = manifest["arguments"].get("by", {}).get("value")
    own = [shown(group["group"], 30) for group in manifest["models"].get("groups") or []]
    if not by:
        return ""
    if by == FIRST_AMOUNT and all(map(is_band, own)):
        return told({g["group"]: g["purchase"]["params"]["alpha"] for g in manifest["models"].get("groups") or []})
    return f"own models for {', '.join(own)}; the pooled one for the rest" if own else "all too small: one pooled model"


def next_command(manifest: Mapping[str, Any]) -> str:
    """What to type next: the page, then the test of the model, then the plan."""
    data = " ".join(shlex.quote(shown(d, 200)) for d in (argument(manifest, "data") or ["DATA"])[:3])
    table = argument(manifest, "output") or next(iter(manifest["outputs"]), None)
    if table in (None, "-"):
        return f"clv score {data} -o scored.csv --report report.html"
    fit = manifest["models"].get("purchase")
    if fit and fit["status"] == "insufficient_data":
        return f"clv check {data}"
    if not argument(manifest, "report"):
        return f"clv report {shlex.quote(shown(table, 200))} -o report.html"
    if fit and not argument(manifest, "backtest"):
        return f"clv backtest {data} -o backtest.json"
    return f"clv plan {shlex.quote(shown(table, 200))}"
