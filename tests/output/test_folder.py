"""A table of many files: the old folder or the new one, also when putting it in place fails."""

import errno
import json
import os
from pathlib import Path
from unittest import mock

import pytest

from clvcli.core.errors import OutputError
from clvcli.output.folder import FolderOutput

NAME = "scored"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(output: FolderOutput, content: str) -> None:
    """As workers do: parts under long names, and marks of their own."""
    Path(output.temporary).mkdir()
    for name in ("part-b7.snappy.parquet", "part-a3.snappy.parquet", "_SUCCESS", ".part-a3.crc"):
        (Path(output.temporary) / name).write_text(content + name[5:6])


def earlier() -> None:
    """A folder that an earlier run wrote."""
    with FolderOutput(NAME) as output:
        fill(output, "old ")
        output.tidy()
        output.commit()
        output.keep()
    manifest = {"clv": "0.1.0", "schema": 1, "command": "score", "outputs": [NAME, f"{NAME}.run.json"]}
    Path(f"{NAME}.run.json").write_text(json.dumps(manifest))


def state() -> dict[str, str]:
    return {str(p): p.read_text() for p in sorted(Path(NAME).rglob("*"))} if Path(NAME).exists() else {}


OLD = {f"{NAME}/part-00000.parquet": "old a", f"{NAME}/part-00001.parquet": "old b"}
NEW = {name: text.replace("old", "new") for name, text in OLD.items()}


def test_parts_get_plain_names_in_their_order_and_marks_go() -> None:
    earlier()
    assert state() == OLD
    assert sorted(os.listdir()) == [NAME, f"{NAME}.run.json"]


def test_a_new_folder_replaces_that_of_an_earlier_run_and_can_be_taken_back() -> None:
    earlier()
    for kept in (False, True):
        with FolderOutput(NAME) as output:
            fill(output, "new ")
            assert output.tidy() == ["part-00000.parquet", "part-00001.parquet"]
            assert state() == OLD
            output.commit()
            assert state() == NEW
            output.keep() if kept else output.take_back()
        assert state() == (NEW if kept else OLD)
        assert sorted(os.listdir()) == [NAME, f"{NAME}.run.json"]


def test_without_commit_nothing_changes() -> None:
    earlier()
    with FolderOutput(NAME) as output:
        fill(output, "new ")
    assert state() == OLD
    with FolderOutput("other") as output:
        fill(output, "new ")
        output.commit()
        output.take_back()
    assert sorted(os.listdir()) == [NAME, f"{NAME}.run.json"]


def test_a_rename_that_fails_leaves_the_old_folder() -> None:
    earlier()
    real = os.rename

    def fails(source: str, target: str) -> None:
        if source.endswith(".clvtmp") and "-old" not in source:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(source, target)

    with FolderOutput(NAME) as output:
        fill(output, "new ")
        with mock.patch.object(os, "rename", fails), pytest.raises(OutputError, match="input/output error"):
            output.commit()
    assert state() == OLD


def test_what_nobody_wrote_there_is_told() -> None:
    with FolderOutput(NAME) as output, pytest.raises(OutputError, match="did not arrive"):
        output.tidy()


def test_places_that_cannot_be() -> None:
    with pytest.raises(OutputError, match="does not exist"), FolderOutput("none/x"):
        pass
    Path("mine").mkdir()
    with pytest.raises(OutputError, match="no earlier run wrote"), FolderOutput("mine"):
        pass
    with (
        mock.patch.object(os, "access", return_value=False),
        pytest.raises(OutputError, match="no permission"),
        FolderOutput("x"),
    ):
        pass


def test_a_run_killed_between_its_two_renames_costs_nothing() -> None:
    earlier()
    os.rename(NAME, f".{NAME}.123-abcdef01-old.clvtmp")
    Path(f".{NAME}.123-abcdef01.clvtmp").mkdir()
    with FolderOutput(NAME):
        pass
    assert state() == OLD
    assert sorted(os.listdir()) == [NAME, f"{NAME}.run.json"]
