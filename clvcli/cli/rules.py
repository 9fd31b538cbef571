"""`clv rules list|show|check|schema`: the shipped lifecycles, and the lint of a rules file."""

import json
import sys
from typing import Any

from clvcli.cli.console import Console
from clvcli.cli.results import show_list
from clvcli.core.errors import ConfigError
from clvcli.core.options import RulesCheckOptions, RulesListOptions, RulesSchemaOptions, RulesShowOptions
from clvcli.core.printable import printable


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
    from clvcli.report.rules import rules_page

    if options.yaml:
        sys.stdout.buffer.write(source_text(options.name).encode())
        sys.stdout.flush()
        return
    rules = load_rules(options.name)
    if options.json:
        _json(
            {
                "name": rules.name,
                "description": rules.description.strip(),
                "phases": dict(rules.phases),
                "attributes": {name: a.model_dump() for name, a in rules.attributes.items()},
                "fields": dict(rules.fields),
                "stages": [s.model_dump(exclude={"is_"}) for s in rules.stages],
                "otherwise": rules.otherwise.model_dump(),
                "rfm": rules.breakpoints or "contract",
                "control_group": None if rules.control_group is None else rules.control_group.model_dump(),
                "variants": list(rules.variants),
                "balance": rules.balance.model_dump(),
            }
        )
    else:
        console.page(rules_page(rules, conditions=options.verbose > 0))


def run_check(options: RulesCheckOptions, console: Console) -> None:
    """Findings on stdout, one a line. Raises ConfigError (4) when one is an error."""
    from clvcli.commands.check_rules import check_rules

    with console.working():
        findings = check_rules(options, console.stage)
    if options.json:
        _json([f._asdict() if hasattr(f, "_asdict") else vars(f) for f in findings])
    else:
        for f in findings:
            sys.stdout.write(printable(f"{f.where}: {f.level}: {f.message} [{f.code}]") + "\n")
    errors = sum(f.level == "error" for f in findings)
    if errors:
        raise ConfigError(
            f"{options.rules}: {errors} error{'s' * (errors > 1)} in the rules", hint="see the list above"
        )
    warnings = sum(f.level == "warning" for f in findings)
    console.note(f"{options.rules}: " + (f"no errors, {warnings} to look at" if warnings else "no errors"))


def run_schema(options: RulesSchemaOptions, console: Console) -> None:  # noqa: ARG001  # every command has this shape
    """The JSON Schema of a rules file, for editors."""
    from clvcli.lifecycle.schema import json_schema

    _json(json_schema())


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
