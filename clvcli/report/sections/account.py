"""The small print: every record accounted for, the warnings, the models, the run."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from clvcli.core.language import Language, marked
from clvcli.core.phrases import REASONS, noticed, warning_text
from clvcli.log.first_amount import is_band
from clvcli.report.numbers import shown
from clvcli.report.page import Block, Heading, Manifest, Missing, Points, Section, Table, Text

FATES = {"excluded": marked("excluded"), "rejected": marked("rejected")}
ASSUMES = {
    "bg-nbd": marked("Customers buy at random at a rate of their own and may leave for good after any purchase."),
    "mbg-nbd": marked("Like BG/NBD, but customers may leave right after the first purchase too."),
    "pareto-nbd": marked("Customers buy at random at a rate of their own and may leave for good at any moment."),
    "mbg-cnbd": marked("Customers buy with a rhythm, more regularly than at random, and may leave after any purchase."),
    "bg-cnbd": marked("Customers buy with a rhythm, and may leave after any purchase but the first."),
    "gamma-gamma": marked("Amounts vary around a level of each customer's own, whatever the frequency."),
}
STATUS = {
    "converged": marked("fitted"),
    "at_bound": marked("fitted at a limit: a simpler model does as well; its predictions are valid"),
    "insufficient_data": marked("too little data: it predicts nothing"),
}


def the_data(manifest: Manifest, t: Language) -> Section:
    """Every record by its fate, and what was noticed."""
    rows = manifest["rows"]
    lines = [_line(t("used"), t("purchases and what belongs to them"), rows["used"], rows, t)]
    if rows["duplicates"]:
        lines.append(_line(t("duplicates"), t("dropped as duplicates"), rows["duplicates"], rows, t))
    for fate, name in FATES.items():
        for reason, number in rows[fate].items():
            words = t(REASONS[reason]) if reason in REASONS else shown(str(reason).replace("_", " "))
            lines.append(_line(t(name), words, number, rows, t))
    lines.append(_line(t("read"), t("all records"), rows["read"], rows, t))
    text = t(
        "No record is dropped in silence. Excluded ones are sound but do not count; rejected ones are broken, and the "
        "file of rejects lists each with its line and the reason."
    )
    head = (t("Fate"), t("Reason"), t("Records"), t("Share"))
    blocks: list[Block] = [Text(text), Table(t("The fate of every record"), head, tuple(lines), frozenset({0, 1}))]
    if manifest["warnings"]:
        blocks += [Heading(t("Warnings")), Points(tuple(_warning(w, t) for w in manifest["warnings"]))]
    else:
        blocks.append(Text(t("There were no warnings.")))
    return Section("data", t("The data"), tuple(blocks), appendix=True)


def _warning(warning: Mapping[str, Any], t: Language) -> str:
    return noticed(warning["code"], warning_text(warning, partial(shown, limit=600)), t)


def _line(fate: str, reason: str, number: int, rows: Mapping[str, Any], t: Language) -> tuple[str, ...]:
    return fate, reason, t.count(number), t.percent(number / rows["read"], 1) if rows["read"] else "-"


def the_model(manifest: Manifest, t: Language) -> Section:
    """Parameters with their errors, status, assumptions."""
    title, models = t("The model"), manifest.get("models") or {}
    fits = [models[k] for k in ("purchase", "spend") if models.get(k)]
    if not fits:
        return Section("model", title, (Missing(t("This run fitted no model.")),), appendix=True)
    items = [_told(fit, t) for fit in fits]
    items.append(t("Neither knows season, prices, campaigns or trends: the future is taken to be like the past."))
    rows = tuple(
        (shown(fit["name"]), shown(name), f"{value:.4g}", _error(fit, name))
        for fit in fits
        for name, value in fit["params"].items()
    )
    blocks: list[Block] = [Points(tuple(items))]
    if rows:
        head = (t("Model"), t("Parameter"), t("Estimate"), t("Standard error"))
        blocks.append(Table(t("Parameters"), head, rows, frozenset({0, 1})))
    groups = models.get("groups") or []
    if groups and all(is_band(g["group"]) for g in groups):
        blocks.append(Text(t("Groups by the amount of the first purchase have models of their own.")))
    elif groups:
        names = t.both([shown(g["group"], 40) for g in groups[:50]])
        blocks.append(Text(t("Groups with models of their own: {names}.", names=names)))
    return Section("model", title, tuple(blocks), appendix=True)


def _told(fit: Mapping[str, Any], t: Language) -> str:
    status = t(STATUS[fit["status"]]) if fit["status"] in STATUS else shown(fit["status"])
    likelihood = "" if fit["log_likelihood"] is None else f"; log-likelihood {fit['log_likelihood']:,.3f}"
    assumes = t(ASSUMES[fit["name"]]) if fit["name"] in ASSUMES else ""
    return f"{shown(fit['name'])}: {status}{likelihood}. {assumes} {shown(fit.get('message'), 300)}".strip()


def _error(fit: Mapping[str, Any], name: str) -> str:
    error = (fit.get("std_errors") or {}).get(name)
    return "-" if error is None else f"{error:.3g}"


def the_run(manifest: Manifest, t: Language) -> Section:
    """Version, inputs, the options that were not left alone."""
    inputs = tuple(
        (shown(i.get("path", "-"), 200), shown(i.get("format")), t.count(i.get("bytes")))
        for i in manifest["inputs"][:50]
    )
    typed = {n: a for n, a in manifest["arguments"].items() if a["source"] != "default"}
    rows = tuple((f"--{n.replace('_', '-')}", _value(a["value"]), shown(a["source"])) for n, a in typed.items())
    chosen = ", ".join(
        f"{shown(role)} = {shown(column, 200)}" for role, column in (manifest.get("columns") or {}).items()
    )
    rules = shown((manifest.get("rules") or {}).get("name")) or "-"
    facts = (
        (t("Program"), f"clv {shown(manifest['clv'])}, {shown(manifest['command'])}"),
        (t("As of"), t.day(manifest["as_of"])),
        (t("Horizon"), t.span(manifest["horizon"])),
        (t("Rules"), rules),
        (t("Columns"), chosen or "-"),
    )
    words = frozenset({0, 1})
    blocks: list[Block] = [Table(t("The run"), ("", t("Value")), facts, words)]
    blocks.append(Table(t("Inputs"), (t("File"), t("Format"), t("Bytes")), inputs, words))
    if rows:
        head = (t("Option"), t("Value"), t("From"))
        blocks.append(Table(t("Options given"), head, rows, frozenset({0, 1, 2})))
    return Section("run", t("This run"), tuple(blocks), appendix=True)


def _value(value: Any) -> str:
    return shown(", ".join(map(str, value[:20])) if isinstance(value, list) else value, 300)
