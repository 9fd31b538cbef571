"""The summary on the terminal: one screen at 100 columns, sensible at 60. Draws a manifest; computes nothing of it."""

import shlex
from collections.abc import Mapping
from functools import partial
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.core.errors import MOST_WARNINGS
from clvcli.core.language import marked
from clvcli.core.phrases import REASONS, warning_text
from clvcli.log.first_amount import FIRST_AMOUNT, growth, is_band
from clvcli.report.grid import AT_RISK, grid
from clvcli.report.marks import ascii_only, bar, sparkline
from clvcli.report.numbers import shown
from clvcli.report.page import argument, is_margin, ordered_stages, series, total_range
from clvcli.report.screen import Screen, more_warned, screen_of, warned

MOST_TICKS, MOST_STAGES = 48, 20
BARS, MOST_BARS, FEWEST_BARS, GAP = "", 16, 5, 2
STATUS = {
    "converged": marked("fitted"),
    "at_bound": marked("fitted at a limit"),
    "insufficient_data": marked("too little data to fit"),
}
FATES = {"excluded": marked("{n} excluded ({reasons})"), "rejected": marked("{n} rejected ({reasons})")}
RETURNS = {
    "reversed": marked("{amount} cancel a purchase"),
    "netted": marked("{amount} taken off purchases"),
    "unmatched": marked("{amount} found no purchase"),
}


def summary(manifest: Mapping[str, Any], *, typed: bool = True, every_warning: bool = False) -> Group:
    """Headline, stages, records, purchases, model, files, what to type next where the run was typed, warnings: a blank
    line between them. In the language of the run."""
    t = screen_of(manifest)
    parts: list[Any] = [_headline(manifest, t), Text(), _Stages(manifest, t), Text()]
    parts.append(_Facts(manifest, t, typed=typed))
    warnings = _warnings(manifest, t, len(manifest["warnings"]) if every_warning else MOST_WARNINGS)
    return Group(*parts, *([Text(), *warnings] if warnings else []))


def _headline(manifest: Mapping[str, Any], t: Screen) -> Text:
    who = t.many("{n} customer", "{n} customers", manifest["customers"])
    if manifest["leads"]:
        who = t("{customers} and {leads}", customers=who, leads=t.many("{n} lead", "{n} leads", manifest["leads"]))
    text = Text(who, style="bold")
    bought = t.many("{n} purchase", "{n} purchases", manifest["purchases"])
    text.append(t(", {purchases} up to {day}", purchases=bought, day=t.day(manifest["as_of"])), style="not bold")
    facts = series(manifest, "headline") or {}
    if facts.get("clv") is None:
        return text.append("\n" + _at_risk(facts, t), style="not bold") if facts.get("at_risk") is not None else text
    amount = t.money(facts["clv"])
    margin = is_margin(manifest)
    bold = t("{amount} of margin expected", amount=amount) if margin else t("{amount} of spend expected", amount=amount)
    text.append(f"\n{bold}", style="bold")
    rest = [f" {_ahead(manifest['horizon'], t)}{_between(manifest, total_range(manifest), t)}"]
    if facts["at_risk"] is not None:
        rest.append(_at_risk(facts, t))
    if facts["top_fifth"] is not None:
        rest.append(t("the best 20% hold {share}", share=t.percent(facts["top_fifth"], 0)))
    return text.append("; ".join(rest), style="not bold")


def _ahead(horizon: str, t: Screen) -> str:
    """When the predictions fall: `in the next 12 months`, `in their lifetime`."""
    endless = horizon.strip().lower() == "inf"
    return t("in their lifetime") if endless else t("in the next {span}", span=t.span(horizon))


