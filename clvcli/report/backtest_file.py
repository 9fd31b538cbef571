"""The file of `clv backtest -o`, read back for the report."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clvcli.core.errors import InputError
from clvcli.core.held import Held
from clvcli.core.language import marked

NEEDS = {"holdout", "folds", "methods", "choice", "verdict", "calibration"}


def read_backtest(path: str) -> Mapping[str, Any]:
    """Its content. Raises InputError for what is no such file."""
    hint = "clv backtest DATA -o backtest.json"
    try:
        content = path.value if isinstance(path, Held) else json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "is not JSON"
        raise InputError(f"{path}: {reason}", hint=hint) from None
    if not isinstance(content, dict) or content.get("command") != "backtest" or not content.keys() >= NEEDS:
        raise InputError(marked("{place}: is no output of clv backtest", place=path), hint=hint)
    return content
