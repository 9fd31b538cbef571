"""`clv config`: what is in force and where it comes from; the schemas of the files."""

import json
from pathlib import Path

from conftest import GOOD, Clv

from clvcli.cli.commands import every_option


def test_every_source_is_named(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "clv.yaml").write_text("margin: 0.3\nrules: predictive\ndata: log.csv\n")
    done = clv("config", "-f", "csv", CLV_HORIZON="3m")
    assert done.code == 0
    assert set(done.page.splitlines()[1:]) == {
        "horizon,3m,CLV_HORIZON", "margin,0.3,clv.yaml", "rules,predictive,clv.yaml",
    }  # fmt: skip
    rows = json.loads(clv("config", "plan", "--all", "--json").out)
    assert {"option": "days", "value": "30d", "source": "default"} in rows


def test_nothing_set_and_a_wrong_command(clv: Clv) -> None:
    done = clv("config")
    assert (done.code, done.out) == (0, b"")
    assert "every option has its default" in done.err
    wrong = clv("config", "scor")
    assert (wrong.code, wrong.err) == (2, "clv: no command scor (hint: clv config score)\n")


def test_the_schema_of_the_configuration_knows_every_option(clv: Clv) -> None:
    schema = json.loads(clv("config", "--schema", "config").out)
    assert set(schema["properties"]) == set(every_option()) | {"run"}
    assert schema["additionalProperties"] is False
    assert "keep" in schema["properties"]["returns"]["enum"]


def test_the_schema_of_manifests_holds_for_one(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "-q", "-o", "s.csv").code == 0
    manifest = json.loads((tmp_path / "s.csv.run.json").read_text())
    schema = json.loads(clv("config", "--schema", "manifest").out)
    assert set(schema["properties"]) <= set(manifest) | {"source"}  # of a known export alone
    assert wrong(manifest, schema) == []


KINDS = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None), "object": dict,
    "array": list,
}  # fmt: skip


def wrong(value: object, schema: dict[str, object], at: str = "") -> list[str]:
    """Places where a value breaks a schema of the few words that ours use."""
    choices = schema.get("anyOf")
    if isinstance(choices, list):
        return [] if any(not wrong(value, one) for one in choices) else [at]
    if "const" in schema:
        return [] if value == schema["const"] else [at]
    if not isinstance(value, KINDS[str(schema["type"])]):  # type: ignore[arg-type]
        return [f"{at}: {type(value).__name__}"]
    found: list[str] = []
    if isinstance(value, dict):
        known = schema.get("properties", {})
        assert isinstance(known, dict)
        for key, one in value.items():
            shape = known.get(key, schema.get("additionalProperties"))
            found += wrong(one, shape, f"{at}.{key}") if isinstance(shape, dict) else []
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        found += [problem for i, one in enumerate(value) for problem in wrong(one, items, f"{at}[{i}]")]
    return found
