"""The currency that people see beside amounts: as asked, as the run was asked, as its log says."""

from collections.abc import Mapping
from typing import Any

from clvcli.core.printable import printable

MOST = 12
"""Letters of a currency; a longer one is cut."""


def currency_of(manifest: Mapping[str, Any], asked: str | None = None) -> str | None:
    """None where nobody says it."""
    given = ((manifest.get("arguments") or {}).get("show_currency") or {}).get("value")
    found = asked or given or manifest.get("currency")
    return printable(str(found)).replace("\n", " ")[:MOST] if found else None
