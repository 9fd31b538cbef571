"""The summary on the terminal: what it says, at every width, plain when piped, hostile names as text."""

import copy
import io
from typing import Any

import pytest
from rich.console import Console

from clvcli.report.marks import bar, sparkline
from clvcli.report.terminal import next_command, summary


def shown(manifest: dict[str, Any], width: int = 100, *, encoding: str = "utf-8", color: bool = False) -> str:
    """The summary as a terminal of `width` columns shows it."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", write_through=True)
    console = Console(
        file=stream, width=width, force_terminal=color, no_color=not color, highlight=False, markup=False, emoji=False
    )
    console.print(summary(manifest))
    return raw.getvalue().decode(encoding)


def test_one_screen_with_all_that_matters(manifest: dict[str, Any]) -> None:
    text = shown(manifest)
    assert len(text.splitlines()) <= 40
    for stage in manifest["stages"]:
        assert (stage["stage"] in text) == bool(stage["customers"])
    words = " ".join(text.split())
    assert f"{manifest['customers']:,} customers" in words
    assert "in 9 of 10 cases" in words
    assert "bg-nbd fitted" in words
    assert f"{manifest['rows']['read']:,} read" in words
    assert "scored.csv.run.json" in text.replace("\n", "").replace(" ", "")
    for warning in manifest["warnings"]:
        assert f"[clv help {warning['code']}]" in words


@pytest.mark.parametrize("width", [30, 60, 79, 80, 100, 200])
def test_no_line_is_wider_than_the_screen(manifest: dict[str, Any], width: int) -> None:
    assert max(map(len, shown(manifest, width).splitlines())) <= width


def test_change_against_the_earlier_run_adds_up(manifest: dict[str, Any]) -> None:
    moves = manifest["series"]["transitions"]["moves"]
    champions = [m for m in moves if m["from"] == "champions"]
    now = next(s for s in manifest["stages"] if s["stage"] == "champions")["customers"]
    line = next(line for line in shown(manifest).splitlines() if line.startswith("champions"))
    assert f"{now - sum(m['customers'] for m in champions):+,}" in line.split()
    assert "Change" in shown(manifest)
    alone = copy.deepcopy(manifest)
    alone["series"]["transitions"] = None
    del alone["previous"]
    assert "Change" not in shown(alone)
    assert "Since last" not in shown(alone)


def test_a_terminal_without_unicode_gets_ascii(manifest: dict[str, Any]) -> None:
    text = shown(manifest, encoding="ascii")
    assert "####" in text
    assert text.isascii()


def test_colour_only_where_it_is_wanted(manifest: dict[str, Any]) -> None:
    assert "\x1b[" not in shown(manifest)
    assert "\x1b[" in shown(manifest, color=True)


def test_hostile_names_are_text(hostile: dict[str, Any]) -> None:
    text = shown(hostile, 200)
    assert "<script>alert(1)</script>" in text
    assert "[bold red]markup[/]" in text
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text


def test_many_stages_and_warnings_are_cut_with_a_word(manifest: dict[str, Any]) -> None:
    many = copy.deepcopy(manifest)
    row = many["stages"][3]
    many["stages"] = [{**row, "stage": f"stage {i}", "customers": 5} for i in range(60)]
    many["warnings"] = [{"code": f"w{i}", "message": "m"} for i in range(30)]
    text = shown(many)
    assert "and 40 more stages" in text
    assert "and 25 more warnings: -v shows all, clv help warnings" in text
    assert len(text.splitlines()) <= 50


def test_without_model_or_customers(manifest: dict[str, Any]) -> None:
    bare = copy.deepcopy(manifest)
    bare["models"] = {"purchase": None, "spend": None, "groups": []}
    bare["series"], bare["stages"] = {}, []
    assert "expected" not in shown(bare)


def test_next_leads_on(manifest: dict[str, Any]) -> None:
    def after(**values: object) -> str:
        given = {"data": ["my log.csv"], "output": "s.csv", "report": None, "backtest": None, **values}
        arguments = {name: {"value": value, "source": "flag"} for name, value in given.items()}
        return next_command({**manifest, "arguments": arguments, "outputs": []})

    assert after() == "clv report s.csv -o report.html"
    assert after(report="r.html") == "clv backtest 'my log.csv' -o backtest.json"
    assert after(report="r.html", backtest="b.json") == "clv plan s.csv"
    assert after(output="-") == "clv score 'my log.csv' -o scored.csv --report report.html"


@pytest.mark.parametrize(("share", "cells"), [(0, ""), (1 / 128, "▏"), (0.5, "█" * 8), (1, "█" * 16), (2, "█" * 16)])
def test_bar(share: float, cells: str) -> None:
    assert bar(share, 16) == cells


def test_sparkline() -> None:
    assert sparkline([0, 4, 8]) == "▁▅█"
    assert sparkline([0, 4, 8], ascii_only=True) == "_=#"
    assert sparkline([0, 0]) == "▁▁"


def moved(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with an earlier run, which adds a column."""
    stages = [s["stage"] for s in manifest["stages"]]
    moves = [{"from": s, "to": s, "customers": 7} for s in stages]
    return manifest | {"series": manifest["series"] | {"transitions": {"moves": moves}}}


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_name_or_number_of_a_stage_is_broken(manifest: dict[str, Any], width: int) -> None:
    """Bars shrink first, then they go, then the phases do; names wrap between words only."""
    for given in (manifest, moved(manifest)):
        lines = [line.rstrip() for line in shown(given, width).splitlines()]
        start = next(i for i, line in enumerate(lines) if line.startswith("Stage "))
        end = lines.index("", start)
        heads = lines[start].split()
        assert len(set(lines[start].replace("Of value", "Of-value").split())) == len(heads) - ("Of" in heads)
        words = {word for stage in manifest["stages"] for word in stage["stage"].split()}
        assert {line.split("  ")[0].strip().split(" ")[0] for line in lines[start + 1 : end]} <= words
        assert lines[start - 1] == ""
