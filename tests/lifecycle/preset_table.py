"""The presets on the sample data: one scored log, every preset over it."""

from dataclasses import dataclass

import polars as pl
from conftest import ROOT

from clvcli.core.options import ScoreOptions
from clvcli.lifecycle.attributes import attribute_schema, attributes
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.derived import Facts, derive
from clvcli.lifecycle.load import load_rules, presets
from clvcli.lifecycle.names import CONTACTABLE
from clvcli.log.read import read_table
from clvcli.scoring.scored import score_log

LOG, PEOPLE = str(ROOT / "sample_data" / "transactions.csv"), str(ROOT / "sample_data" / "customers.csv")


@dataclass(frozen=True)
class Shares:
    """Share of the customers in each stage, in order, and of the expected value in the stages."""

    stages: dict[str, float]
    value: dict[str, float]
    otherwise: str

    @property
    def largest(self) -> tuple[float, str]:
        """The largest stage."""
        return max((share, stage) for stage, share in self.stages.items())

    def value_of_best(self, part: float) -> float:
        """Share of the value in the stages with the most value a customer that hold at most `part` of the customers.

        The last of them counts in proportion, so that presets with few stages compare.
        """
        ranked = sorted(self.stages, key=lambda s: -(self.value[s] / self.stages[s] if self.stages[s] else 0))
        room, total = part, 0.0
        for stage in ranked:
            share = self.stages[stage]
            if share and room > 0:
                total += self.value[stage] * min(1.0, room / share)
                room -= share
        return total


def shares() -> dict[str, Shares]:
    """Every preset over the sample data, with its customers file."""
    scored = score_log(ScoreOptions(data=(LOG,), customers=PEOPLE))
    bare = scored.table.drop("stage", "phase", "action", "in_control", "variant", *scored.people.schema, strict=False)
    cuts = scored.cuts
    facts = Facts(scored.log.as_of, cuts.typical_gap, cuts.mean_gap, cuts.mean_p_purchase, cuts.total_clv)
    people, found = read_table(PEOPLE, "customers"), {}
    for name in presets():
        rules = load_rules(name)
        known = attributes(people, rules)
        compiled = compile_rules(rules, attribute_schema(rules, known))
        everyone = bare.join(known, on="customer_id", how="left", maintain_order="left")
        everyone = everyone.with_columns(pl.col(CONTACTABLE).fill_null(False))
        table = compiled.classify(derive(everyone, compiled.needs, facts))
        counted = table.group_by("stage").agg(n=pl.len(), clv=pl.col("clv").sum())
        rows = {r["stage"]: r for r in counted.to_dicts()}
        total = sum(r["clv"] for r in rows.values())
        named = [stage for stage, _ in compiled.stage_names]
        found[name] = Shares(
            {s: rows[s]["n"] / table.height if s in rows else 0.0 for s in named},
            {s: rows[s]["clv"] / total if s in rows else 0.0 for s in named},
            rules.otherwise.stage,
        )
    return found


NEEDS = {
    "rfm-lifecycle": "a log",
    "predictive": "a model",
    "client-portfolio": "a log",
    "shop-journey": "carts and visits",
    "saas": "contracts and use",
    "sme-banking": "services, profitability",
    "service-reminder": "last service, interval",
    "rfm-six": "a log",
    "value-and-cost": "a model and costs",
}


def preset_table(_: str = "") -> str:
    """The comparison of the README, in Markdown."""
    lines = [
        "| preset | stages | works best with | largest stage of the sample | value in the best 20 % by stage |",
        "|---|---|---|---|---|",
    ]
    for name, found in shares().items():
        share, stage = found.largest
        count = sum(1 for s in found.stages if s != found.otherwise)
        best = found.value_of_best(0.2)
        lines.append(
            f"| `{name}` | {count} | {NEEDS.get(name, 'visits and carts')} | {stage}, {share:.0%} | {best:.0%} |"
        )
    return "\n".join(lines) + "\n"
