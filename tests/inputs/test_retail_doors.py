"""Online Retail, one record in thirty of all its time, by every door (all of it: retail_doors.py)."""

from pathlib import Path

import pytest
from inputs.retail_doors import FILES, doors


@pytest.mark.shared
@pytest.mark.slow
def test_each_door_gives_the_table_of_the_csv(online_retail: Path, tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    found = {door.door: (door.cells, door.same, door.rows) for door in doors(online_retail, tmp_path, 9_000)}
    assert len(found) > len(FILES)
    assert found == dict.fromkeys(found, ({}, True, True))
