"""Why sales changed: what new, lost and kept customers moved between two periods of one length."""

from clvcli.core.language import Language
from clvcli.report.charts.kinds import Side, bars
from clvcli.report.page import Figure, Manifest, Table, series


def sales_change(manifest: Manifest, t: Language) -> Figure | None:
    """The two latest periods of one length; None where there are not two with sales."""
    found = series(manifest, "change")
    if not found or not found["before"]["spend"] or not found["now"]["spend"]:
        return None
    kinds = {
        "new": (t("new customers"), "new"), "back": (t("back after a pause"), "back"), "gone": (t("gone"), "gone"),
        "kept_frequency": (t("kept: how often they buy"), "kept"), "kept_value": (t("kept: for how much"), "kept"),
    }  # fmt: skip
    effects = found["effects"]
    texts = [t.money(effects[name]) for name in kinds]
    gains = [effects[name] if effects[name] >= 0 else None for name in kinds]
    losses = [-effects[name] if effects[name] < 0 else None for name in kinds]
    sides = [Side(t("gain"), gains, texts), Side(t("loss"), losses, texts, "third")]
    chart = bars([name for name, _ in kinds.values()], sides)
    before, now = t.money(found["before"]["spend"]), t.money(found["now"]["spend"])
    title = t("Why sales changed: {before} became {now}", before=before, now=now)
    reading = t(
        "The {days} days up to {day} against as many before. Kept customers bought in both, gone ones in the earlier "
        "one alone.",
        days=t.count(found["days"]), day=t.day(found["until"]),
    )  # fmt: skip
    rows = tuple(
        (name, t.count(found["kinds"][kind]["customers"]), text)
        for (name, kind), text in zip(kinds.values(), texts, strict=True)
    )
    table = Table(t("What changed sales"), (t("Customers"), t("Number"), t("Change")), rows)
    return Figure("change", title, reading, f"{title}. {reading}", chart, table)
