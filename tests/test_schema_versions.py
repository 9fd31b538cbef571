"""Outputs, rules and models say the version of their schema, and one that this version does not know is refused."""

import json
from pathlib import Path

import pytest
from conftest import GOOD, ROOT, Clv

from clvcli.core.strict_yaml import load

RULES = "stages:\n  - {stage: all, when: purchases > 0}\n"


def test_what_is_shipped_and_written_says_its_version(clv: Clv, tmp_path: Path) -> None:
    files = [*(ROOT / "configs").glob("*.yaml"), *(ROOT / "configs" / "shared").glob("*.yaml")]
    assert files
    assert {load(path.read_text(), path.name).value["schema"] for path in files} == {1}
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "-o", "t.csv", "-q").code == 0
    assert clv("fit", "log.csv", "-o", "m.json", "-q").code == 0
    for name in ("t.csv.run.json", "m.json"):
        assert json.loads((tmp_path / name).read_text())["schema"] == 1


@pytest.mark.parametrize("schema", ["2", "0", "'1'", "true", "[1]"])
def test_rules_of_another_schema_are_refused_with_their_line(clv: Clv, tmp_path: Path, schema: str) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "r.yaml").write_text(f"name: mine\nschema: {schema}\n{RULES}")
    done = clv("score", "log.csv", "--rules", "r.yaml", "-q")
    assert done.code == 4
    assert done.err.startswith("clv: r.yaml:2:")
    assert "schema is 1 in this version of clv" in done.err


def test_rules_may_name_their_schema_or_not(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    tables = []
    for head in ("", "schema: 1\n"):
        (tmp_path / "r.yaml").write_text(head + RULES)
        assert clv("score", "log.csv", "--rules", "r.yaml", "-o", "t.csv", "-q").code == 0
        tables.append((tmp_path / "t.csv").read_bytes())
    assert tables[0] == tables[1]


def test_a_manifest_of_another_schema_is_refused(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "-o", "t.csv", "-q").code == 0
    path = tmp_path / "t.csv.run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 2}))
    done = clv("plan", "t.csv", "-q")
    assert done.code == 3
    assert "schema 2; this clv reads schema 1" in done.err
