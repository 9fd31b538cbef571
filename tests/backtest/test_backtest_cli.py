"""`clv backtest` as a user runs it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Clv
from rich.console import Console

from clvcli.commands.backtest.job import backtest
from clvcli.core.options import BacktestOptions
from clvcli.report.backtest_table import backtest_page


@pytest.fixture(scope="module")
def content(cdnow_csv: Path) -> Any:
    """A backtest of the CDNOW sample at the cut of the literature, with rules."""
    options = BacktestOptions(data=(str(cdnow_csv),), holdout="39w", rules="rfm-lifecycle")
    return backtest(options, lambda _: None).content


def test_the_file_and_stdout_say_the_same(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    done = clv("backtest", cdnow_csv, "--holdout", "39w", "--model", "bg-nbd", "-o", "b.json", "--json")
    assert done.code == 0, done.err
    assert (tmp_path / "b.json").read_bytes() == done.out
    found = json.loads(done.out)
    assert found["command"] == "backtest"
    assert found["holdout"] == {"days": 273, "folds": 1}
    assert [f["origin"] for f in found["folds"]] == ["1997-09-30"]
    assert "b.json" in done.err


def test_figures_at_the_cut_of_the_literature(content: Any) -> None:
    """NUMERICS, within 0.5 %."""
    rows = {row["name"]: row for row in content["methods"]}
    assert rows["bg-nbd"]["mae"] == pytest.approx(0.786, rel=0.005)
    assert rows["same rate"]["rmse"] == pytest.approx(2.212, rel=0.005)
    assert set(rows["bg-nbd"]["value"]) == {"all", "amounts", "repeat"}
    assert content["verdict"]["winners"]["counts"] in {"bg-nbd", "pareto-nbd", "mbg-nbd", "bg-cnbd", "mbg-cnbd"}


def test_what_the_report_draws(content: Any) -> None:
    counts = content["calibration"]["bg-nbd"]["counts"]
    assert [row["purchases"] for row in counts] == [*map(str, range(7)), "7+"]
    assert sum(row["actual"] for row in counts) == 2357
    assert sum(row["expected"] for row in counts) == pytest.approx(2357)
    assert len(content["calibration"]["bg-nbd"]["decile"]) == 10


def test_stages_told_customers_apart(content: Any) -> None:
    """LIFECYCLE: champions 14.3 %, .723 bought, CDNOW full log; here its sample of a tenth."""
    stages = {row["stage"]: row for row in content["rules"]["stages"]}
    assert stages["champions"]["share"] == pytest.approx(0.143, abs=0.01)
    assert stages["champions"]["bought"] == pytest.approx(0.723, abs=0.03)
    assert stages["lost"]["bought"] == pytest.approx(0.123, abs=0.03)
    assert sum(row["customers"] for row in content["rules"]["stages"]) == 2357
    rankings = {row["ranking"]: row for row in content["rules"]["rankings"]}
    assert rankings["CLV"]["gini"] > rankings["stages"]["gini"]  # CLV ranks within the stage
    assert rankings["R + FM"]["auc"] == pytest.approx(0.767, abs=0.02)


def _shown(content: Any, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(backtest_page(content))
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 100])
def test_it_fits_the_terminal(content: Any, width: int) -> None:
    text = _shown(content, width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) <= 60
    assert "…" not in text.split("Stage (")[0]
    assert "nobody buys" in text
    assert "Use bg-nbd" in text


@pytest.mark.parametrize("width", [45, 60, 72, 80, 100, 120])
def test_no_figure_is_cut(content: Any, width: int) -> None:
    """A ranking worse than chance and a total ten times too large are the widest figures there are."""
    rows = [
        {**row, "bias": 30.7, "value": {"all": {"gini": -0.142, "top_share": 1.0, "bias": -0.385}}}
        for row in content["methods"]
    ]
    table = _shown({**content, "methods": rows}, width).split("\n\n")[1]
    assert "…" not in table
    assert "+3070%" in table
    assert ("-0.142" in table) == (width > 45)


def test_equal_runs_are_equal_but_for_run(clv: Clv, cdnow_csv: Path) -> None:
    args = ("backtest", cdnow_csv, "--holdout", "90d", "--model", "bg-nbd", "--json", "-q")
    first, second = (json.loads(clv(*args).out) for _ in range(2))
    assert first.pop("run") != {}
    second.pop("run")
    assert first == second


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("--holdout", "2y"), 5, "too short to hold 2y out"),
        (("--holdout", "tomorrow"), 2, "--holdout"),
        (("--folds", "0"), 2, "--folds"),
        (("--model", "nonsense"), 2, "nonsense"),
        (("--by", "nonsense"), 3, "nonsense"),
        (("--rules", "nonsense"), 4, "nonsense"),
        (("--horizon", "inf"), 2, "--discount-rate"),
        (("-o", "-", "--json"), 2, "stdout"),
        (("-o", "nowhere/b.json"), 6, "nowhere"),
    ],
)
def test_refusals(clv: Clv, cdnow_csv: Path, args: tuple[str, ...], code: int, says: str) -> None:
    done = clv("backtest", cdnow_csv, *args)
    assert done.code == code, done.err
    assert says in done.err
    assert done.out == b""


def test_a_log_without_a_repeat_purchase_has_no_model(clv: Clv, tmp_path: Path) -> None:
    rows = [f"c{i},2024-{1 + i % 12:02}-05,10" for i in range(60)]
    (tmp_path / "once.csv").write_text("\n".join(["customer,date,amount", *rows]) + "\n")
    done = clv("backtest", "once.csv")
    assert done.code == 5
    assert "two different days" in done.err


def test_auto_is_told_in_the_manifest(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    done = clv("score", cdnow_csv, "--model", "auto", "-o", "s.csv")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "s.csv.run.json").read_text())
    assert manifest["models"]["choice"]["name"] == "bg-nbd"
    assert manifest["arguments"]["model"] == {"value": "auto", "source": "flag"}
    assert manifest["portfolio"]["clv"]["low"] < manifest["portfolio"]["clv"]["high"]


def test_by_says_which_groups_have_their_own_model(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    """A group of 30 buyers has its own model, pulled towards all; ids that end in 99 are fewer: pooled."""
    lines = cdnow_csv.read_text().splitlines()
    group = {"99": "tiny", **{f"{tens}8": "small" for tens in range(10)}}
    side = [f"{line},{group.get(line.split(',')[0][-2:], 'big')}" for line in lines[1:]]
    (tmp_path / "grouped.csv").write_text("\n".join([f"{lines[0]},shop", *side]) + "\n")
    scored = clv("score", "grouped.csv", "--by", "shop", "-o", "s.csv")
    assert scored.code == 0, scored.err
    manifest = json.loads((tmp_path / "s.csv.run.json").read_text())
    assert [group["group"] for group in manifest["models"]["groups"]] == ["big", "small"]
    header, *table = (tmp_path / "s.csv").read_text().splitlines()
    column = header.split(",").index("model_group")
    assert {row.split(",")[column] for row in table} == {"big", "small", "pooled"}
    judge = ("backtest", "grouped.csv", "--by", "shop", "--holdout", "39w", "--model", "bg-nbd")
    judged = clv(*judge, "--json")
    assert judged.code == 0, judged.err
    variants = json.loads(judged.out)["variants"]
    assert [v["name"] for v in variants] == ["bg-nbd by group"]
    page = clv(*judge).out.decode()
    assert "does not pay" in page or "pays" in page
