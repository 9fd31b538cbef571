"""The stage of every contract, by the rules of the preset saas or those that --rules names."""

import polars as pl

from clvcli.commands.economics.source import Source
from clvcli.core.options import EconomicsOptions
from clvcli.lifecycle.attributes import attributes
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.derived import Facts, derive
from clvcli.lifecycle.load import load_rules
from clvcli.lifecycle.names import COLUMNS, CONTACTABLE
from clvcli.log.read import read_table

PRESET = "saas"
ADDED = ("stage", "phase", "action")


def with_stages(table: pl.DataFrame, source: Source, options: EconomicsOptions) -> pl.DataFrame:
    """The table of contract_values with stage, phase and action. Rules see its columns, `contract_start` and
    `contract_end` (also an end that lies ahead), and the attributes of --customers; of the columns of customers those
    that a contract has: purchases (payments or renewals count as such), its dates and clv. Raises ConfigError."""
    typed = options.sources.get("rules", "default") != "default"
    rules = load_rules(options.rules if typed else PRESET)
    as_of = source.contracts.as_of if source.contracts is not None else source.log.as_of
    runs = pl.col("status") == "running"
    facts = table.with_columns(
        contract_start="start",
        contract_end="end",
        first_purchase_date="start",
        last_purchase_date=pl.when(runs).then(pl.lit(as_of)).otherwise("end"),
        purchases=pl.col("renewals") + 1,
        clv_pct=(pl.col("clv").rank("min") - 1) / pl.len(),
    ).with_columns(days_since_last_purchase=(pl.lit(as_of) - pl.col("last_purchase_date")).dt.total_days())
    if options.customers is not None:
        people = attributes(read_table(options.customers, "customers"), rules, name=options.customers)
        people = people.drop(set(people.columns) & set(facts.columns) - {"customer_id"})
        facts = facts.join(people, on="customer_id", how="left", maintain_order="left")
        facts = facts.with_columns(pl.col(CONTACTABLE).fill_null(value=False))
    schema = {name: kind for name, kind in facts.schema.items() if name not in COLUMNS}
    compiled = compile_rules(rules, schema)
    absent = [pl.lit(None, kind).alias(name) for name, kind in COLUMNS.items() if name not in facts.columns]
    sums = [pl.lit(None, pl.Int64).alias(name) for name in ("total", "last3_total")]
    staged = compiled.classify(derive(facts.with_columns(*absent, *sums), compiled.needs, Facts(as_of)))
    known = pl.col("status") != "replaced"  # the contract after it has the stage
    return table.with_columns(pl.when(known).then(staged[name].cast(pl.String)).alias(name) for name in ADDED)
