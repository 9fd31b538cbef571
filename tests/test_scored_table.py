"""A scored table read back: the same from every format, ids as they were, what is none refused."""

import json
from pathlib import Path

import pytest

from clvcli.core.errors import InputError
from clvcli.core.fields import FIELDS
from clvcli.core.options import ScoreOptions
from clvcli.output.scored_table import COLUMNS, read_manifest, read_scored
from clvcli.scoring.job import score

LOG = "customer_id,date,amount\n001,2026-01-01,5\n001,2026-02-01,7\n1,2026-01-20,1.5\n1e5,2026-02-03,2\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def scored(log: Path, name: str, **more: object) -> Path:
    path = log.parent / name
    score(ScoreOptions(data=(str(log),), output=str(path), as_of="2026-02-10", **more))  # type: ignore[arg-type]
    return path


def test_every_format_reads_back_alike(log: Path) -> None:
    frames = [read_scored(str(scored(log, name)), None).frame for name in ("t.csv", "t.parquet", "t.ndjson")]
    excel = read_scored(str(scored(log, "excel.csv", excel=True)), None).frame
    assert frames[0]["customer_id"].to_list() == ["001", "1", "1e5"]
    for frame in (*frames, excel):
        assert {n: t for n, t in frame.schema.items() if n in COLUMNS} == {
            f.name: COLUMNS[f.name] for f in FIELDS if f.name in frame.columns
        }
        assert frame.equals(frames[0])


def test_what_is_no_scored_table(log: Path) -> None:
    folder = log.parent
    for name, content, words in (
        ("a.csv", b"customer_id,stage\nx,new\nx,new\n", "appears twice"),
        ("b.csv", b"customer_id,stage\n,new\n", "is empty"),
        ("c.csv", b"customer_id,stage,clv\nx,new,much\n", "no scored table"),
        ("d.csv", b"customer_id,stage,first_purchase_date\nx,new,31.12.2026\n", "no scored table"),
        ("e.csv", b"customer_id,stage,in_control\nx,new,perhaps\n", "no scored table"),
        ("f.csv", b"", "cannot be read"),
        ("g.csv", b"\xff\xfe\x00customer_id", "cannot be read|no column"),
        ("h.xlsx", b"PK\x03\x04rest", "cannot be read"),
        ("i.parquet", b"PAR1rest", "cannot be read"),
        ("j.ndjson", b'{"customer_id": 1', "cannot be read"),
        ("k.csv", LOG.encode(), "no column stage"),
    ):
        (folder / name).write_bytes(content)
        with pytest.raises(InputError, match=words):
            read_scored(str(folder / name), None)
    with pytest.raises(InputError):
        read_scored(str(folder), None)


def test_manifests(log: Path) -> None:
    table = str(scored(log, "t.csv"))
    found = read_manifest(table, None, "--manifest FILE")
    assert found is not None
    assert found["as_of"] == "2026-02-10"
    other = log.parent / "m.json"
    for content in ("[]", "{", '{"clv": 1}', json.dumps({"clv": "0", "as_of": "soon", "horizon": "12m"})):
        other.write_text(content)
        with pytest.raises(InputError) as problem:
            read_manifest(table, str(other), "--manifest FILE")
        assert problem.value.hint == "--manifest FILE"
    assert read_manifest(str(log), None, "--manifest FILE", required=False) is None
    with pytest.raises(InputError, match="no such file"):
        read_manifest(str(log), None, "--manifest FILE")


def test_stages_along_the_cycle(log: Path) -> None:
    path = str(scored(log, "t.csv"))
    table = read_scored(path, read_manifest(path, None, ""))
    order = table.along_the_cycle()
    assert order[0] == "guests"  # of the first phase, attract
    assert order.index("champions") < order.index("can't lose")  # cherish before reactivate
    assert table.stages[0] == "guests"


def test_a_folder_of_parquet_files_is_one_table(log: Path) -> None:
    whole = read_scored(str(scored(log, "t.parquet")), None).frame
    folder = log.parent / "folder"
    folder.mkdir()
    with pytest.raises(InputError, match="no Parquet file in it"):
        read_scored(str(folder), None)
    for i in range(2):
        whole.slice(2 * i, 2).write_parquet(folder / f"part-0000{i}.parquet")
    assert read_scored(str(folder), None).frame.equals(whole)
