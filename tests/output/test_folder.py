"""A folder as an output: whole or as it was, never another's, nothing left by dead runs."""

import json
from pathlib import Path

import pytest

from clvcli.errors import OutputError
from clvcli.output.folder import FolderOutput


def fill(output: FolderOutput, text: str) -> None:
    place = Path(output.temporary)
    place.mkdir()
    (place / "part-00001-ab-c000.zstd.parquet").write_text(text)
    (place / "_SUCCESS").touch()
    (place / ".part.crc").touch()


def written(folder: Path, text: str) -> Path:
    target = folder / "scored"
    with FolderOutput(str(target)) as output:
        fill(output, text)
        assert output.tidy() == ["part-00000.parquet"]
        output.commit()
        output.keep()
    (folder / "scored.run.json").write_text(json.dumps({"clv": "1", "outputs": ["scored"]}))
    return target


def test_a_folder_is_replaced_whole_and_alone(tmp_path: Path) -> None:
    for text in ("first", "second"):
        target = written(tmp_path, text)
        assert [p.name for p in target.iterdir()] == ["part-00000.parquet"]
        assert (target / "part-00000.parquet").read_text() == text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scored", "scored.run.json"]


def test_what_follows_fails_and_the_old_folder_is_back(tmp_path: Path) -> None:
    target = written(tmp_path, "old")
    with FolderOutput(str(target)) as output:
        fill(output, "new")
        output.tidy()
        output.commit()
        output.take_back()
    assert (target / "part-00000.parquet").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scored", "scored.run.json"]


def test_nothing_committed_leaves_nothing(tmp_path: Path) -> None:
    with FolderOutput(str(tmp_path / "scored")) as output:
        fill(output, "half")
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_run_left_is_swept_and_no_more(tmp_path: Path) -> None:
    dead, other = tmp_path / ".scored.12-ab.clvtmp", tmp_path / ".scored.keep"
    dead.mkdir()
    other.mkdir()
    with FolderOutput(str(tmp_path / "scored")):
        assert not dead.exists()
    assert [p.name for p in tmp_path.iterdir()] == [".scored.keep"]


def test_a_folder_of_somebody_else_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputError, match="no earlier run wrote"), FolderOutput(str(tmp_path / "mine")):
        pass
    with FolderOutput(str(tmp_path / "scored")) as output, pytest.raises(OutputError, match="did not arrive"):
        output.tidy()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "scored")
    with FolderOutput(path), pytest.raises(OutputError, match="is writing it"), FolderOutput(path):
        pass