def _between(manifest: Mapping[str, Any], low_high: tuple[float, float] | None, t: Screen) -> str:
    """The interval, what past forecasts taught, or why there is no interval."""
    portfolio = manifest.get("portfolio") or {}
    if low_high is None:
        label = portfolio.get("label", "")
        return f" ({t.name(label, 200)})" if label.startswith("no interval") else ""
    values = {"low": t.money(low_high[0]), "high": t.money(low_high[1])}
    causes = [t.name(cause) for cause in portfolio.get("excludes", [])]
    if causes:
        between = t("{low} to {high} in 9 of 10 cases, {causes} aside", **values, causes=t.both(causes))
    else:
        between = t("{low} to {high} in 9 of 10 cases", **values)
    season, learned = portfolio.get("season", 1.0) - 1, portfolio.get("learned")
    months = f"{_of_months(season, t)}; " if season else ""
    if not learned:
        return f" ({months}{between})"
    told = learned if t.english else t("corrected by earlier forecasts of this log")
    return f" ({months}{told}, {t.money(portfolio['clv']['expected'])}: {between})"


def _of_months(season: float, t: Screen) -> str:
    """What the months ahead change."""
    percent = t.percent(abs(season), 0)
    return (
        t("raised by {percent} for the months ahead", percent=percent)
        if season > 0
        else t("lowered by {percent} for the months ahead", percent=percent)
    )


def _at_risk(facts: Mapping[str, Any], t: Screen) -> str:
    """The number of customers at risk, and the stages that the rules count as such."""
    stages = ", ".join(t.name(name, 30) for name in facts["at_risk_stages"][:4])
    why = stages or t("by their silence")
    return t.many("{n} customer at risk now ({why})", "{n} customers at risk now ({why})", facts["at_risk"], why=why)


class _Stages:
    """The table of stages that have customers. Where there is no room, bars shrink and go first, phases next."""

    def __init__(self, manifest: Mapping[str, Any], t: Screen) -> None:
        self.t = t
        found = [s for s in ordered_stages(manifest) if s["customers"]]
        self.stages, self.hidden = found[:MOST_STAGES], max(0, len(found) - MOST_STAGES)
        self.at_risk = set((series(manifest, "headline") or {}).get("at_risk_stages") or ())
        self.columns = self._columns(manifest["horizon"], _before(manifest))

    def _columns(self, horizon: str, before: Mapping[str, int] | None) -> dict[str, list[str]]:
        """Heading -> cells, in order; the bars are drawn when the width is known."""
        t = self.t
        found = {
            t("Stage"): [t.name(s["stage"], 30) for s in self.stages],
            t("Phase"): [t.name(s["phase"] or "", 14 if t.english else 30) for s in self.stages],
            t("Customers"): [t.count(s["customers"]) for s in self.stages],
        }
        if before is not None:
            found[t("Change")] = [t.signed(s["customers"] - before.get(s["stage"], 0)) for s in self.stages]
        found |= {BARS: [], t("Share"): [t.percent(s["share"]) for s in self.stages]}
        if any(s["clv"] is not None for s in self.stages):
            found[t("Value {horizon}", horizon=horizon)] = [t.money(s["clv"]) for s in self.stages]
            found[t("Of value")] = [t.percent(s["clv_share"]) for s in self.stages]
        return found

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = {name: max(map(cell_len, [name, *cells])) + GAP for name, cells in self.columns.items()}
        room = options.max_width + GAP - sum(widths.values())
        bars, phase = min(MOST_BARS, room), self.t("Phase")
        left_out = {name for name, out in ((BARS, bars < FEWEST_BARS), (phase, room + GAP < 0)) if out}
        plain = ascii_only(console)
        largest = max((s["customers"] for s in self.stages), default=1)
        drawn = [bar(s["customers"] / largest, max(bars, 1), ascii_only=plain) for s in self.stages]
        columns = {n: drawn if n == BARS else cells for n, cells in self.columns.items() if n not in left_out}
        table = grid(self.t("Stage"))
        for name in list(columns)[1:]:
            words = name in (phase, BARS)
            style = {phase: "dim", BARS: "cyan"}.get(name)
            table.add_column(name, justify="left" if words else "right", no_wrap=name != phase, style=style)
        for stage, cells in zip(self.stages, zip(*columns.values(), strict=True), strict=True):
            first = Text(cells[0], style=AT_RISK if stage["stage"] in self.at_risk else "")
            table.add_row(first, *map(Text, cells[1:]))
        yield table
        if self.hidden:
            more = self.t.many(
                "and {n} more stage; the manifest has all", "and {n} more stages; the manifest has all", self.hidden
            )
            yield Text(more, style="dim")


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


