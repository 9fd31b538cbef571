"""`import clvcli`: the same results as the command, from paths and frames; nothing printed, nothing written unasked."""

import inspect
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import keywords
import polars as pl
import pytest
from conftest import Clv

import clvcli
from clvcli.api import functions
from clvcli.api.keywords import ScoreKeywords
from clvcli.api.options import DOCUMENTS, OUTPUTS, TABLES, TERMINAL, known
from clvcli.core.options import ScoreOptions
from clvcli.core.settings import declared

HEAVY = ("polars", "numpy", "scipy", "sqlglot", "yaml", "pydantic", "rich", "typer")
FUNCTIONS = ("backtest", "check", "compare", "crosssell", "economics", "explain", "fit", "plan", "score", "top")
LINES = "customer,date,amount,product\n" + "".join(
    f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},{10 + i % 7}.50,p{i % 3 if i % 5 else 4}\n" for i in range(400)
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LINES)
    return path


def as_manifest(content: Any) -> dict[str, Any]:
    """Without what names the files of a run, its data, and its time."""
    found = json.loads(json.dumps(content))
    arguments = {k: v for k, v in found.pop("arguments").items() if k not in ("data", "output")}
    return {k: v for k, v in found.items() if k not in ("run", "outputs", "inputs")} | {"arguments": arguments}


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, clvcli\n"
        "before = len(sys.modules)\n"
        "clvcli.score, clvcli.Run, clvcli.ClvError, dir(clvcli)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_what_it_offers() -> None:
    assert set(FUNCTIONS) <= set(clvcli.__all__) <= set(dir(clvcli))
    for name in clvcli.__all__:
        assert getattr(clvcli, name) is not None
    assert set(clvcli.__all__) == {*clvcli.api.__all__, "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'scoer'"):
        _ = clvcli.scoer  # type: ignore[attr-defined]


def test_a_run_is_what_the_command_writes(clv: Clv, log: Path, tmp_path: Path) -> None:
    log.write_text(LINES + "c1,2024-13-01,5\nc2,2024-02-01,free,p1\n")
    done = clv("score", log, "-o", "scored.parquet", "--report", "page.html")
    run = clvcli.score(log)
    assert run.table.equals(pl.read_parquet(tmp_path / "scored.parquet"))
    written = json.loads((tmp_path / "scored.parquet.run.json").read_text())
    mine = as_manifest(run.manifest)
    mine["arguments"]["report"] = {"value": "page.html", "source": "flag"}
    assert mine == as_manifest(written)
    assert run.rejects.write_csv() == (tmp_path / "scored.parquet.rejects.csv").read_text()
    assert [(w.code, w.message) for w in run.warnings] == [(w["code"], w["message"]) for w in written["warnings"]]
    assert replace(run, manifest=written).report() == (tmp_path / "page.html").read_text()
    text = [line for line in done.err.splitlines() if not line.startswith(("Files", "Next"))]
    assert run.summary().splitlines()[:6] == text[:6]
    assert "Next" not in run.summary()
    assert str(run) == run.summary()
    assert repr(run) == f"<clvcli.Run of 40 customers up to 2024-12-28: {len(run.warnings)} warnings>"


def test_files_are_written_where_an_option_names_them_with_the_bytes_of_the_command(
    clv: Clv, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clv("score", log.name, "-o", "a.csv")
    clvcli.score(log.name, output="b.csv", report=tmp_path / "b.html")
    assert Path("b.csv").read_bytes() == Path("a.csv").read_bytes()
    assert Path("b.csv.rejects.csv").read_bytes() == Path("a.csv.rejects.csv").read_bytes()
    assert as_manifest(json.loads(Path("b.csv.run.json").read_text()))["rows"]["used"] == 400
    assert Path("b.html").read_text().startswith("<!DOCTYPE html>")
    clvcli.score(log.name, manifest="only.json")
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("only")) == ["only.json"]


