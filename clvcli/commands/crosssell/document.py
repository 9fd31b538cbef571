"""The result as JSON text."""

import dataclasses
import json
from typing import Any

from clvcli import __version__
from clvcli.commands.crosssell.profile import Profile
from clvcli.commands.crosssell.result import Crosssell
from clvcli.core.options import CrosssellOptions
from clvcli.scoring.manifest import arguments, rows


def as_json(result: Crosssell, options: CrosssellOptions) -> bytes:
    """Everything: profiles and one object a row of the table."""
    content = {**document(result, options), result.kind: result.table.to_dicts()}
    return encoded(content)


def encoded(content: dict[str, Any]) -> bytes:
    """Encode a document as JSON text."""
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def document(result: Crosssell, options: CrosssellOptions) -> dict[str, Any]:
    """Plain values but for the rows of the table; amounts in currency units."""
    quality = result.log.quality
    return {
        "schema": 1,
        "clv": __version__,
        "command": "crosssell",
        "as_of": result.log.as_of,
        "inputs": [dict(i) for i in quality.inputs],
        "arguments": arguments(options),
        "rows": rows(quality),
        "kind": result.kind,
        "by": result.by,
        "items": result.items,
        "products": result.products,
        "baskets": result.baskets,
        "holdout": None if result.holdout is None else result.holdout.as_json(),
        "category_holdout": None if result.category_holdout is None else result.category_holdout.as_json(),
        "profiles": [_profile(p) for p in result.profiles],
        "warnings": [n.document() for n in result.notices],
        "outputs": list(result.outputs),
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return dataclasses.asdict(profile)
