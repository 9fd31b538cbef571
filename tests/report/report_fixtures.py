"""Fixtures: one scored run of CDNOW for all tests of the report, and the same with hostile names."""

import copy
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(2)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "a\x1b[31mred\x07\x00",
    "right\u202eleft",
    "]]><!-- -->",
    "[bold red]markup[/]",
    "javascript:alert(3)",
    '**bold** `code` &amp; O\'Neill "x"',
    "long " + "x" * 5000,
)
"""Ids and stage names that a page must show as text."""


@pytest.fixture(scope="session")
def scored(cdnow_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CDNOW sample scored as of 1997-09-30 against an earlier table, with a page beside it."""
    from clvcli.cli.app import run

    folder = tmp_path_factory.mktemp("scored")
    common = ["score", str(cdnow_csv), "-q"]
    assert run([*common, "--as-of", "1997-08-31", "-o", str(folder / "earlier.csv")]) == 0
    more = ["--as-of", "1997-09-30", "--previous", str(folder / "earlier.csv"), "--report", str(folder / "page.html")]
    assert run([*common, *more, "-o", str(folder / "scored.csv")]) == 0
    return folder / "scored.csv"


@pytest.fixture(scope="session")
def manifest(scored: Path) -> dict[str, Any]:
    """Its manifest. Copy before you change it."""
    content: dict[str, Any] = json.loads(Path(f"{scored}.run.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="session")
def table(scored: Path) -> pl.DataFrame:
    """Its table."""
    return pl.read_csv(scored, schema_overrides={"customer_id": pl.String, "rfm_score": pl.String})


@pytest.fixture(scope="session")
def hostile(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with every name that comes from users replaced by a hostile one."""
    content = copy.deepcopy(manifest)
    names = {stage["stage"]: f"{HOSTILE[i % len(HOSTILE)]} {i}" for i, stage in enumerate(content["stages"])}
    for stage in content["stages"]:
        stage["stage"] = names[stage["stage"]]
        stage["phase"], stage["customers"] = HOSTILE[0], stage["customers"] or 1
    content["rules"]["phases"] = {HOSTILE[0]: HOSTILE[1]}
    content["rules"]["stages"] = {names[k]: v for k, v in content["rules"]["stages"].items()}
    for told in content["rules"]["stages"].values():
        told |= {"who": HOSTILE[0], "goal": HOSTILE[2], "max_cost": HOSTILE[3]}
        told["actions"] = [{"action": HOSTILE[4], "channel": HOSTILE[0], "offer": HOSTILE[1]}]
    series = content["series"]
    lists = [series["top"], series["contacts"]["first"], series["transitions"]["up"], series["transitions"]["down"]]
    for rows in [*lists, *series["stage_firsts"].values()]:
        for i, row in enumerate(rows):
            row |= {"customer_id": HOSTILE[i % len(HOSTILE)], "stage": HOSTILE[0], "action": HOSTILE[1]}
            row["variant"] = HOSTILE[2]
    series["stage_firsts"] = {names[k]: v for k, v in series["stage_firsts"].items()}
    for move in series["transitions"]["moves"]:
        move["from"], move["to"] = (names.get(move[k]) for k in ("from", "to"))
    content["warnings"] = [{"code": "x", "message": text} for text in HOSTILE]
    content["inputs"] = [{"path": f"/data/{HOSTILE[0]}", "format": HOSTILE[1], "bytes": 1}]
    content["columns"] = {"customer": HOSTILE[0]}
    return content


@pytest.fixture(scope="session")
def backtest(manifest: dict[str, Any]) -> dict[str, Any]:
    """What `clv backtest -o` writes, in small and with round numbers."""
    figures = {"deviance": 1.5, "log_loss": 0.5, "rmse": 1.6, "mae": 0.8, "bias": -0.121}
    value = {"all": {"gini": 0.7}}
    groups = {"customers": 100, "expected": 50.0, "actual": 40.0, "expected_buyers": 30.0, "buyers": 28.0}
    return {
        "command": "backtest",
        "holdout": {"days": 90, "folds": 3},
        "folds": [{"origin": "1997-06-30", "end": "1997-09-28"}],
        "methods": [
            {"name": "bg-nbd", "kind": "model", **figures, "value": value},
            {"name": "same rate", "kind": "heuristic", **figures, "deviance": 2.0, "bias": 0.557, "value": value},
            {"name": "nobody buys", "kind": "zero", **figures, "deviance": 30.0, "bias": -1.0, "value": {}},
        ],
        "choice": {"name": "bg-nbd"},
        "verdict": {"text": ["Use bg-nbd: nothing is better.", "It wins at counts."], "winners": {}},
        "calibration": {
            manifest["models"]["purchase"]["name"]: {
                "decile": [{"decile": str(i), **groups} for i in range(1, 11)],
                "counts": [{"purchases": str(i), "actual": 90 - i, "expected": 88.4 - i} for i in range(8)],
            }
        },
    }
