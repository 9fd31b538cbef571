"""`clv help python` says what runs: its examples, one after the other, with the sample data in the folder."""

import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

TOPIC = (ROOT / "clvcli" / "help" / "python.md").read_text(encoding="utf-8")
KEPT = "27"
"""Last digits of the customers who stay: enough for models, and a second a run."""


def examples() -> list[str]:
    """The indented blocks."""
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", TOPIC, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") for block in blocks]


def shop(folder: Path) -> Path:
    """A folder with a fifth of the sample log, and the customers."""
    data = ROOT / "sample_data"
    shutil.copy(data / "customers.csv", folder)
    lines = (data / "transactions.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines[1:] if line.partition(",")[0][-1:] in tuple(KEPT)]
    (folder / "transactions.csv").write_text("".join([lines[0], *kept]), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(shop(tmp_path))
    assert len(examples()) == 7
    names: dict[str, Any] = {}
    for number, example in enumerate(examples(), 1):
        exec(compile(example, f"python.md, example {number}", "exec"), names)
    assert names["best"].height == 10
    assert names["best"].columns == ["customer_id", "stage", "clv"]
    assert names["first"].height == 3
    assert {"scored.parquet", "scored.parquet.run.json", "page.html"} <= {path.name for path in tmp_path.iterdir()}
    printed = capsys.readouterr()
    assert "price" in printed.out.splitlines()[-1]
    assert printed.err == ""
