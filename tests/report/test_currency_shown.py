"""The currency beside amounts: of the option, of the run, of the log itself; nothing where nobody says it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clvcli.core.currency import currency_of
from clvcli.core.language import Language
from clvcli.log.currency import one_of

Clv = Callable[..., Any]


@pytest.fixture(scope="module")
def log() -> str:
    """Sixty customers with one to four purchases."""
    rows = [
        f"c{i:02},2024-{1 + (i + 2 * k) % 12:02}-{1 + (7 * i + k) % 28:02},{20 + i % 7 + k}.50"
        for i in range(60)
        for k in range(1 + i % 4)
    ]
    return "\n".join(rows) + "\n"


def scored(folder: Path, clv: Clv, head: str, rows: str, *more: str) -> dict[str, Any]:
    """Writes log.csv, scores it as of the end of 2024 and returns the manifest."""
    (folder / "log.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    done = clv("score", "log.csv", "-o", "s.csv", "--as-of", "2024-12-31", "--report", "p.html", *more)
    assert done.code == 0, done.err
    content: dict[str, Any] = json.loads((folder / "s.csv.run.json").read_text(encoding="utf-8"))
    return content


def test_a_column_of_the_log_says_it_everywhere(clv: Clv, tmp_path: Path, log: str) -> None:
    rows = "".join(f"{line},PLN\n" for line in log.splitlines())
    manifest = scored(tmp_path, clv, "customer_id,date,amount,currency", rows)
    assert manifest["currency"] == "PLN"
    assert "PLN" in clv("top", "s.csv", "-n", "1").page
    assert "PLN" in clv("top", "s.csv", "-n", "1", "-f", "md").page
    assert "PLN" in clv("explain", "s.csv", "c03").page
    assert "PLN" in clv("explain", "log.csv", "c03", "--as-of", "2024-12-31").page
    assert "PLN" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_marks_of_the_amounts_say_it(clv: Clv, tmp_path: Path, log: str) -> None:
    rows = "".join(",".join([*line.split(",")[:2], f"€{line.split(',')[2]}\n"]) for line in log.splitlines())
    assert scored(tmp_path, clv, "customer_id,date,amount", rows)["currency"] == "EUR"
    assert "€" in clv("top", "s.csv", "-n", "1").page


def test_an_option_wins_and_nobody_guesses(clv: Clv, tmp_path: Path, log: str) -> None:
    manifest = scored(tmp_path, clv, "customer_id,date,amount", log)
    assert "currency" not in manifest
    bare = clv("top", "s.csv", "-n", "1").page
    assert not any(sign in bare for sign in ("€", "$", "£"))
    assert "£" in clv("top", "s.csv", "-n", "1", "--currency", "GBP").page
    assert "£" in clv("explain", "s.csv", "c03", "--show-currency", "GBP").page
    costs = clv("plan", "s.csv", "-o", "plan.csv", "--cost", "email=2", "--currency", "GBP")
    assert "£" in costs.page, costs.err


def test_which_of_several_sayings_counts() -> None:
    asked = {"arguments": {"show_currency": {"value": "CHF"}}, "currency": "EUR"}
    assert currency_of(asked) == "CHF"
    assert currency_of(asked, "GBP") == "GBP"
    assert currency_of({"currency": "EUR"}) == "EUR"
    assert currency_of({}) is None
    assert currency_of({"currency": "\x1b[31m" + "x" * 50}) != "\x1b[31m" + "x" * 50
    assert one_of({"a": ["EUR", None]}, ()) == "EUR"
    assert one_of({"a": ["EUR"], "b": ["USD"]}, ("EUR",)) is None
    assert one_of({}, ("EUR",)) == "EUR"
    assert one_of({}, ("EUR", "USD")) is None
    assert one_of({"a": [None]}, ()) is None


def test_letters_of_a_currency_keep_a_blank_from_the_digits() -> None:
    assert Language("en", "DKK").money(4108) == "DKK\u00a04,108"
    assert Language("en", "DKK").money_format() == '"DKK" #,##0.00'
    assert Language("en", "EUR").money(4108) == "€4,108"
    assert Language("en", "EUR").money_format() == '"€"#,##0.00'