def test_nothing_is_printed_and_nothing_written_unasked(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clv.yaml").write_text("horizon: 1m\n")
    monkeypatch.setenv("CLV_HORIZON", "2m")
    before = sorted(tmp_path.iterdir())
    results: list[clvcli.Result | clvcli.Run] = []
    old, run = clvcli.score(log.name, as_of="2024-10-31"), clvcli.score(log.name)
    results += [*every_result(old, run, log.name), run]
    for result in results:
        assert result.summary()
        assert result._repr_html_()
    assert run.manifest["horizon"] == "12m"
    assert capfd.readouterr() == ("", "")
    assert sorted(tmp_path.iterdir()) == before


def every_result(old: clvcli.Run, run: clvcli.Run, data: str) -> list[clvcli.Result]:
    return [
        clvcli.check(data),
        clvcli.fit(data),
        clvcli.backtest(data, folds=1),
        clvcli.explain(data, "c1"),
        clvcli.compare(old, run),
        clvcli.plan(run),
        clvcli.economics(data),
        clvcli.crosssell(data, product="product"),
        clvcli.top(run, number=3),
    ]


ARGUMENTS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "check": (("log.csv",), {}),
    "fit": (("log.csv",), {"horizon": "6m"}),
    "backtest": (("log.csv",), {"folds": 1}),
    "explain": (("log.csv", "c1"), {}),
    "compare": (("old.csv", "new.csv"), {"movers": 3}),
    "plan": (("new.csv",), {"days": "14d"}),
    "economics": (("log.csv",), {"period": "quarter"}),
    "crosssell": (("log.csv",), {"product": "product"}),
    "top": (("new.csv",), {"number": 3}),
}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "score"])
def test_a_result_is_what_the_command_prints_and_writes(
    clv: Clv, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if name in ("compare", "plan", "top"):
        clvcli.score(log, output="old.csv", as_of="2024-10-31")
        clvcli.score(log, output="new.csv")
    words, options = ARGUMENTS[name]
    flags = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    found = getattr(clvcli, name)(*words, **options)
    json_flags = ["-f", "json"] if name == "top" else ["--json"]
    more = ["-o", "table.parquet"] if name in ("compare", "plan", "economics", "crosssell") else []
    printed = json.loads(clv(name, *words, *flags, *json_flags, *more).out)
    for document in (printed, mine := dict(found.document)):
        for key in ("run", "outputs", "arguments", "output"):
            document.pop(key, None)
    assert mine == printed
    assert found.summary() == clv(name, *words, *flags).page.rstrip("\n")
    if more:
        assert found.table.equals(pl.read_parquet("table.parquet"))


def frames() -> dict[str, Callable[[], Any]]:
    polars = pl.read_csv(LINES.encode(), try_parse_dates=True)

    class Bare:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return polars.__arrow_c_stream__(requested_schema)

    def pandas() -> Any:
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({name: polars[name].to_list() for name in polars.columns})
        return frame.assign(date=pandas.to_datetime(frame["date"]))

    def arrow() -> Any:
        pytest.importorskip("pyarrow")
        return polars.to_arrow()

    halves = [polars.head(250), polars.tail(150)]
    return {
        "polars": lambda: polars, "lazy": polars.lazy, "interface": Bare, "pandas": pandas, "arrow": arrow,
        "two": lambda: halves, "file and frame": lambda: halves,
    }  # fmt: skip


@pytest.mark.parametrize("kind", frames())
def test_a_frame_scores_as_its_csv(log: Path, kind: str) -> None:
    from_file, from_frame = clvcli.score(log), clvcli.score(frames()[kind]())
    assert from_frame.table.equals(from_file.table)
    mine, its = as_manifest(from_frame.manifest), as_manifest(from_file.manifest)
    assert mine == its
    assert from_frame.manifest["inputs"][0]["path"] == "data frame"


def test_a_frame_and_a_file_are_one_log(log: Path) -> None:
    halves = frames()["two"]()
    halves[0].write_csv(log)
    whole = clvcli.score(pl.concat(halves))
    assert clvcli.score([log, halves[1]]).table.equals(whole.table)


def test_tables_beside_the_log_may_be_frames(log: Path, tmp_path: Path) -> None:
    known_customers = pl.DataFrame({"customer_id": ["c1", "c2", "new"], "region": ["n", "s", "n"]})
    path = tmp_path / "customers.csv"
    known_customers.write_csv(path)
    from_file = clvcli.score(log, customers=path)
    assert clvcli.score(log, customers=known_customers).table.equals(from_file.table)
    assert from_file.table.filter(pl.col("customer_id") == "new").height == 1
    spend = pl.DataFrame({"month": ["2024-01", "2024-02"], "amount": [100.0, 50.0]})
    costs = tmp_path / "spend.csv"
    spend.write_csv(costs)
    found = clvcli.economics(log, spend=spend)
    assert found.document["groups"] == clvcli.economics(log, spend=costs).document["groups"]


def test_results_stand_for_their_files(log: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    old = clvcli.score(log, as_of=date(2024, 10, 31), output=place / "old.parquet")
    new = clvcli.score(log, previous=old, output=place / "new.parquet")
    assert "stage_changed" in new.table.columns
    assert new.table.equals(clvcli.score(log, previous=place / "old.parquet").table)
    for of_runs, of_files in (
        (clvcli.compare(old, new), clvcli.compare(place / "old.parquet", place / "new.parquet")),
        (clvcli.plan(new), clvcli.plan(place / "new.parquet")),
        (clvcli.top(new), clvcli.top(place / "new.parquet")),
    ):
        assert of_runs.table.equals(of_files.table)
        assert of_runs.warnings == of_files.warnings
    calendar = clvcli.plan(new, caps="1/90d")
    yesterday = calendar.table.select("customer_id", date=date(2024, 12, 28)).unique().head(5)
    assert calendar.table.height
    later = clvcli.plan(new, caps=["1/90d"], contacted=yesterday).table
    assert not set(later["customer_id"]) & set(yesterday["customer_id"])
    assert clvcli.plan(new, contacted=calendar).document["command"] == "plan"
    fit = clvcli.fit(log, output=place / "model.json")
    saved = clvcli.score(log, use_model=place / "model.json")
    assert clvcli.score(log, use_model=fit).table.equals(saved.table)
    tested = clvcli.backtest(log, folds=1, output=place / "backtest.json")
    assert new.report(backtest=tested) == new.report(backtest=place / "backtest.json") != new.report()
    alone = clvcli.top(new.table, table_manifest=new)
    assert alone.table.equals(clvcli.top(new).table)
    assert clvcli.plan(new.table.to_pandas() if _has_pandas() else new.table, table_manifest=new.manifest).table.height


def _has_pandas() -> bool:
    from importlib.util import find_spec

    return find_spec("pandas") is not None and find_spec("pyarrow") is not None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"horizn": "1m"}, "unknown option horizn"),
        ({"horizon": "soon"}, "horizon: is a span"),
        ({"returns": "keeps"}, "did you mean keep"),
        ({"decimals": "two"}, "decimals: is a whole number"),
        ({"decimals": True}, "decimals: is a number"),
        ({"strict": 1}, "strict: is True or False"),
        ({"alert": float("nan")}, "alert: is a finite number"),
        ({"as_of": "yesterday"}, "as_of: is a date"),
        ({"where": ["a", "b"]}, "where: is a text"),
        ({"output": "-"}, "output: is a file"),
        ({"quiet": True}, "quiet: is an option of the command line alone"),
        ({"config": "clv.yaml"}, "config: is an option of the command line alone"),
        ({"line_id": "line"}, "--line-id has no effect without --order-id"),
        ({"use_model": 3}, "use_model: is a path"),
        ({"customers": 3}, "customers: is no table"),
        ({"engine": "spark"}, "a cluster reads files"),
        ({"margin": "no"}, "--margin no"),
        ({"output": "nowhere/scored.csv"}, "does not exist"),
        ({"where": "amount >"}, "--where"),
        ({"rules": "nosuch"}, "nosuch"),
        ({"amount": "price"}, "price"),
        ({"strict": True, "max_age": "1d"}, "strict"),
        ({"require_model": True, "as_of": date(2024, 1, 2)}, ""),
    ],
)
def test_what_is_wrong_is_a_clv_error_with_a_hint(options: dict[str, Any], says: str) -> None:
    with pytest.raises(clvcli.ClvError) as raised:
        clvcli.score(frames()["polars"](), **options)
    assert says in str(raised.value)
    assert raised.value.hint
    assert 2 <= raised.value.exit_code <= 6


