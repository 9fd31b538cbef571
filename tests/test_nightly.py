"""`clv run`: the section of clv.yaml, the gates by hand, and nights in a row on a real log."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Clv, Result, cdnow_rows

from clvcli.commands.nightly.gates import FAILED, PASSED, SKIPPED, drift_gate, feed_gates, jump_gate
from clvcli.commands.nightly.past import last_good
from clvcli.commands.nightly.section import STEPS, Gates, Section, read_section
from clvcli.core.errors import ConfigError

RULES = """\
stages:
  - {stage: new, phase: start, when: purchases = 1, actions: [{action: write, channel: email, every: 30d}]}
  - {stage: regular, phase: end, when: purchases > 1, actions: [{action: call, channel: phone, every: once}]}
control_group: {share: 0.2, salt: s}
"""


def read(text: dict[str, Any]) -> Section:
    return read_section(text, lambda path: "clv.yaml:" + ".".join(map(str, path)))


def test_the_section_and_its_defaults() -> None:
    assert read({"folder": "out"}) == Section("out", STEPS, "csv", Gates(None, None, 0.2, 0.1))
    found = read({"steps": ["plan", "score"], "gates": {"drift": "30%", "stage_jump": False, "max_rejects": 0}})
    assert found.steps == ("score", "plan")
    assert found.gates == Gates("0", None, 0.3, None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"foldr": "x"}, "run.foldr: unknown 'foldr'"),
        ({"steps": ["plan"]}, "lacks score"),
        ({"steps": ["score", "plann"]}, "run.steps.1: unknown 'plann'"),
        ({"gates": {"drift": "much"}}, "is a share"),
        ({"gates": {"drift": -0.1}}, "is a share"),
        ({"gates": {"max_age": "soon"}}, "span like"),
        ({"gates": {"age": "2d"}}, "unknown 'age'"),
        ({"format": "xlsx"}, "csv or parquet"),
        ({"folder": 3}, "a path"),
        ("nightly", "key: value"),
    ],
)
def test_a_broken_section_is_one_clear_line(value: Any, words: str) -> None:
    with pytest.raises(ConfigError) as problem:
        read(value)
    assert words in problem.value.message
    assert problem.value.message.startswith("clv.yaml:run")


def manifest(stages: dict[str, tuple[int, float, float]], **more: Any) -> dict[str, Any]:
    """`stages`: customers, clv, expected purchases."""
    total = sum(n for n, _, _ in stages.values())
    rows = [
        {"stage": s, "customers": n, "share": n / total, "clv": clv, "expected_purchases": e}
        for s, (n, clv, e) in stages.items()
    ]
    fit = {"purchase": {"status": "converged"}}
    whole = {"rejected": {"bad_date": 3}, "read": 1000}
    return {
        "stages": rows,
        "horizon": "12m",
        "models": fit,
        "rows": whole,
        "warnings": [],
        "as_of": "2026-01-01",
        "arguments": {"max_age": {"value": "2d"}},
        **more,
    }


def test_drift_by_hand() -> None:
    # Mean clv 1000 / 100 = 10, then 1440 / 120 = 12: +20 %. Expected purchases .5 -> .5: nothing.
    old = manifest({"new": (60, 400.0, 30.0), "regular": (40, 600.0, 20.0)})
    new = manifest({"new": (60, 400.0, 30.0), "regular": (60, 1040.0, 30.0)})
    assert drift_gate(Gates(drift=0.25), new, old).status == PASSED
    failed = drift_gate(Gates(drift=0.19), new, old)
    assert (failed.status, failed.text) == (FAILED, "clv of the mean customer 10 -> 12 (+20.0%, allowed 19%)")
    assert drift_gate(Gates(), new, None).status == SKIPPED
    assert drift_gate(Gates(drift=None), new, old).status == SKIPPED
    assert drift_gate(Gates(), manifest({"new": (1, 1.0, 1.0)}, horizon="24m"), old).status == SKIPPED
    lost = manifest({"new": (1, 1.0, 1.0)}, models={"purchase": {"status": "insufficient_data"}})
    assert drift_gate(Gates(), lost, old).status == FAILED


def test_stage_jump_by_hand() -> None:
    # regular: 40 of 100, then 60 of 120: 40 % -> 50 %, ten points; the other way for new.
    old = manifest({"new": (60, 1.0, 1.0), "regular": (40, 1.0, 1.0)})
    new = manifest({"new": (60, 1.0, 1.0), "regular": (60, 1.0, 1.0)})
    assert jump_gate(Gates(stage_jump=0.1), new, old, same_rules=True).status == PASSED
    assert jump_gate(Gates(stage_jump=0.09), new, old, same_rules=True).status == FAILED
    assert jump_gate(Gates(stage_jump=0.09), new, old, same_rules=False).status == SKIPPED
    gone = manifest({"new": (100, 1.0, 1.0)})
    assert jump_gate(Gates(), gone, old, same_rules=True).text.startswith("new 60.0% -> 100.0% of the buyers")


def test_feed_gates() -> None:
    fresh = manifest({"new": (1, 1.0, 1.0)})
    assert [(g.status, g.text) for g in feed_gates(fresh)] == [
        (PASSED, "3 of 1,000 records rejected"), (PASSED, "as of 2026-01-01")
    ]  # fmt: skip
    unset = manifest({"new": (1, 1.0, 1.0)}, arguments={"max_age": {"value": None}})
    assert [g.status for g in feed_gates(unset)] == [PASSED, SKIPPED]  # a gate that nobody set has not passed
    stale = manifest({"new": (1, 1.0, 1.0)}, warnings=[{"code": "stale_feed", "message": "old"}])
    assert [(g.name, g.status, g.text) for g in feed_gates(stale)][1] == ("stale_feed", FAILED, "old")


Night = Callable[..., Result]


@pytest.fixture
def night(clv: Clv, tmp_path: Path) -> Night:
    """Runs the night after `day` on what 400 customers of CDNOW bought before it, and `more` lines."""
    rows = [row for row in cdnow_rows() if row[0] <= "0400"]
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "clv.yaml").write_text(
        "data: feed/*.csv\nrules: rules.yaml\nrun:\n  folder: nights\n  steps: [check, score, compare, plan]\n"
        "  gates: {max_age: 4d, max_rejects: 2%, stage_jump: 5%}\n"
    )
    (tmp_path / "feed").mkdir()

    def run(day: str, *args: str, upto: str | None = None, more: str = "") -> Result:
        lines = [",".join(row) for row in rows if row[1] < (upto or day)]
        (tmp_path / "feed" / "orders.csv").write_text("\n".join(["customer_id,date,amount", *lines]) + "\n" + more)
        return clv("run", *args, CLV_TODAY=day)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    """The night's files; of manifests without what may differ between equal runs."""
    found = {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if not p.name.startswith(".")}
    whole = json.loads(found.pop("scored.csv.run.json"))
    whole.pop("run")
    return {**found, "scored.csv.run.json": json.dumps(whole).encode()}


