"""Gates between a night's run and the use of its results: today's manifest against the last good one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clvcli.commands.nightly.section import Gates

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Gate:
    """One gate and how it went: `status` passed, failed or skipped, `text` says what was found."""

    name: str
    status: str
    text: str


def feed_gates(manifest: Mapping[str, Any]) -> Iterator[Gate]:
    """What the log itself must be. Too many rejects never get as far as a manifest."""
    rows = manifest["rows"]
    rejected = sum(rows["rejected"].values())
    yield Gate("rejects", PASSED, f"{rejected:,} of {rows['read']:,} records rejected")
    stale = [w["message"] for w in manifest["warnings"] if w["code"] == "stale_feed"]
    if manifest["arguments"]["max_age"]["value"] is None:
        yield Gate("stale_feed", SKIPPED, f"no max_age; as of {manifest['as_of']}")
    else:
        yield Gate("stale_feed", FAILED if stale else PASSED, stale[0] if stale else f"as of {manifest['as_of']}")


def drift_gate(gates: Gates, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> Gate:
    """Whether the fit says about the same of the mean customer as it did: parameters may wander, this must not."""
    if gates.drift is None or old is None:
        return Gate("drift", SKIPPED, "off" if gates.drift is None else "no earlier run")
    before, after = ((m["models"].get("purchase") or {}).get("status") for m in (old, new))
    if before != after and after == "insufficient_data":
        return Gate("drift", FAILED, f"the purchase model was {before} and has insufficient data now")
    if old["horizon"] != new["horizon"]:
        return Gate("drift", SKIPPED, f"the horizon changed from {old['horizon']} to {new['horizon']}")
    moved = []
    for what in ("expected_purchases", "clv"):
        was, now = _mean(old, what), _mean(new, what)
        if was and now is not None:
            moved.append((now / was - 1, what, was, now))
    if not moved:
        return Gate("drift", SKIPPED, "no forecasts to compare")
    change, what, was, now = max(moved, key=lambda m: abs(m[0]))
    text = f"{what} of the mean customer {_figure(was)} -> {_figure(now)} ({change:+.1%}, allowed {gates.drift:.0%})"
    return Gate("drift", FAILED if abs(change) > gates.drift else PASSED, text)


def _figure(value: float) -> str:
    """Four digits, or all before the point: no exponent."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _mean(manifest: Mapping[str, Any], what: str) -> float | None:
    """The mean over all customers, from the sums of the stages."""
    rows = [row for row in manifest["stages"] if row[what] is not None]
    customers = sum(row["customers"] for row in rows)
    return sum(row[what] for row in rows) / customers if customers else None


def jump_gate(gates: Gates, new: Mapping[str, Any], old: Mapping[str, Any] | None, *, same_rules: bool) -> Gate:
    """Whether every stage holds about the share of customers that it held."""
    if gates.stage_jump is None or old is None:
        return Gate("stage_jump", SKIPPED, "off" if gates.stage_jump is None else "no earlier run")
    if not same_rules:
        return Gate("stage_jump", SKIPPED, "the rules changed")
    shares = [{row["stage"]: row["share"] or 0.0 for row in manifest["stages"]} for manifest in (old, new)]
    stages = sorted(set(shares[0]) | set(shares[1]))
    moves = [(shares[1].get(s, 0.0) - shares[0].get(s, 0.0), s) for s in stages]
    if not moves:
        return Gate("stage_jump", SKIPPED, "no stages")
    move, stage = max(moves, key=lambda m: abs(m[0]))
    was, now = shares[0].get(stage, 0.0), shares[1].get(stage, 0.0)
    text = f"{stage} {was:.1%} -> {now:.1%} of the buyers (allowed {gates.stage_jump:.0%} either way)"
    return Gate("stage_jump", FAILED if abs(move) > gates.stage_jump + 1e-12 else PASSED, text)