@pytest.mark.parametrize("data", [3, None, [], [[1]], "nosuch.csv", b"log.csv", {"customer": ["a"]}])
def test_what_is_no_data_is_a_clv_error_with_a_hint(data: Any) -> None:
    with pytest.raises(clvcli.ClvError) as raised:
        clvcli.score(data)
    assert raised.value.hint


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_shows_and_types_the_options_of_its_command(name: str) -> None:
    cls = keywords.commands()[name]
    shown = inspect.signature(getattr(functions, name)).parameters
    spec = known(cls)
    assert [n for n, p in shown.items() if p.kind is inspect.Parameter.KEYWORD_ONLY] == list(spec)
    assert {n: shown[n].default for n in spec} == {n: default for n, (_, default, _) in spec.items()}
    assert set(declared(cls)) - set(spec) <= TERMINAL | {"data", "id", "old", "new", "scored"}


def test_options_that_name_files_take_them_as_paths() -> None:
    """Whoever adds an option with a file says here what else may stand for it."""
    files_alone = {"source", "rules", "logo", "charts", "query"}
    for cls in keywords.commands().values():
        for name, (_, _, info) in known(cls).items():
            if "FILE" in (info.metavar or "") or info.metavar == "DIR":
                assert name in TABLES | DOCUMENTS | OUTPUTS | files_alone, name


