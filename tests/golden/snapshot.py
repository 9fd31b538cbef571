"""The committed part of the golden logs: what is exact on every machine and says what the reader did.

Of each log: the exit code, the first line of a refusal, the facts of its inputs, columns, accounting, codes of
warnings, and digests of the rejects and of the table's columns that no model fills.
"""

import csv
import hashlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from golden.run import every_case, run_all, slug

SNAPSHOT = Path(__file__).with_name("snapshot.json")
EXACT = (
    "customer_id", "first_purchase_date", "last_purchase_date", "days_since_last_purchase", "purchases", "total_spend",
    "avg_purchase_value", "avg_days_between_purchases", "frequency", "recency", "T", "monetary_value",
    "r_score", "f_score", "m_score", "rfm_score",
)  # fmt: skip

USUAL = {
    "format": "csv", "encoding": "utf-8", "line_ends": "LF", "separator": "comma", "quote": '"', "preamble_lines": 0,
    "header": True,
}  # fmt: skip
"""Facts of an input that are left out where they are these."""


def snapshot(code: Path, part: slice = slice(None)) -> dict[str, Any]:
    """What the code of a checkout makes of every log that is not large, or of some of them, by name."""
    chosen = [case for case in every_case() if not case.large][part]
    with tempfile.TemporaryDirectory() as folder:
        run_all(code, Path(folder), chosen, read_only=True)
        return {case.name: exact_part(Path(folder, slug(case.name))) for case in chosen}


def exact_part(folder: Path) -> dict[str, Any]:
    """That of one case."""
    code, _, err = json.loads((folder / "outcome.json").read_text("utf-8"))["score"]
    rejects, table, manifest = folder / "scored.csv.rejects.csv", folder / "scored.csv", folder / "manifest.json"
    found: dict[str, Any] = {"exit": code}
    if code:
        found["refused"] = _refusal(err)
    if rejects.exists():
        found["rejects"] = _digest(rejects.read_text("utf-8"))
    if manifest.exists():
        said = json.loads(manifest.read_text("utf-8"))
        inputs = [{k: v for k, v in each.items() if USUAL.get(k) != v and k != "bytes"} for each in said["inputs"]]
        found |= {"table": _digest(_exact_columns(table)), "inputs": inputs[:2]}
        found |= {name: said[name] for name in ("as_of", "columns", "rows", "customers", "purchases", "leads")}
        found["warnings"] = sorted({warning["code"] for warning in said["warnings"]})
    return found


def encoded(found: dict[str, Any]) -> str:
    """One line a log, so that a change shows as the lines of what changed."""
    lines = [f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}" for name, each in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _refusal(err: str) -> str:
    lines = [line for line in err.splitlines() if line.startswith("clv: ")]
    return (lines[-1] if lines else err[-200:]).split(" (hint: ")[0]


def _digest(text: str) -> str:
    return f"{max(text.count(chr(10)) - 1, 0)} rows, {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _exact_columns(table: Path) -> str:
    out = io.StringIO()
    with table.open(newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(out, EXACT, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(csv.DictReader(stream))
    return out.getvalue()
