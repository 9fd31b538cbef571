"""What a customer costs against what a customer brings, where costs are known."""

from clvcli.report.numbers import ahead, count, money
from clvcli.report.page import Manifest, Missing, Section, Table, Text, series

RULE_OF_THUMB = 3.0


def economics(manifest: Manifest) -> Section:
    """Cost to win a customer beside the margin made and expected."""
    title = "Economics"
    facts = series(manifest, "economics")
    if not facts:
        text = (
            "No costs are known. A column acquisition_cost in the file of `--customers` shows them here; "
            "`clv economics DATA --spend FILE` goes deeper."
        )
        return Section("economics", title, (Missing(text),))
    span = ahead(manifest["horizon"])
    rows = [
        ("Customers whose cost is known", count(facts["customers"])),
        ("Cost to win one, mean", money(facts["cost"])),
        ("Margin so far, mean", money(facts["margin_so_far"])),
        (f"Margin expected {span}, mean", money(facts["margin_ahead"])),
        ("Margin over cost", "-" if facts["ratio"] is None else f"{facts['ratio']:.1f} to 1"),
    ]
    verdict = _verdict(facts["ratio"], span)
    return Section("economics", title, (Text(verdict), Table("A customer on average", ("", "Value"), tuple(rows))))


def _verdict(ratio: float | None, span: str) -> str:
    if ratio is None:
        return "The cost of winning customers is known; their value is not, or it costs nothing."
    against = "above" if ratio >= RULE_OF_THUMB else "below"
    return (
        f"Margin so far and {span} is **{ratio:.1f} times** what it cost to win these customers, {against} "
        "the usual mark of 3 to 1. Without `--margin` all spend counts as margin, which flatters the figure."
    )
