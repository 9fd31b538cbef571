"""JSON files that a run reads back - manifests, models - taken for what they say only where they have the right shape.

A shape is written as the file looks: `str`, `int`, `float` (any finite number), `bool`, `[item]`, `{"key": shape}`, and
`{"*": shape}` for any other key; a tuple is one of several, None among them. A key written `"!key"` has to
be there; another one that is missing is its reader's matter.
"""

import json
import math
from typing import Any

Shape = Any
LARGEST = 2**63 - 1
"""Whole numbers beyond it fit in no column."""
MAX_BYTES = 64 << 20


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError, also for NaN, infinite and too large numbers."""
    try:
        return json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def misfit(value: Any, shape: Shape, where: str = "") -> str | None:
    """What does not have the shape, like `stages[2].share is no number`; None where all does."""
    if isinstance(shape, tuple):
        if value is None and None in shape:
            return None
        wrong = [misfit(value, one, where) for one in shape if one is not None]
        return None if None in wrong else wrong[0]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return _no(where, "object")
        if lacking := [k[1:] for k in shape if k.startswith("!") and k[1:] not in value]:
            return f"{where or 'the whole'} lacks {lacking[0]}"
        named = ((k, v, shape.get(k, shape.get(f"!{k}", shape.get("*")))) for k, v in value.items())
        return next(filter(None, (misfit(v, s, f"{where}.{k}"[:80].lstrip(".")) for k, v, s in named if s)), None)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return _no(where, "list")
        return next(filter(None, (misfit(item, shape[0], f"{where}[{i}]") for i, item in enumerate(value))), None)
    kinds = (int, float) if shape is float else (shape,)
    right = isinstance(value, kinds) and (shape is bool or not isinstance(value, bool))
    return None if right else _no(where, {str: "text", int: "whole number", float: "number"}.get(shape, "truth value"))


def _no(where: str, kind: str) -> str:
    return f"{where or 'the whole'} is no {kind}"


def _whole(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST:
        raise ValueError(f"{text[:20]}... is too large a number")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number")
    return number
