"""A renamed option or column: both names work for one minor version, and the old one is told."""

import contextlib
import io
import json
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD

from clvcli import __version__
from clvcli.cli.app import run
from clvcli.core import deprecated
from clvcli.core.deprecated import COLUMNS, COMMANDS, OPTIONS, Renamed
from clvcli.core.fields import FIELDS
from clvcli.core.options import ScoreOptions
from clvcli.core.settings import declared


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])


@pytest.mark.parametrize("renamed", [*OPTIONS.values(), *COLUMNS.values(), *COMMANDS.values()], ids=str)
def test_no_old_name_outlives_its_version(renamed: Renamed) -> None:
    assert version(__version__) < version(renamed.until)


@pytest.fixture(autouse=True)
def renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if two options and a column had just been renamed."""
    monkeypatch.setattr(deprecated, "OPTIONS", {"window": Renamed("horizon", "9.9"), "mute": Renamed("quiet", "9.9")})
    monkeypatch.setattr(deprecated, "COLUMNS", {"value": Renamed("clv", "9.9")})
    monkeypatch.setattr("clvcli.cli.config_file.OPTIONS", deprecated.OPTIONS)
    assert {"horizon", "quiet"} <= declared(ScoreOptions).keys()
    assert "clv" in {f.name for f in FIELDS}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")
    Path("log.csv").write_text(GOOD)


def clv(*args: str) -> tuple[int, str]:
    """The command in this process, where the tables are patched."""
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        code = run([*args])
    return code, err.getvalue()


def horizon() -> str:
    return str(json.loads(Path("t.parquet.run.json").read_text())["horizon"])


SCORE = ("score", "log.csv", "-o", "t.parquet")


@pytest.mark.parametrize("typed", [("--window", "2m"), ("--window=2m",)])
def test_an_old_flag(typed: tuple[str, ...]) -> None:
    code, err = clv(*SCORE, *typed)
    assert code == 0
    assert err.startswith("warning: the option --window is now called --horizon: the old name goes with version 9.9")
    assert "[clv help deprecated]" in err
    assert horizon() == "2m"


def test_an_old_flag_and_a_quiet_run() -> None:
    assert clv(*SCORE, "--window", "2m", "-q") == (0, "")
    assert clv(*SCORE, "--window", "2m", "--mute") == (0, "")


def test_what_follows_two_dashes_is_no_flag() -> None:
    assert deprecated.renamed_flags(["score", "--", "--window"]) == (["score", "--", "--window"], [])


def test_an_old_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLV_WINDOW", "2m")
    code, err = clv(*SCORE)
    assert code == 0
    assert "warning: CLV_WINDOW is now called CLV_HORIZON" in err
    assert horizon() == "2m"
    monkeypatch.setenv("CLV_HORIZON", "3m")
    assert clv(*SCORE)[0] == 0
    assert horizon() == "3m"


def test_an_old_key_of_the_file() -> None:
    Path("clv.yaml").write_text("window: 2m\n")
    code, err = clv(*SCORE)
    assert code == 0
    assert "warning: clv.yaml: window is now called horizon" in err
    assert horizon() == "2m"


RULES = """\
schema: 1
phases: [a, b]
stages:
  - stage: dear
    phase: a
    when: value > {middle} AND clv > {middle}
otherwise: {{stage: cheap, phase: b}}
"""


def test_a_renamed_column_is_written_twice_and_may_be_used_by_either_name() -> None:
    assert clv(*SCORE, "-q")[0] == 0
    middle = round(float(pl.read_parquet("t.parquet")["clv"].to_numpy().mean()), 2)
    Path("rules.yaml").write_text(RULES.format(middle=middle))
    code, err = clv(*SCORE, "--rules", "rules.yaml")
    assert code == 0, err
    assert "the column value is now called clv" in err
    table = pl.read_parquet("t.parquet")
    assert table.columns[-1] == "value"
    assert table["value"].equals(table["clv"])
    assert (table["stage"] == "dear").equals(table["clv"] > middle)
    assert 0 < (table["stage"] == "dear").sum() < table.height


def test_a_table_of_the_older_version_is_read() -> None:
    assert clv(*SCORE, "-q")[0] == 0
    table = pl.read_parquet("t.parquet")
    table.drop("clv").write_parquet("old.parquet")
    code, err = clv("score", "log.csv", "-o", "u.parquet", "--previous", "old.parquet", "-q")
    assert (code, err) == (0, "")
    assert pl.read_parquet("u.parquet")["stage_changed"].sum() == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema --json", "columns --json"),
        ("compare log.csv --every 3m -o a.csv", "history log.csv --every 3m -o a.csv"),
        ("compare log.csv --every=3m -o a.csv", "history log.csv --every=3m -o a.csv"),
    ],
)
def test_an_old_command_does_what_the_new_one_does(old: str, new: str) -> None:
    code, err = clv(*old.split())
    assert code == 0, err
    assert "is now called clv" in err.splitlines()[0]
    made = [p.read_bytes() for p in sorted(Path().glob("a.csv"))]
    assert (code, err.split("\n", 1)[1]) == clv(*new.split())
    assert [p.read_bytes() for p in sorted(Path().glob("a.csv"))] == made