def _warnings(manifest: Mapping[str, Any], t: Screen, most: int) -> list[Text]:
    warnings = manifest["warnings"]
    lines = [
        Text(warned(w["code"], warning_text(w, partial(shown, limit=400)), t), style="yellow") for w in warnings[:most]
    ]
    if len(warnings) > most:
        lines.append(Text(more_warned(len(warnings) - most, t), "yellow"))
    return lines


class _Facts:
    """Label and text, one line each where there is room."""

    def __init__(self, manifest: Mapping[str, Any], t: Screen, *, typed: bool) -> None:
        self.manifest, self.t, self.typed = manifest, t, typed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        room = max(8, min(MOST_TICKS, options.max_width - 40))
        for label, text in _facts(self.manifest, self.t, room, plain=ascii_only(console), typed=self.typed):
            table.add_row(label, Text(text))
        yield table


def _facts(manifest: Mapping[str, Any], t: Screen, room: int, *, plain: bool, typed: bool) -> list[tuple[str, str]]:
    columns = ", ".join(f"{role} = {shown(c, 60)}" for role, c in (manifest.get("columns") or {}).items())
    files = ", ".join(shown(path, 200) for path in manifest["outputs"])
    found = [
        (t("Records"), _records(manifest["rows"], t)),
        (t("Returns"), _returns(manifest.get("returns") or {}, t)),
        (t("Columns"), columns),
        (t("Source"), _source(manifest, t)),
        (t("Purchases"), _purchases(manifest, t, room, plain=plain)),
        (t("Models"), _models(manifest, t)),
        (t("Chosen"), _choice(manifest, t)),
        (t("Groups"), _groups(manifest, t)),
        (t("Since last"), _since(manifest.get("previous"), t)),
        (t("Campaign"), _campaign(manifest, t)),
        (t("Files"), files),
        (t("Next"), next_command(manifest) if typed else ""),
    ]
    return [(label, text) for label, text in found if text]


def _since(previous: Mapping[str, Any] | None, t: Screen) -> str:
    """Who moved since the earlier table."""
    if not previous:
        return ""
    changed = t.many("{n} customer changed stage", "{n} customers changed stage", previous["changed"])
    return t("{changed}, {new} new, {left} left", changed=changed, new=t.count(previous["new"]),
             left=t.count(previous["left"]))  # fmt: skip


def _source(manifest: Mapping[str, Any], t: Screen) -> str:
    """Which known export the log is."""
    found = manifest.get("source")
    lines = "\n".join(shown(line, 200) for line in found.split("\n")) if found else ""
    return t("{source}; --source none reads it as any log", source=lines) if found else ""


def _campaign(manifest: Mapping[str, Any], t: Screen) -> str:
    """Sizes of the control group and of the variants."""
    found = manifest.get("campaign")
    if not found:
        return ""
    parts = ", ".join(f"{name} {t.count(count)}" for name, count in found["variants"].items())
    everybody = found["in_control"] + found["treated"]
    text = t("{n} of {all} in the control group", n=t.count(found["in_control"]), all=t.count(everybody))
    return shown(text + (f"; {t('the others by variant: {parts}', parts=parts)}" if parts else ""), 200)


