"""Whether the total can be trusted, in a line of the first screen: the rehearsals, the correction, the records."""

from clvcli.core.language import Language
from clvcli.report.page import Manifest, expected_total, series

TELLING = 0.005
"""A smaller correction of the total is not worth a word."""


def trust(manifest: Manifest, t: Language) -> str:
    """Nothing where nothing is predicted."""
    facts, portfolio = series(manifest, "headline"), manifest.get("portfolio") or {}
    if not facts or facts["clv"] is None:
        return ""
    ratios = [o["spend"] for o in portfolio.get("origins") or [] if o.get("spend") is not None]
    if ratios:
        told = t.many(
            "**Can the total be trusted?** Rehearsed on {n} earlier day of this log, what came was {low} to {high} of "
            "the forecast.",
            "**Can the total be trusted?** Rehearsed on {n} earlier days of this log, what came was {low} to {high} of "
            "the forecast.",
            len(ratios), low=t.percent(min(ratios)), high=t.percent(max(ratios)),
        )  # fmt: skip
        off = expected_total(manifest) / facts["clv"] - 1 if facts["clv"] else 0.0
        if abs(off) >= TELLING:
            told += " " + t("The total is already corrected for that, by {share}.", share=t.percent(off))
    else:
        told = t(
            "**Can the total be trusted?** The log is too short to rehearse the forecast on its own past: take it as a "
            "first guess."
        )
    return f"{told} {_records(manifest, t)}".strip()


def _records(manifest: Manifest, t: Language) -> str:
    rows = manifest["rows"]
    if not rows["read"]:
        return ""
    share, noticed = t.percent(rows["used"] / rows["read"], 1), len(manifest["warnings"])
    if not noticed:
        return t("{share} of the records are used.", share=share)
    return t.many(
        "{share} of the records are used; {n} warning stands in the appendix.",
        "{share} of the records are used; {n} warnings stand in the appendix.",
        noticed,
        share=share,
    )
