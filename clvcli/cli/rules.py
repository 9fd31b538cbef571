"""`clv rules list|show|check|schema`: the shipped lifecycles, and the lint of a rules file."""

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from clvcli.cli.console import Console
from clvcli.cli.results import encoded, show_list
from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.core.options import RulesCheckOptions, RulesListOptions, RulesSchemaOptions, RulesShowOptions

if TYPE_CHECKING:
    from clvcli.lifecycle.load import Rules


FINDING = ("level", "code", "stage", "where", "message")
"""The columns of the findings, where there are none."""


def run_list(options: RulesListOptions, console: Console) -> None:
    """Names, sizes and descriptions of the presets."""
    from clvcli.lifecycle.load import load_rules, presets
    from clvcli.report.rules import preset_table

    rules = [load_rules(name) for name in presets()]
    rows = [{"name": r.name, "stages": len(r.stages), "description": r.description.strip()} for r in rules]
    show_list(options, console, rows, lambda: preset_table(rules))


def run_show(options: RulesShowOptions, console: Console) -> None:
    """One lifecycle on one screen; the file itself with --yaml."""
    from clvcli.lifecycle.load import load_rules, source_text
    from clvcli.report.rules import rules_page, stage_rows

    if options.yaml:
        sys.stdout.buffer.write(source_text(options.name).encode())
        sys.stdout.flush()
        return
    rules = load_rules(options.name)
    page = lambda: rules_page(rules, conditions=options.verbose > 0)  # noqa: E731
    show_list(options, console, stage_rows(rules), page, lambda: encoded(_document(rules)))


def _document(rules: "Rules") -> dict[str, Any]:
    """Everything that a rules file says, with what it leaves to the defaults."""
    return {
        "name": rules.name,
        "description": rules.description.strip(),
        "phases": dict(rules.phases),
        "attributes": {name: dataclasses.asdict(a) for name, a in rules.attributes.items()},
        "fields": dict(rules.fields),
        "stages": [{k: v for k, v in dataclasses.asdict(s).items() if k != "is_"} for s in rules.stages],
        "otherwise": dataclasses.asdict(rules.otherwise),
        "rfm": rules.breakpoints or "contract",
        "control_group": None if rules.control_group is None else dataclasses.asdict(rules.control_group),
        "variants": list(rules.variants),
        "balance": dataclasses.asdict(rules.balance),
    }


def run_check(options: RulesCheckOptions, console: Console) -> None:
    """Whom the stages get, then findings, one a line, on stdout. Raises ConfigError (4) when one is an error."""
    from clvcli.commands.check_rules import check_rules
    from clvcli.report.rules import coverage, findings_page

    with console.working():
        checked = check_rules(options, console.stage)
    findings = checked.findings
    rows = [dataclasses.asdict(f) for f in findings]
    if options.json or options.result_format != "text":
        stages = {
            "stages": [vars(s) for s in checked.stages], "against": checked.against, "moved": checked.moved,
            "customers": checked.customers, "moves": [vars(f) for f in checked.flows],
        }  # fmt: skip
        document = encoded({"findings": rows, **stages} if options.data else rows)
        show_list(options, console, rows, lambda: findings_page(findings), lambda: document, names=FINDING)
    else:
        if checked.stages:
            console.page(coverage(checked))
        if sys.stdout.isatty():
            console.page(findings_page(findings))
        else:  # a line a finding for grep, however long
            sys.stdout.writelines(f"{line}\n" for line in findings_page(findings).plain.split("\n") if line)
    errors = sum(f.level == "error" for f in findings)
    if errors:
        raise ConfigError(
            marked("{place}: 1 error in the rules", place=options.rules)
            if errors == 1
            else marked("{place}: {errors} errors in the rules", place=options.rules, errors=errors),
            hint="see the list above",
            code="rules",
        )
    warnings = sum(f.level == "warning" for f in findings)
    console.note(f"{options.rules}: " + (f"no errors, {warnings} to look at" if warnings else "no errors"))


def run_schema(options: RulesSchemaOptions, console: Console) -> None:  # noqa: ARG001  # every command has this shape
    """The JSON Schema of a rules file, for editors."""
    from clvcli.lifecycle.schema import json_schema

    sys.stdout.buffer.write(encoded(json_schema()))
    sys.stdout.flush()