def _records(rows: Mapping[str, Any], t: Screen) -> str:
    text = t("{read} read, {used} used", read=t.count(rows["read"]), used=t.count(rows["used"]))
    for fate, message in FATES.items():
        if rows[fate]:
            reasons = ", ".join(f"{t.count(n)} {_reason(reason, t)}" for reason, n in rows[fate].items())
            text += "; " + t(message, n=t.count(sum(rows[fate].values())), reasons=reasons)
    dropped = rows["duplicates"]
    return text + (f"; {t('{n} duplicates dropped', n=t.count(dropped))}" if dropped else "")


def _reason(code: str, t: Screen) -> str:
    """The code in English, words elsewhere."""
    return code if t.english or code not in REASONS else t(REASONS[code])


def _returns(worth: Mapping[str, float], t: Screen) -> str:
    """What negative records are worth, by what became of them."""
    return "; ".join(t(text, amount=t.exact(worth[name])) for name, text in RETURNS.items() if worth.get(name))


def _purchases(manifest: Mapping[str, Any], t: Screen, room: int, *, plain: bool) -> str:
    """A sparkline of purchases over time, weeks joined until they fit."""
    weeks = series(manifest, "weekly") or []
    whole = weeks[1:] if len(weeks) > 2 and weeks[0]["days"] < weeks[1]["days"] else weeks
    if len(whole) < 4:
        return ""
    each = -(-len(whole) // room)
    kept = whole[len(whole) % each :]
    sums = [sum(w["purchases"] for w in kept[i : i + each]) for i in range(0, len(kept), each)]
    days = each * kept[-1]["days"]
    values = {"ticks": sparkline(sums, ascii_only=plain), "number": t.count(sums[-1])}
    if days == 7:
        return t("{ticks} {number} a week, lately", **values)
    return t.many("{ticks} {number} in {n} week, lately", "{ticks} {number} in {n} weeks, lately", days // 7, **values)


def _models(manifest: Mapping[str, Any], t: Screen) -> str:
    """Both models in one line: fitted or not, how they match the past."""
    told = []
    for key in ("purchase", "spend"):
        fit = manifest["models"].get(key)
        if fit:
            status = t(STATUS[fit["status"]]) if fit["status"] in STATUS else fit["status"]
            told.append(f"{shown(fit['name'])} {status}")
    weeks = [w for w in series(manifest, "weekly") or [] if w["expected"] is not None]
    actual, expected = sum(w["repeat"] for w in weeks), sum(w["expected"] for w in weeks)
    if told and actual:
        hoped = t.many("{n} repeat purchase", "{n} repeat purchases", round(expected))
        told.append(
            t.many(
                "they expect {expected} in the log, {n} was made",
                "they expect {expected} in the log, {n} were made",
                actual,
                expected=hoped,
            )
        )
    return "; ".join(told)


def _choice(manifest: Mapping[str, Any], t: Screen) -> str:
    """What --model auto took, and its margin."""
    choice = manifest["models"].get("choice")
    if not choice:
        return ""
    text = shown(choice["text"], 300)
    return text if t.english else t("{model}, by --model auto ({text})", model=shown(choice["name"]), text=text)


def _groups(manifest: Mapping[str, Any], t: Screen) -> str:
    """Which groups of --by have a model of their own."""
    by = manifest["arguments"].get("by", {}).get("value")
    own = [shown(group["group"], 30) for group in manifest["models"].get("groups") or []]
    if not by:
        return ""
    if by == FIRST_AMOUNT and all(map(is_band, own)):
        return bands_told(
            {g["group"]: g["purchase"]["params"]["alpha"] for g in manifest["models"].get("groups") or []}, t
        )
    if own:
        return t("own models for {names}; the pooled one for the rest", names=", ".join(own))
    return t("all too small: one pooled model")


def bands_told(alphas: Mapping[str, float], t: Screen) -> str:
    """What the models of the bands of first amounts say."""
    times = growth(alphas)
    if times is None:
        return t("the pooled model for all: too few customers, or a model that takes no covariate (bg-nbd takes one)")
    more = f"{times:.2f}" if t.english else t.decimal(times, 2)
    return t("one model; a first purchase twice as large goes with {times} times as many later ones", times=more)


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
