"""Every file of the corpus ends as its case states, through the command line: exit code, manifest, rejects."""

import csv
import json
from pathlib import Path

import pytest
from corpus.build import Case
from corpus.make import CASES, slug, write

from clvcli.cli.app import run


def flags(case: Case) -> list[str]:
    """The options of a case as a user types them."""
    found = []
    for name, value in case.args.items():
        flag = "--" + name.replace("_", "-")
        found += ["--no-header"] if name == "header" else [f"{flag}={value}"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=slug)
def test_score(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLV_TODAY", "2026-11-22")
    monkeypatch.chdir(tmp_path)
    paths = [str(p) for p in write(case, tmp_path / "in")]
    code = run(["score", *paths, "-o", "out.csv", "--no-model", "--no-progress", *flags(case)])
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    assert out == ""
    assert code == case.exit, err
    if case.refused:
        assert not Path("out.csv").exists()
        assert not Path("out.csv.run.json").exists()
        assert "hint:" in err
        return
    manifest = json.loads(Path("out.csv.run.json").read_text())
    rows = manifest["rows"]
    assert rows["read"] == rows["used"] + rows["duplicates"] + sum(rows["excluded"].values()) + sum(
        rows["rejected"].values()
    )
    assert rows["read"] == case.read
    assert rows["rejected"] == dict(case.rejected)
    assert case.warnings <= {w["code"] for w in manifest["warnings"]}
    assert "\x1b" not in err
    with Path("out.csv.rejects.csv").open(newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert len(listed) == sum(case.rejected.values())
    if case.lines is not None:
        assert tuple(int(row["line"]) for row in listed) == case.lines
