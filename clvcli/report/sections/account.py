"""The small print: every record accounted for, the warnings, the models, the run."""

from collections.abc import Mapping
from typing import Any

from clvcli.log.first_amount import is_band, told
from clvcli.report.numbers import day, percent, plural, shown, span_words
from clvcli.report.page import Block, Heading, Manifest, Missing, Points, Section, Table, Text, clean

REASONS = {
    "where": "left out by --where",
    "after_as_of": "later than the day on which the run stands",
    "no_customer_id": "no customer id",
    "reversed": "cancelled by a return, both sides",
    "return": "a return with nothing to cancel",
    "duplicates": "dropped as duplicates",
}
ASSUMES = {
    "bg-nbd": "Customers buy at random at a steady rate of their own and may leave for good right after any purchase.",
    "mbg-nbd": "Like BG/NBD, but customers may leave right after the first purchase too.",
    "pareto-nbd": "Customers buy at random at a steady rate of their own and may leave for good at any moment.",
    "mbg-cnbd": "Customers buy with a rhythm, more regularly than at random, and may leave after any purchase.",
    "gamma-gamma": "What customers spend on a purchase varies around a level of their own, whatever their frequency.",
}
STATUS = {
    "converged": "fitted",
    "at_bound": "fitted at a limit: a simpler model does as well; its predictions are valid",
    "insufficient_data": "too little data: it predicts nothing",
}
GREEK = {
    "r": "shape of the purchase rates", "alpha": "scale of the purchase rates, time", "a": "dropout, first shape",
    "b": "dropout, second shape", "s": "shape of the dropout rates", "beta": "scale of the dropout rates, time",
    "p": "evenness of a customer's amounts", "q": "spread of the levels, shape",
    "v": "spread of the levels, scale (money)",
    "k": "regularity of the rhythm",
}  # fmt: skip


def the_data(manifest: Manifest) -> Section:
    """Every record by its fate, and what was noticed."""
    rows = manifest["rows"]
    lines = [("used", "purchases and what belongs to them", f"{rows['used']:,}", _share(rows["used"], rows))]
    if rows["duplicates"]:
        lines.append(("duplicates", REASONS["duplicates"], f"{rows['duplicates']:,}", _share(rows["duplicates"], rows)))
    for fate in ("excluded", "rejected"):
        for reason, number in rows[fate].items():
            words = REASONS.get(reason, str(reason).replace("_", " "))
            lines.append((fate, shown(words), f"{number:,}", _share(number, rows)))
    lines.append(("read", "all records", f"{rows['read']:,}", _share(rows["read"], rows)))
    blocks: list[Block] = [
        Text(
            "No record is dropped in silence. Excluded ones are sound but do not count; rejected ones are broken, and "
            "the file of rejects lists each with its line and the reason."
        ),
        Table("The fate of every record", ("Fate", "Reason", "Records", "Share"), tuple(lines), frozenset({0, 1})),
    ]
    if manifest["warnings"]:
        blocks += [Heading("Warnings"), Points(tuple(shown(w["message"], 600) for w in manifest["warnings"]))]
    else:
        blocks.append(Text("There were no warnings."))
    return Section("data", "The data", tuple(blocks))


def _share(number: int, rows: Mapping[str, Any]) -> str:
    return percent(number / rows["read"]) if rows["read"] else "-"


def the_model(manifest: Manifest) -> Section:
    """Parameters with their errors, status, assumptions."""
    title = "The model"
    models = manifest.get("models") or {}
    fits = [models[k] for k in ("purchase", "spend") if models.get(k)]
    if not fits:
        return Section("model", title, (Missing("This run fitted no model (--no-model)."),))
    items = [_told(fit) for fit in fits]
    items.append("Neither knows season, prices, campaigns or trends: the future is taken to be like the past.")
    rows = tuple(
        (shown(fit["name"]), shown(name), GREEK.get(name, ""), f"{value:.4g}", _error(fit, name))
        for fit in fits
        for name, value in fit["params"].items()
    )
    blocks: list[Block] = [Points(tuple(items))]
    if rows:
        unit = models["purchase"]["time_unit"] if models.get("purchase") else "week"
        caption = f"Parameters, time in {unit}s"
        head = ("Model", "Parameter", "Means", "Estimate", "Standard error")
        blocks.append(Table(caption, head, rows, frozenset({0, 1, 2})))
    if models.get("groups") and all(is_band(g["group"]) for g in models["groups"]):
        alphas = {g["group"]: g["purchase"]["params"]["alpha"] for g in models["groups"]}
        blocks.append(Text(f"By the amount of the first purchase: {told(alphas)}. The figures above are without it."))
    elif models.get("groups"):
        names = ", ".join(shown(g["group"], 40) for g in models["groups"][:50])
        blocks.append(Text(f"Groups with models of their own: {names}. The figures above are those of all customers."))
    return Section("model", title, tuple(blocks))


def _told(fit: Mapping[str, Any]) -> str:
    status = STATUS.get(fit["status"], str(fit["status"]))
    likelihood = "" if fit["log_likelihood"] is None else f"; log-likelihood {fit['log_likelihood']:,.3f}"
    basis = {"all": " It sees all purchases.", "repeat": " It sees repeat purchases."}.get(str(fit.get("basis")), "")
    message = f" {clean(fit.get('message'))}" if fit.get("message") else ""
    return f"{shown(fit['name'])}: {status}{likelihood}. {ASSUMES.get(fit['name'], '')}{basis}{message}".strip()


def _error(fit: Mapping[str, Any], name: str) -> str:
    error = (fit.get("std_errors") or {}).get(name)
    return "-" if error is None else f"{error:.3g}"


def the_run(manifest: Manifest) -> Section:
    """Version, inputs, the options that were not left alone."""
    inputs = tuple(
        (
            shown(i.get("path", "-"), 200),
            clean(i.get("format")),
            f"{i['bytes']:,}" if i.get("bytes") is not None else "-",
        )
        for i in manifest["inputs"][:50]
    )
    typed = {n: a for n, a in manifest["arguments"].items() if a["source"] != "default"}
    rows = tuple((f"--{n.replace('_', '-')}", _value(a["value"]), shown(a["source"])) for n, a in typed.items())
    chosen = ", ".join(
        f"{shown(role)} = {shown(column, 200)}" for role, column in (manifest.get("columns") or {}).items()
    )
    rules = clean((manifest.get("rules") or {}).get("name"))
    text = (
        f"clv {clean(manifest['clv'])}, {clean(manifest['command'])}, as of {day(manifest['as_of'])}, next "
        f"{span_words(manifest['horizon'])}, rules {rules or '-'}. Columns: {chosen or '-'}. "
        f"{plural(len(manifest['inputs']), 'input')}. All other options stood at their defaults."
    )
    blocks: list[Block] = [Text(text), Table("Inputs", ("File", "Format", "Bytes"), inputs, frozenset({0, 1}))]
    if rows:
        blocks.append(Table("Options given", ("Option", "Value", "From"), rows, frozenset({0, 1, 2})))
    return Section("run", "This run", tuple(blocks))


def _value(value: Any) -> str:
    return shown(", ".join(map(str, value[:20])) if isinstance(value, list) else value, 300)
