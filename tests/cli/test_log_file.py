"""`--log-file` is appended to: a file that holds anything else than a log is left alone; no output may be the log."""

import json
from pathlib import Path

import pytest
from conftest import GOOD, Clv

REFUSED = "is no log of earlier runs (hint: --log-file names a new file, or such a log)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(GOOD)
    return path


def test_a_log_grows_by_every_run(clv: Clv, log: Path, tmp_path: Path) -> None:
    lengths = []
    for _ in range(2):
        assert clv("score", log, "-o", "scored.csv", "--log-file", "log.jsonl").code == 0
        lengths.append(len([json.loads(line)["event"] for line in (tmp_path / "log.jsonl").open()]))
    assert lengths[1] == 2 * lengths[0] > 0


@pytest.mark.parametrize("command", ["score", "check", "fit", "backtest"])
def test_the_data_are_not_appended_to(command: str, clv: Clv, log: Path) -> None:
    done = clv(command, log, "--log-file", log)
    assert (done.code, done.err) == (2, f"clv: {log}: {REFUSED}\n")
    assert log.read_text() == GOOD


def test_an_old_output_is_not_appended_to(clv: Clv, log: Path, tmp_path: Path) -> None:
    clv("score", log, "-o", "scored.csv")
    before = (tmp_path / "scored.csv").read_bytes()
    done = clv("score", log, "-o", "scored.csv", "--log-file", "scored.csv")
    assert (done.code, done.err) == (2, f"clv: scored.csv: {REFUSED}\n")
    assert (tmp_path / "scored.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (["score", "orders.csv", "-o", "new"], "the table (-o)"),
        (["score", "orders.csv", "-o", "scored.csv", "--manifest", "./new"], "the manifest"),
        (["fit", "orders.csv", "-o", "new"], "the model"),
        (["backtest", "orders.csv", "-o", "new"], "the backtest"),
        (["economics", "orders.csv", "-o", "new"], "the table (-o)"),
        (["simulate", "-o", "new"], "the table (-o)"),
    ],
)
def test_no_output_may_be_the_log(args: list[str], what: str, clv: Clv, log: Path) -> None:
    assert log.exists()
    done = clv(*args, "--log-file", "new")
    assert done.code == 2
    assert f"clv: {what} and the log (--log-file) are the same file: " in done.err
