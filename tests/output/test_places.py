"""The checks before work starts: one file under two names, places that cannot be written."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from clvcli.core.errors import ClvError, OutputError, UsageError
from clvcli.output.places import check_places


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in a folder of its own, where orders.csv is the input."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text("id\n")
    (tmp_path / "sub").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "spelling",
    ["orders.csv", "./orders.csv", "sub/../orders.csv", "soft.csv", "hard.csv", "link/orders.csv", "new/../orders.csv"],
)
def test_an_output_that_is_the_input_is_refused_however_spelled(spelling: str, folder: Path) -> None:
    (folder / "soft.csv").symlink_to("orders.csv")
    os.link("orders.csv", "hard.csv")
    (folder / "link").symlink_to(".")
    for path in (spelling, str(folder / spelling)):
        with pytest.raises(UsageError, match="would overwrite the input"):
            check_places({"table": path}, ["orders.csv"])
    assert Path("orders.csv").read_text() == "id\n"


def test_the_file_behind_stdin_is_an_input(folder: Path) -> None:
    """A descriptor of its own: under the test runner stdin is not ours to redirect."""
    code = "from clvcli.output.places import check_places as c; c({'table': 'orders.csv'}, ['-'])"
    with (folder / "orders.csv").open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-c", code], stdin=stdin, capture_output=True, text=True, check=False, env=_environment()
        )
    assert "UsageError: the table (-o) would overwrite the input -" in done.stderr


@pytest.mark.parametrize("second", ["new.csv", "./new.csv", "link/new.csv", "dangling.csv", "nowhere/../new.csv"])
def test_two_outputs_of_one_name_are_refused(second: str, folder: Path) -> None:
    (folder / "link").symlink_to(".")
    (folder / "dangling.csv").symlink_to("new.csv")
    with pytest.raises(UsageError, match="same file"):
        check_places({"table": "new.csv", "report": second}, [])


def test_outputs_of_different_names_pass() -> None:
    check_places({"table": "a.csv", "report": "sub/a.csv", "manifest": "/dev/null", "rejects": "/dev/null"}, ["-"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("sub", "is a folder"),
        ("sub/", "is a folder"),
        ("new/", "is a folder"),
        ("missing/x.csv", "does not exist"),
        ("orders.csv/x.csv", "(?i)not a folder|not a directory"),
        ("n" * 300, "(?i)too long"),
        ("loop.csv", "(?i)symbolic links"),
        ("gone.csv", "does not exist"),
    ],
)
def test_places_that_cannot_be(path: str, text: str, folder: Path) -> None:
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "gone.csv").symlink_to("nowhere/x.csv")
    with pytest.raises(OutputError, match=text) as caught:
        check_places({"table": path}, [])
    assert caught.value.hint


@pytest.mark.parametrize("path", ["s3://lake/x.csv", "a\0b", ""])
def test_names_that_are_no_local_file(path: str) -> None:
    with pytest.raises(UsageError):
        check_places({"table": path}, [])


def test_protected_places_are_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an ordinary user, in a folder that one may enter: root may write anywhere."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        monkeypatch.chdir(name)
        Path("kept.csv").write_text("mine")
        Path("kept.csv").chmod(0o444)
        Path("closed").mkdir(mode=0o555)
        Path().chmod(0o777)
        assert "no permission to write in" in _as_ordinary_user("closed/x.csv")
        assert "write-protected" in _as_ordinary_user("kept.csv")
        monkeypatch.undo()


def _as_ordinary_user(path: str) -> str:
    child, parent = os.pipe()
    pid = os.fork()
    if pid == 0:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            check_places({"table": path}, [])
            text = "accepted"
        except ClvError as error:
            text = error.message
        os.write(parent, text.encode())
        os._exit(0)
    os.close(parent)
    os.waitpid(pid, 0)
    with os.fdopen(child) as reader:
        return reader.read()


def test_closed_stdout_is_an_error_before_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="stdout is closed"):
        check_places({"table": "-"}, [])


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