def test_the_keywords_are_typed() -> None:
    assert set(ScoreKeywords.__annotations__) == set(known(ScoreOptions))
    assert "datetime.date" in str(ScoreKeywords.__annotations__["as_of"])


def test_numbers_dates_and_paths_are_taken_as_they_are(log: Path) -> None:
    import numpy as np

    two: Any = np.int64(2)
    run = clvcli.score(log, margin=0.3, max_rejects=5, as_of=date(2024, 6, 30), decimals=two, horizon=None)
    asked = run.manifest["arguments"]
    assert asked["margin"]["value"] == "0.3"
    assert asked["max_rejects"]["value"] == "5"
    assert asked["decimals"] == {"value": 2, "source": "flag"}
    assert asked["horizon"] == {"value": "12m", "source": "default"}
    assert run.manifest["as_of"] == "2024-06-30"


def test_runs_beside_each_other_do_not_meet(log: Path) -> None:
    """No global state: other options and other data in other threads."""
    alone = [clvcli.score(log, horizon=h).table for h in ("3m", "24m")]
    found: dict[int, pl.DataFrame] = {}

    def work(place: int, horizon: str) -> None:
        found[place] = clvcli.score(log, horizon=horizon).table

    threads = [threading.Thread(target=work, args=(i, h)) for i, h in enumerate(("3m", "24m"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0].equals(alone[0])
    assert found[1].equals(alone[1])


def test_in_a_notebook_a_run_is_the_first_screen_of_its_page(log: Path) -> None:
    import html
    import re

    run = clvcli.score(log, title="<b>Shop</b>")
    shown = run._repr_html_()
    (page,) = re.findall(r'srcdoc="([^"]*)"', shown)
    inside = html.unescape(page)
    assert inside.startswith("<!DOCTYPE html>")
    assert "&lt;b&gt;Shop" in inside
    assert 'id="decision"' in inside
    assert inside.count("<section") == 1
    assert "<nav" not in inside
    assert "sandbox" in shown
    assert clvcli.top(run)._repr_html_().startswith("<pre")


def test_a_page_is_written_whole_or_not_at_all(log: Path, tmp_path: Path) -> None:
    run = clvcli.score(log)
    path = tmp_path / "page.html"
    assert run.report(path, lang="de") == path.read_text()
    assert 'lang="de"' in path.read_text()
    with pytest.raises(clvcli.OutputError, match="does not exist"):
        run.report(tmp_path / "no" / "page.html")
    with pytest.raises(clvcli.UsageError, match="charts"):
        run.report(charts=tmp_path)  # type: ignore[call-arg]
