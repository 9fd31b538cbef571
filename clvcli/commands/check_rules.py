"""The job of `clv rules check`: load, compile, prove, and with a log show on its customers."""

from collections.abc import Callable

import polars as pl

from clvcli.core.options import RulesCheckOptions, ScoreOptions
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.lint import Finding, lint
from clvcli.lifecycle.load import load_rules
from clvcli.lifecycle.names import type_of
from clvcli.scoring.scored import score_log


def check_rules(options: RulesCheckOptions, stage: Callable[[str], None] = lambda _: None) -> tuple[Finding, ...]:
    """Findings about the rules; with data also what its customers show. Raises ConfigError for broken rules."""
    rules = load_rules(options.rules)
    everything: dict[str, pl.DataType] = {name: type_of(a.type) for name, a in rules.attributes.items()}
    compiled = compile_rules(rules, everything)
    if not options.data:
        return lint(compiled)
    scored = score_log(
        ScoreOptions(
            data=options.data,
            rules=options.rules,
            customer=options.customer,
            date=options.date,
            amount=options.amount,
            where=options.where,
            as_of=options.as_of,
            customers=options.customers,
            sources=options.sources,
        ),
        stage,
    )
    return lint(scored.rules, scored.table)
