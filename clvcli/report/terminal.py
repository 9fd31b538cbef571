"""The summary on the terminal: one screen at 100 columns, sensible at 60. Draws a manifest; computes nothing of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

NARROW = 80
EIGHTHS = " ▏▎▍▌▋▊▉█"
TICKS = "▁▂▃▄▅▆▇█"


def summary(manifest: Mapping[str, Any]) -> Group:
    """Headline, stages, records, model, warnings, files, what to type next."""
    parts: list[Any] = [_headline(manifest), _Stages(manifest["stages"], manifest["horizon"])]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, text in _facts(manifest):
        facts.add_row(label, Text(text))
    parts.append(facts)
    parts += [Text(f"warning: {w['message']} [{w['code']}]", style="yellow") for w in manifest["warnings"]]
    return Group(*parts)


def _headline(manifest: Mapping[str, Any]) -> Text:
    leads = f" and {manifest['leads']:,} leads" if manifest["leads"] else ""
    text = Text(f"{manifest['customers']:,} customers{leads}", style="bold")
    text.append(f", {manifest['purchases']:,} purchases, as of {manifest['as_of']}", style="none")
    return text


class _Stages:
    """The table of stages; bars and shares of value go where there is no room for them."""

    def __init__(self, stages: Sequence[Mapping[str, Any]], horizon: str) -> None:
        self.stages, self.horizon = stages, horizon

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        valued = any(s["clv"] is not None for s in self.stages)
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
        table.add_column("Stage", no_wrap=True, overflow="ellipsis")
        if wide:
            table.add_column("Phase", no_wrap=True, style="dim")
        table.add_column("Customers", justify="right", no_wrap=True)
        if wide:
            table.add_column("", no_wrap=True, style="cyan")
        table.add_column("Share", justify="right", no_wrap=True)
        if valued:
            table.add_column(f"Value {self.horizon}", justify="right", no_wrap=True)
            table.add_column("Share", justify="right", no_wrap=True)
        largest = max((s["share"] for s in self.stages), default=0.0) or 1.0
        ascii_only = not console.encoding.lower().startswith("utf")
        for s in self.stages:
            cells = [Text(str(s["stage"]))]
            cells += [Text(str(s["phase"] or ""))] if wide else []
            cells.append(Text(f"{s['customers']:,}"))
            cells += [Text(bar(s["share"] / largest, 16, ascii_only=ascii_only))] if wide else []
            cells.append(Text(percent(s["share"])))
            if valued:
                cells += [Text(money(s["clv"])), Text(percent(s["clv_share"]))]
            table.add_row(*cells)
        yield table


def _facts(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = manifest["rows"]
    records = f"{rows['read']:,} read, {rows['used']:,} used"
    for word in ("excluded", "rejected"):
        if rows[word]:
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in rows[word].items())
            records += f"; {sum(rows[word].values()):,} {word} ({reasons})"
    if rows["duplicates"]:
        records += f"; {rows['duplicates']:,} duplicates dropped"
    facts = [("Records", records)]
    if manifest.get("columns"):
        facts.append(("Columns", ", ".join(f"{role} = {column}" for role, column in manifest["columns"].items())))
    values = [s["clv"] for s in manifest["stages"] if s["clv"] is not None]
    if values:
        facts.append(("Value", f"{money(sum(values))} expected in {manifest['horizon']}"))
    facts += [(kind, text) for kind, text in _models(manifest["models"]) if text]
    if manifest["outputs"]:
        facts.append(("Files", ", ".join(manifest["outputs"])))
    if manifest.get("next"):
        facts.append(("Next", manifest["next"]))
    return facts


def _models(models: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for label, key in (("Purchases", "purchase"), ("Spend", "spend")):
        fit = models.get(key)
        if not fit:
            continue
        params = " ".join(f"{p} {v:.4g}" for p, v in fit["params"].items())
        unit = f" (time in {fit['time_unit']}s)" if key == "purchase" else f" ({fit['basis']} purchases)"
        found.append((label, f"{fit['name']} {params}{unit}, {fit['status']}".replace("  ", " ")))
    return found


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """A bar of `width` cells at share 1, in eighths of a cell."""
    if ascii_only:
        return "#" * round(share * width)
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")


def sparkline(values: Sequence[float]) -> str:
    """Values as a line of ticks from 0 to the largest."""
    top = max(values, default=0.0)
    return "".join(TICKS[min(7, int(v / top * 8))] if top > 0 else TICKS[0] for v in values)


def percent(share: float | None) -> str:
    """A share as a percentage with one digit after the point."""
    return "-" if share is None else f"{share * 100:.1f}%"


def money(amount: float | None) -> str:
    """An amount without decimals from 1,000 on."""
    if amount is None:
        return "-"
    return f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:,.2f}"
