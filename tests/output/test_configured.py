"""What a clv.yaml of somebody else's folder may replace, and the mode of new files beside a closed table."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import GOOD, ROOT, Clv


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "log.csv").write_text(GOOD)
    return folder


@pytest.mark.parametrize("option", ["output", "report", "rejects", "manifest"])
def test_a_configured_output_replaces_no_file_of_others(option: str, shop: Path, clv: Clv) -> None:
    (shop / "clv.yaml").write_text(f"{option}: mine.csv\nno_model: true\n")
    (shop / "mine.csv").write_text("the only copy\n")
    done = clv("score", "log.csv", cwd=shop)
    assert done.code == 6
    assert "no earlier run wrote" in done.err
    assert (shop / "mine.csv").read_text() == "the only copy\n"
    assert sorted(p.name for p in shop.iterdir()) == ["clv.yaml", "log.csv", "mine.csv"]


@pytest.mark.parametrize("option", ["output", "report", "rejects", "manifest"])
def test_a_configured_output_of_an_earlier_run_is_replaced(option: str, shop: Path, clv: Clv) -> None:
    (shop / "clv.yaml").write_text(f"{option}: mine.csv\nno_model: true\n")
    assert clv("score", "log.csv", cwd=shop).code == 0
    before = (shop / "mine.csv").stat().st_ino
    assert clv("score", "log.csv", cwd=shop).code == 0
    assert (shop / "mine.csv").stat().st_ino != before


def test_a_typed_output_replaces_what_is_there(shop: Path, clv: Clv) -> None:
    (shop / "clv.yaml").write_text("output: other.csv\nno_model: true\n")
    (shop / "mine.csv").write_text("old\n")
    assert clv("score", "log.csv", "-o", "mine.csv", cwd=shop).code == 0
    assert (shop / "mine.csv").read_text().startswith("customer_id,")


OUTSIDE = ["output", "report", "rejects", "manifest", "log_file"]


@pytest.mark.parametrize("option", OUTSIDE)
@pytest.mark.parametrize("place", ["../home/.bashrc", "/tmp/clv-nowhere/x", "link"])
def test_a_file_that_nobody_named_writes_only_within_its_folder(option: str, place: str, shop: Path, clv: Clv) -> None:
    (shop.parent / "home").mkdir()
    (shop / "link").symlink_to("../home/.bashrc")
    (shop / "clv.yaml").write_text(f"{option}: {place}\nno_model: true\nquiet: true\n")
    done = clv("score", "log.csv", cwd=shop)
    assert (done.code, "lies outside" in done.err, option in done.err) == (4, True, True)
    assert "--config clv.yaml" in done.err
    assert not list((shop.parent / "home").iterdir())


def test_a_file_that_is_named_writes_where_it_says(shop: Path, clv: Clv) -> None:
    (shop.parent / "home").mkdir()
    (shop / "clv.yaml").write_text("output: ../home/t.csv\nno_model: true\n")
    assert clv("score", "log.csv", "--config", "clv.yaml", cwd=shop).code == 0
    assert (shop.parent / "home" / "t.csv").exists()


def test_the_nights_stay_within_the_folder_too(shop: Path, clv: Clv) -> None:
    (shop / "clv.yaml").write_text("data: log.csv\nrun: {folder: ../nights}\n")
    done = clv("run", cwd=shop)
    assert (done.code, "run.folder lies outside" in done.err) == (4, True)


def test_names_that_are_not_utf_8_are_told(shop: Path, clv: Clv) -> None:
    odd = os.fsdecode(b"n\xff.csv")
    (shop / odd).write_text(GOOD)
    for data in (odd, "."):
        done = clv("score", data, "-o", "t.csv", cwd=shop)
        assert (done.code, "is not UTF-8" in done.err) == (3, True)
    done = clv("score", "log.csv", "-o", odd, cwd=shop)
    assert (done.code, "is not UTF-8" in done.err) == (2, True)


def test_new_files_beside_a_closed_table_are_closed(shop: Path, clv: Clv) -> None:
    line = ("score", "log.csv", "-o", "t.csv", "--no-model")
    assert clv(*line, cwd=shop).code == 0
    (shop / "t.csv").chmod(0o600)
    (shop / "t.csv.rejects.csv").unlink()
    (shop / "t.csv.run.json").unlink()
    assert clv(*line, "--report", "page.html", cwd=shop).code == 0
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in shop.iterdir() if p.name != "log.csv"}
    assert set(modes.values()) == {0o600}, modes


def test_after_a_hangup_no_lock_stays(shop: Path) -> None:
    run = _started(shop)
    run.send_signal(signal.SIGHUP)
    assert run.wait(30) == 129
    assert not list(shop.glob(".*"))


def test_under_nohup_a_hangup_is_nothing(shop: Path) -> None:
    run = _started(shop, "nohup")
    run.send_signal(signal.SIGHUP)
    os.kill(run.pid, signal.SIGTERM)
    assert run.wait(30) == 143


def _started(shop: Path, *before: str) -> "subprocess.Popen[bytes]":
    """A run that holds its lock and waits for a log on stdin."""
    run = subprocess.Popen(
        [*before, sys.executable, "-m", "clvcli", "score", "-", "-o", "t.csv"], cwd=shop, stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    for _ in range(3000):
        if list(shop.glob(".t.csv.clvlock")):
            return run
        time.sleep(0.02)
    raise AssertionError("no lock")
