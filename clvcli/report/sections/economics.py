"""What a customer costs against what a customer brings, where costs are known."""

from clvcli.core.language import Language
from clvcli.report.page import Manifest, Missing, Section, Table, Text, argument, series

RULE_OF_THUMB = 3.0


def economics(manifest: Manifest, t: Language) -> Section:
    """Cost to win a customer beside the margin made and expected."""
    title, facts = t("Economics"), series(manifest, "economics")
    if not facts:
        text = t("No costs are known: a column acquisition_cost among the customers' attributes shows them here.")
        command = "clv score DATA --customers FILE; clv economics DATA --spend FILE"
        return Section("economics", title, (Missing(text, command),))
    span, ratio = t.span(manifest["horizon"]), facts["ratio"]
    rows = (
        (t("Customers whose cost is known"), t.count(facts["customers"])),
        (t("Cost to win one, mean"), t.money(facts["cost"])),
        (t("Margin so far, mean"), t.money(facts["margin_so_far"])),
        (t("Margin expected within {span}, mean", span=span), t.money(facts["margin_ahead"])),
        (t("Margin over cost"), "-" if ratio is None else f"{t.decimal(ratio, 1)} : 1"),
    )
    table = Table(t("A customer on average"), ("", t("Value")), rows)
    return Section("economics", title, (Text(_verdict(manifest, ratio, t)), table))


def _verdict(manifest: Manifest, ratio: float | None, t: Language) -> str:
    if ratio is None:
        return t("The cost of winning customers is known; their value is not, or it costs nothing.")
    times = t.decimal(ratio, 1)
    if ratio >= RULE_OF_THUMB:
        text = t(
            "Customers bring **{times} times** what it cost to win them, above the usual mark of 3 to 1.", times=times
        )
    else:
        text = t(
            "Customers bring **{times} times** what it cost to win them, below the usual mark of 3 to 1.", times=times
        )
    flattered = argument(manifest, "margin") in (None, "1", "1.0", 1)
    return f"{text} {t('All spend counts as margin here, which flatters the figure.')}" if flattered else text
