"""The notebook of the project runs from its first cell to its last and shows what it says."""

from pathlib import Path
from typing import Any

import pytest
from api.test_python_topic import shop
from conftest import ROOT

NOTEBOOK = ROOT / ".github" / "notebook.ipynb"


@pytest.mark.slow
def test_the_notebook_runs(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    assert all(not cell.get("outputs") for cell in book.cells), "is kept without outputs: clear them"
    client.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(shop(tmp_path))}}).execute()
    shown = {cell["source"].splitlines()[0]: cell["outputs"] for cell in book.cells if cell.cell_type == "code"}
    errors = [output for outputs in shown.values() for output in outputs if output.get("name") == "stderr"]
    assert errors == []
    assert "srcdoc=" in text(shown, "run = clvcli", "text/html")
    assert "of spend expected" in text(shown, "print(run.summary())")
    assert "3 customers to turn to now" in text(shown, "first = clvcli", "text/html")
    assert "What would change the stage" in text(shown, "customer = first", "text/html")
    assert "identical_lines" in text(shown, "for warning")


def text(shown: dict[str, Any], start: str, kind: str = "") -> str:
    """What the cell that begins so has shown: its page, or what it printed."""
    (outputs,) = (outputs for first, outputs in shown.items() if first.startswith(start))
    return "".join(o["data"][kind] if kind else o.get("text", "") for o in outputs)
