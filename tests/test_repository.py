"""What stands beside the code and nobody runs here: workflows, image, hooks, citation. Their shape is checked by the
schemas of their makers, and what they name is there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import clvcli

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tool(*words: str) -> str:
    """What a tool of this environment says; it must succeed."""
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("custom.github-workflows-require-timeout", WORKFLOWS),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
        ("vendor.citation-file-format", [GITHUB / "CITATION.cff"]),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_it_has_the_shape_of_its_schema(schema: str, files: list[Path]) -> None:
    pytest.importorskip("check_jsonschema")
    assert files
    assert "ok" in tool("check_jsonschema", "--builtin-schema", schema, *map(str, files))


def test_the_workflows_leave_no_door_open() -> None:
    program = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip("zizmor is not installed here")
    words = [program, "--offline", "--no-progress", *map(str, WORKFLOWS)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout


def commands(workflow: Path) -> list[str]:
    """Every line that its steps run."""
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    return [line for step in steps for line in step.get("run", "").splitlines()]


def test_what_the_workflows_run_is_there() -> None:
    extras = set(PROJECT["optional-dependencies"])
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in [line for workflow in WORKFLOWS for line in commands(workflow)]:
        for name in re.findall(r"\.\[([a-z,]+)\]", line):
            assert set(name.split(",")) <= extras, line
        for path in re.findall(r"\b(?:tests|clvcli|sample_data)/[\w/.-]+", line):
            assert (ROOT / path).exists(), line
        if line.startswith("make "):
            assert line.split()[1] in targets


def test_each_supported_python_is_tested_and_said() -> None:
    said = {c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    matrix = yaml.safe_load((GITHUB / "workflows" / "tests.yml").read_text())["jobs"]["tests"]["strategy"]["matrix"]
    assert {*matrix["python"], *(one["python"] for one in matrix["include"])} == said
    assert PROJECT["requires-python"] == f">={min(said, key=lambda v: int(v.partition('.')[2]))}"


def test_the_citation_is_of_this_version() -> None:
    found = yaml.safe_load((GITHUB / "CITATION.cff").read_text(encoding="utf-8"))
    assert (found["version"], found["license"]) == (clvcli.__version__, PROJECT["license"])


def test_the_image_takes_what_is_there() -> None:
    text = (GITHUB / "Dockerfile").read_text(encoding="utf-8")
    (extra,) = re.findall(r"\[([a-z]+)\]\"", text)
    assert extra in PROJECT["optional-dependencies"]
    assert 'ENTRYPOINT ["clv"]' in text
    assert "clv" in PROJECT["scripts"]
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all((ROOT / name).exists() for name in kept)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md", "LICENSE"} <= set(kept)


def test_the_hook_lints_each_rules_file(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert re.search(hook["files"], "conf/rules-shop.yaml")
    good, bad = tmp_path / "rules.yaml", tmp_path / "rules-bad.yaml"
    good.write_text((ROOT / "configs" / "rfm-lifecycle.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    bad.write_text("stages: 3\n")
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    for files, code in (([good, good], 0), ([good, bad], 4)):
        words = [*shlex.split(hook["entry"]), *map(str, files)]
        done = subprocess.run(words, capture_output=True, text=True, env=path, check=False)
        assert done.returncode == code, done.stderr


def test_the_hooks_of_the_project_are_tools_of_its_environment() -> None:
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    tools = {shlex.split(hook["entry"])[0] for repo in repos for hook in repo["hooks"]}
    development = " ".join(PROJECT["optional-dependencies"]["dev"])
    for name in tools:
        package = {"lint-imports": "import-linter"}.get(Path(name).name, Path(name).name)
        assert package in development, name
