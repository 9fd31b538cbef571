"""`clv report` and `score --report` as a user runs them."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from conftest import Clv

from clvcli.cli.app import run


@pytest.fixture
def own(scored: Path, tmp_path: Path) -> Path:
    """A copy of the scored table and its manifest, to be broken."""
    for suffix in ("", ".run.json"):
        shutil.copy(f"{scored}{suffix}", tmp_path / f"scored.csv{suffix}")
    return tmp_path / "scored.csv"


def test_the_page_again_is_the_page_of_the_run(clv: Clv, scored: Path, own: Path) -> None:
    done = clv("report", own)
    assert done.code == 0
    assert done.out == b""
    assert Path(f"{own}.report.html").read_bytes() == (scored.parent / "page.html").read_bytes()


def test_page_on_stdout_from_the_manifest_itself(clv: Clv, own: Path) -> None:
    own.unlink()  # the manifest is enough
    done = clv("report", f"{own}.run.json", "-o", "-")
    assert done.code == 0
    assert done.out.startswith(b"<!DOCTYPE html>")
    assert done.out.endswith(b"</html>\n")


def test_charts_alone_as_svg_files(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "charts"
    assert run(["report", str(own), "-q", "--charts", str(folder)]) == 0
    files = sorted(folder.iterdir())
    assert len(files) >= 12
    assert not Path(f"{own}.report.html").exists()
    for file in files:
        root = ET.parse(file).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in file.read_text(encoding="utf-8")  # a program that draws SVG may know no variables
    first = {file.name: file.read_bytes() for file in files}
    assert run(["report", str(own), "-q", "--charts", str(folder), "-o", str(tmp_path / "page.html")]) == 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first
    assert (tmp_path / "page.html").exists()


def test_a_backtest_fills_its_section(own: Path, tmp_path: Path, backtest: dict[str, Any]) -> None:
    file = tmp_path / "backtest.json"
    file.write_text(json.dumps(backtest))
    assert run(["report", str(own), "-q", "--backtest", str(file), "-o", str(tmp_path / "page.html")]) == 0
    assert "Use bg-nbd: nothing is better." in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is not JSON"),
        ("[1]", "is no manifest"),
        ('{"clv": "1", "as_of": "2024-01-01", "horizon": "12m"}', "has nothing to draw"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_broken_manifest_is_one_clear_line(
    own: Path, content: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(f"{own}.run.json").write_text(content)
    assert run(["report", str(own)]) == 3
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert not Path(f"{own}.report.html").exists()


@pytest.mark.parametrize("key", ["series", "stages", "rows", "models", "inputs", "rules"])
def test_a_damaged_manifest_never_shows_a_trace(own: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(f"{own}.run.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    content[key] = "damaged"
    file.write_text(json.dumps(content))
    assert run(["report", str(own)]) == 3
    assert "manifest" in capsys.readouterr().err


def test_missing_files_say_what_to_do(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*args: object) -> str:
        assert run(["report", *map(str, args)]) == 3
        return capsys.readouterr().err

    assert "clv score" in said(tmp_path / "nothing.csv")
    assert "clv backtest" in said(own, "--backtest", tmp_path / "none.json")
    assert "is no output of clv backtest" in said(own, "--backtest", f"{own}.run.json")


def test_a_page_that_cannot_be_written_is_status_6_and_leaves_nothing(own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.iterdir())
    assert run(["report", str(own), "-q", "--charts", str(tmp_path / "file" / "below")]) == 6
    assert run(["report", str(own), "-q", "-o", str(tmp_path / "no" / "such" / "folder.html")]) == 6
    assert run(["report", str(own), "-q", "-o", f"{own}.run.json"]) == 2  # it would replace what it reads
    assert sorted(tmp_path.iterdir()) == before


def test_a_bad_backtest_stops_a_run_before_the_work(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    done = clv("score", cdnow_csv, "-o", tmp_path / "s.csv", "--report", tmp_path / "p.html", "--backtest", "none.json")
    assert done.code == 3
    assert not (tmp_path / "s.csv").exists()


TINY = {
    "one customer": "customer_id,date,amount\na,2024-01-05,10\n",
    "one day": "customer_id,date,amount\na,2024-01-05,10\nb,2024-01-05,0\nc,2024-01-05,3\n",
    "nothing paid": "customer_id,date,amount\na,2024-01-05,0\na,2024-03-05,0\nb,2024-02-05,0\n",
    "four decades": "customer_id,date,amount\na,1984-01-05,1\na,2024-01-05,1\nb,1990-01-01,5\n",
}


@pytest.mark.parametrize("name", TINY)
def test_small_and_odd_logs_have_a_page(clv: Clv, tmp_path: Path, name: str) -> None:
    (tmp_path / "log.csv").write_text(TINY[name])
    done = clv("score", "log.csv", "-o", "s.csv", "--report", "p.html", CLV_TODAY="2024-06-01")
    assert done.code == 0, done.err
    assert (tmp_path / "p.html").read_bytes().count(b"<h2") == 7


def test_without_a_model_and_with_an_endless_horizon(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    assert clv("score", cdnow_csv, "--no-model", "-o", "a.csv", "--report", "a.html").code == 0
    assert (
        clv("score", cdnow_csv, "--horizon", "inf", "--discount-rate", "0.1", "-o", "b.csv", "--report", "b.html").code
        == 0
    )
    assert "within their lifetime" in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_hostile_log_and_rules_from_end_to_end(clv: Clv, tmp_path: Path) -> None:
    ids = ["<script>alert(1)</script>", "a&b\"'", "[bold]x[/]", "{{ 7*7 }}", "${1}"]
    lines = [f'"{i.replace(chr(34), chr(34) * 2)}",2024-0{m}-03,{m}.50' for i in ids for m in (1, 2, 5)]
    (tmp_path / "log.csv").write_text("customer_id,date,amount\n" + "\n".join(lines) + "\n")
    (tmp_path / "rules.yaml").write_text(
        "stages:\n"
        "  - stage: '<img src=x onerror=alert(1)>'\n"
        "    when: purchases >= 2\n"
        "    goal: '</style><script>alert(2)</script>'\n"
        "    actions: [{action: '<b>write</b>'}]\n"
    )
    done = clv("score", "log.csv", "--rules", "rules.yaml", "-o", "s.csv", "--report", "p.html")
    assert done.code == 0, done.err
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<img" not in text
    assert "<script" not in text
    assert "&lt;b&gt;write&lt;/b&gt;" in text
