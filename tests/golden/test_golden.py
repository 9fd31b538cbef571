"""What the reader makes of the golden logs is what is committed.

An intended change: `cd tests; python -m golden accept`, and look at what git shows of snapshot.json.
"""

import json
from pathlib import Path

import pytest
from golden.compare import differences
from golden.run import every_case
from golden.snapshot import SNAPSHOT, snapshot

ROOT = Path(__file__).resolve().parents[2]
PARTS = 6


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_reader_does_what_it_did(part: int) -> None:
    found = snapshot(ROOT, slice(part, None, PARTS))
    kept = json.loads(SNAPSHOT.read_text("utf-8"))
    assert found == {name: kept.get(name) for name in found}, "intended? cd tests; python -m golden accept"


def test_the_snapshot_holds_every_log_and_no_other() -> None:
    assert list(json.loads(SNAPSHOT.read_text("utf-8"))) == [case.name for case in every_case() if not case.large]


def test_a_difference_is_told_by_its_place(tmp_path: Path) -> None:
    rows = "customer_id,clv,stage\na,{},x\nb,2.0,y\n"
    for name, clv in (("a", "1.0"), ("b", "1.5")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scored.csv").write_text(rows.format(clv))
        (tmp_path / name / "manifest.json").write_text(json.dumps({"rows": {"read": 1.0}, "series": {"x": [clv]}}))
    table = list(differences(tmp_path / "a/scored.csv", tmp_path / "b/scored.csv", set()))
    assert table == ["clv: 1 of 2, like a: 1.0 -> 1.5, at most 5.0e-01 relative"]
    a, b = tmp_path / "a/manifest.json", tmp_path / "b/manifest.json"
    assert list(differences(a, b, set())) == ['series.x[0]: "1.0" -> "1.5"']
    assert list(differences(a, b, {"series"})) == []
