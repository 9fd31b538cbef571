"""Every page at 60 and 100 columns, piped: no line too wide, no number or name cut, no blanks at the ends."""

from pathlib import Path

import pytest
from conftest import GOOD, Clv

NARROW, WIDE = "60", "100"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with large sums, scored a month apart."""
    from clvcli.cli.app import run

    place = tmp_path_factory.mktemp("screens")
    (place / "log.csv").write_text(GOOD.replace(".50\n", "99999.50\n"))
    common = ["score", str(place / "log.csv"), "-q", "--as-of"]
    assert run([*common, "2024-11-30", "-o", str(place / "old.csv")]) == 0
    assert run([*common, "2024-12-28", "-o", str(place / "new.csv")]) == 0
    return place


COMMANDS = {
    "score": ("score", "log.csv", "-o", "s.csv", "--previous", "old.csv"),
    "check": ("check", "log.csv"),
    "explain": ("explain", "log.csv", "c7"),
    "compare": ("compare", "old.csv", "new.csv"),
    "history": ("history", "log.csv", "--every", "1m"),
    "plan": ("plan", "new.csv", "--days", "400", "--cost", "email=2", "-o", "p.csv"),
    "economics": ("economics", "log.csv"),
    "rules": ("rules", "show"),
    "columns": ("columns",),
}


@pytest.mark.parametrize("columns", [NARROW, WIDE])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_fits_its_screen(clv: Clv, folder: Path, name: str, columns: str) -> None:
    found = clv(*COMMANDS[name], cwd=folder, COLUMNS=columns)
    assert found.code == 0, found.err
    text = found.out.decode() + "\n".join(line for line in found.err.splitlines() if not line.startswith("warning: "))
    lines = text.splitlines()
    assert len(lines) > 8
    assert [line for line in lines if len(line) > int(columns)] == []
    assert [line for line in lines if "…" in line] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_pipe_that_knows_no_unicode_gets_ascii(clv: Clv, folder: Path) -> None:
    found = clv("explain", "log.csv", "c7", cwd=folder, PYTHONIOENCODING="ascii")
    assert found.code == 0
    assert "P(alive)  #" in found.out.decode("ascii")


def test_plan_takes_plain_days(clv: Clv, folder: Path) -> None:
    for days, plain in (("14d", "14"), ("1w", "7")):
        assert clv("plan", "new.csv", "--days", days, "-o", "a.csv", "-q", cwd=folder).code == 0
        assert clv("plan", "new.csv", "--days", plain, "-o", "b.csv", "-q", cwd=folder).code == 0
        assert (folder / "a.csv").read_bytes() == (folder / "b.csv").read_bytes()
    wrong = clv("plan", "new.csv", "--days", "0", cwd=folder)
    assert (wrong.code, wrong.err) == (
        2,
        "clv: --days: is a number of days, or a span like 30d, 12m or 3y; got '0' [clv help --days]\n",
    )


def test_bold_is_the_headline_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A style at the base of a text would reach all that is appended."""
    from clvcli.cli.app import run

    assert run(["explain", str(folder / "log.csv"), "c7", "--color", "always"]) == 0
    first, second, *_ = capsys.readouterr().out.split("\n")
    assert first.startswith("\x1b[1mc7\x1b[0m: ")
    assert "\x1b[" not in second
