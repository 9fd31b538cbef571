"""CLV_* variables: params.py reads them; here those that no option reads and those with an old name."""

import difflib
import os

from clvcli.core.deprecated import renamed_keys
from clvcli.core.errors import Notice, UsageError
from clvcli.core.language import marked

OTHERS = {"CLV_TODAY", "CLV_LANG"}
"""Variables that are no options."""


def rename_variables() -> list[Notice]:
    """Gives old variables their new names in this process; returns what to say of it."""
    renamed, notices = renamed_keys(os.environ, "CLV_", "")
    if notices:
        os.environ.clear()
        os.environ.update(renamed)
    return notices


def refuse_unknown_variables() -> None:
    """Raises UsageError for a CLV_* variable that no option of any command reads."""
    ours = [name for name in os.environ if name.startswith("CLV_")]
    if not ours:
        return
    from clvcli.cli.commands import every_option

    known = {f"CLV_{name.upper()}" for name in every_option()} | OTHERS
    for stranger in sorted(set(ours) - known):
        near = difflib.get_close_matches(stranger, known, 1)
        raise UsageError(
            marked("{place}: unknown option", place=stranger),
            hint=marked("did you mean {name}?", name=near[0])
            if near
            else marked("unset {stranger}", stranger=stranger),
            code="settings",
        )
