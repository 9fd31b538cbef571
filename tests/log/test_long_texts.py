"""One text of hundreds of thousands of characters costs time linear in its length, whatever it is made of: each step
below once took minutes, or hours, for what it now does within a fraction of a second."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from bounded import within
from conftest import Clv

from clvcli.commands.economics import exports
from clvcli.core import strict_yaml
from clvcli.core.errors import ConfigError
from clvcli.log import calendars, databases, date_words, dialect, first_row, names
from clvcli.scoring import redact

LONG = 200_000
SECONDS = 5.0


def refused(text: str) -> None:
    with pytest.raises(ConfigError):
        strict_yaml.load(text, "rules.yaml")


STEPS: dict[str, tuple[Callable[[str], object], str]] = {
    "name, blanks": (names.plain, f"a{' ' * LONG}b"),
    "name, brackets": (names.plain, "(" * LONG),
    "name in the header": (dialect.clean_name, f"a{' ' * LONG}b"),
    "export's name": (exports._plain, "(" * LONG),
    "date, brackets": (lambda text: date_words.translated(pl.Series([text])), f"1 é {'(' * LONG}"),
    "date, digits": (lambda text: date_words.translated(pl.Series([text])), f"é 1 {'1' * LONG}"),
    "date, blanks": (lambda text: date_words.translated(pl.Series([text])), f"1 é{' ' * LONG}x"),
    "date of another calendar": (lambda text: calendars._one(text, "jalali"), f"1{' ' * LONG}x"),
    "number in YAML": (refused, f"a: 1{'_' * LONG}x\nb: ["),
    "statement, comments": (databases._without_end, f"select 1;{'/**/' * 50}x"),
    "statement, ends": (databases._without_end, f"select 1{';' * LONG}x"),
    "warning, letters": (redact.unquoted, "a" * LONG),
    "cells without an end": (lambda text: first_row.FILLED.search(text.encode()), "<c " * LONG),
    "cell of many places": (lambda text: first_row.FILLED.search(text.encode()), "<c " + 'r="A1" ' * LONG),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_long_text_takes_linear_time(step: str) -> None:
    take, text = STEPS[step]
    with within(SECONDS):
        take(text)


def test_a_long_name_is_not_shown_whole(clv: Clv, tmp_path: Path) -> None:
    rows = "".join(f"c{i % 7},2024-01-{1 + i % 28:02},{i}.50\n" for i in range(40))
    (tmp_path / "log.csv").write_text(f"{'(' * 100_000},date,amount\n{rows}")
    done = clv("score", "log.csv")
    assert done.code == 3
    assert done.err.startswith("clv: log.csv: no customer column among (((")
    assert done.err.endswith("[clv help column_unknown]\n")
    assert len(done.err) < 5_000