def test_a_stale_feed_stops_the_plan_though_nobody_set_max_age(night: Night, tmp_path: Path) -> None:
    config = tmp_path / "clv.yaml"
    config.write_text(config.read_text().replace("max_age: 4d, ", ""))
    done = night("1998-01-25", "--json", upto="1998-01-05")
    assert done.code == 7
    gates = {gate["name"]: gate["status"] for gate in json.loads(done.out)["gates"]}
    assert gates["stale_feed"] == FAILED
    assert not (tmp_path / "nights" / "1998-01-25" / "plan.csv").exists()
    config.write_text(config.read_text().replace("gates: {", "gates: {max_age: false, "))
    assert night("1998-01-25", upto="1998-01-05").code == 0


@pytest.mark.slow
def test_nights_in_a_row(night: Night, tmp_path: Path) -> None:
    first = night("1998-01-05")
    assert first.code == 0, first.err
    assert "no earlier run" in first.page
    second = night("1998-01-06", "--json")
    assert second.code == 0, second.err
    status = json.loads(second.out)
    assert (status["passed"], status["against"]) == (True, "1998-01-05")
    folder = tmp_path / "nights" / "1998-01-06"
    assert "previous_stage" in (folder / "scored.csv").read_text().splitlines()[0]
    # Nobody who was contacted yesterday is again within a week, whatever today's calendar says.
    before = [line.split(",") for line in (tmp_path / "nights/1998-01-05/plan.csv").read_text().splitlines()[1:]]
    made = {row[1] for row in before if row[0] == "1998-01-05"}
    today = [line.split(",") for line in (folder / "plan.csv").read_text().splitlines()[1:]]
    assert made
    assert not [row for row in today if row[1] in made and row[0] <= "1998-01-11"]

    was = contents(folder)
    assert night("1998-01-06").code == 0  # the same night again
    assert contents(folder) == was

    stale = night("1998-01-20", upto="1998-01-10")
    assert stale.code == 7
    assert "stale_feed" in stale.err
    assert not (tmp_path / "nights/1998-01-20/plan.csv").exists()
    good = last_good(tmp_path / "nights", date(1998, 1, 21))
    assert good is not None
    assert good.day == date(1998, 1, 6)


@pytest.mark.slow
def test_gates_of_a_bad_feed(night: Night, tmp_path: Path) -> None:
    assert night("1998-01-05").code == 0
    many = "".join(f"x{i},never,1.00\n" for i in range(100))
    rejected = night("1998-01-06", more=many)
    assert rejected.code == 7
    assert "rejects" in rejected.err
    assert (tmp_path / "nights/1998-01-06/scored.csv.rejects.csv").exists()
    jumped = night("1998-01-06", more="".join(f"x{i},1998-01-05,1.00\n" for i in range(100)))
    assert jumped.code == 7
    assert "stage_jump: " in jumped.err
    folder = tmp_path / "nights" / "1998-01-06"
    assert (folder / "compare.csv").exists()  # what moved can be looked at
    assert not (folder / "plan.csv").exists()  # but nobody is contacted


def test_no_section(clv: Clv, tmp_path: Path) -> None:
    assert clv("run").code == 4
    (tmp_path / "clv.yaml").write_text("data: x.csv\n")
    done = clv("run")
    assert done.code == 4
    assert "has no section run" in done.err
    (tmp_path / "clv.yaml").write_text("data: x.csv\nrun:\n  folder: n\n  gate: 1\n")
    done = clv("run")
    assert done.code == 4
    assert "clv.yaml:4:" in done.err
    (tmp_path / "clv.yaml").write_text("data: x.csv\nrun: {folder: n}\n")
    done = clv("run", "--dry-run", CLV_TODAY="2026-01-31")
    assert (done.code, done.page) == (0, "n/2026-01-31: check, score, compare, plan, report\n")
    assert clv("run").code == 3  # no such file
