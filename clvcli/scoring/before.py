"""The run before: the table of --previous, what its values mean, and the rules that it was scored by."""

import os
from collections.abc import Mapping
from typing import Any

from clvcli.core.errors import Notice
from clvcli.core.held import Held
from clvcli.core.marked import marked
from clvcli.core.options import ScoreOptions
from clvcli.engines.base import Carrier, Rows
from clvcli.engines.place import ADDRESS, overwrites_previous
from clvcli.lifecycle.former import former_rules
from clvcli.lifecycle.load import Rules
from clvcli.output.scored_table import read_manifest

NO_PREVIOUS = "no_previous"
VALUED_BY = ("horizon", "margin", "discount_rate")
"""Options that change what clv means: an earlier table of other ones is not compared by value."""


def earlier_of(options: ScoreOptions, engine: Carrier) -> tuple[Rows | None, tuple[Notice, ...]]:
    """The table of --previous, without its clv where that means something else. It may be the very output: where that
    does not exist yet, it is a table of nobody."""
    if not options.previous:
        return None, ()
    if overwrites_previous(options) and not os.path.lexists(options.previous):
        text = marked("{place}: there is no earlier table yet, so every customer is new", place=options.previous)
        return engine.earlier(None, with_clv=False), (Notice(NO_PREVIOUS, text),)
    then = _manifest(options).get("arguments") or {}
    alike = not any(name in then and then[name]["value"] != getattr(options, name) for name in VALUED_BY)
    return engine.earlier(options.previous, with_clv=alike), ()


def rules_before(options: ScoreOptions, rules: Rules) -> Rules | None:
    """The rules of the earlier table where they are others than these, as far as its manifest says."""
    return former_rules(_manifest(options), rules) if options.previous else None


def _manifest(options: ScoreOptions) -> Mapping[str, Any]:
    """What is beside the earlier table; of one at an address, in the current folder."""
    if isinstance(options.previous, Held):
        return read_manifest(options.previous, None, "", required=False) or {}
    path = str(options.previous).rstrip("/")
    name = path.rsplit("/", 1)[-1] if ADDRESS.match(path) else path
    return read_manifest(name, None, "", required=False) or {}
