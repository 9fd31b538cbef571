"""A small measure of `make bench`, so that its logs stay what they are called."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Clv
from drawing import MAKES
from shapes import CLEAN, SHAPES, available

ROWS = 3000
REJECTED = {"one bad date": 1, "one missing amount": 1, "one short line": 1}
EXCLUDED = {"one empty id": 1}


@pytest.mark.slow
def test_every_shape_is_read_as_what_it_is(tmp_path: Path, clv: Clv) -> None:
    for ids in ("code", "integer", "uuid"):
        for suffix in ("csv", "parquet"):
            clv("simulate", "--rows", ROWS, "--dirt", "0", "--ids", ids, "-q", "-o", f"{ids}-{ROWS}.{suffix}")
    whole = _rows(clv, tmp_path, f"code-{ROWS}.csv", ())
    for shape in (CLEAN, *available(retail=False)):
        clean = tmp_path / f"{shape.ids}-{ROWS}.{'parquet' if shape.suffix == 'parquet' else 'csv'}"
        path = clean if shape.clean else tmp_path / f"{shape.name.replace('/', '-')}.{shape.suffix}"
        if not shape.clean:
            MAKES[shape.name](clean, path)
        rows = _rows(clv, tmp_path, str(path), shape.args)
        if shape.name not in ("2 % dirt", "one stray quote"):
            assert sum(rows["rejected"].values()) == REJECTED.get(shape.name, 0), shape.name
        if shape.name.startswith("one ") and shape.name != "one currency":
            assert rows["read"] == whole["read"] + 1, shape.name
            assert sum(rows["excluded"].values()) == EXCLUDED.get(shape.name, 0), shape.name


def _rows(clv: Clv, folder: Path, data: str, args: tuple[str, ...]) -> dict[str, Any]:
    done = clv("score", data, "-o", "out.csv", "--no-model", *args)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads((folder / "out.csv.run.json").read_text())["rows"]
    return found


def test_every_shape_that_is_not_clean_is_drawn_by_its_name() -> None:
    assert {shape.name for shape in SHAPES if not shape.clean} == set(MAKES)
