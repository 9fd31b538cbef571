"""What is installed from a wheel or an sdist runs without the checkout, with no packages but those that it names."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCORE = "import clvcli; run = clvcli.score('transactions.csv'); print(run.table.height, run._repr_html_()[:7])"


def run(*words: str | Path, cwd: Path) -> str:
    """A program with an environment of its own: nothing of this one is found by it."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, cwd=cwd, env=env, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", place, ROOT, cwd=place)
    return place


@pytest.fixture(scope="module")
def empty(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it needs. Skips where no package can be had."""
    place = tmp_path_factory.mktemp("empty") / "venv"
    run(sys.executable, "-m", "venv", place, cwd=built)
    (wheel,) = built.glob("*.whl")
    words = [place / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode and "Could not find a version" in done.stderr:
        pytest.skip("no package index is within reach")
    assert done.returncode == 0, done.stderr
    return place / "bin"


@pytest.mark.slow
def test_the_wheel_runs_in_an_empty_environment(empty: Path, tmp_path: Path) -> None:
    run(empty / "python", "-m", "pip", "check", cwd=tmp_path)
    works(empty, tmp_path)


@pytest.mark.slow
def test_the_sdist_runs_there_too(empty: Path, built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    run(empty / "python", "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", archive, cwd=tmp_path)
    works(empty, tmp_path)


def works(tools: Path, folder: Path) -> None:
    """The demo, from the shipped sample log to table, workbook, page and frame, without any extra."""
    where = run(tools / "python", "-c", "import clvcli; print(clvcli.__file__)", cwd=folder).strip()
    assert where.startswith(str(tools.parent))
    manual = tools.parent / "share" / "man" / "man1" / "clv.1"
    assert manual.read_bytes() == (ROOT / "clvcli" / "help" / "clv.1").read_bytes()
    run(tools / "clv", "init", "shop", cwd=folder)
    shop = folder / "shop"
    run(tools / "clv", "score", "transactions.csv", "-o", "scored.xlsx", "--report", "page.html", "-q", cwd=shop)
    assert (shop / "scored.xlsx.run.json").exists()
    run(tools / "clv", "score", "transactions.csv", "-o", "scored.csv", "-q", cwd=shop)
    assert run(tools / "clv", "top", "scored.csv", "-n", "3", cwd=shop).count("\n1. ") == 1
    assert run(tools / "python", "-c", SCORE, cwd=shop).split()[1] == "<iframe"


def test_the_archives_hold_what_they_should(built: Path) -> None:
    (wheel,), (source,) = built.glob("*.whl"), built.glob("*.tar.gz")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for name in ("py.typed", "help/python.md", "configs/rfm-lifecycle.yaml", "sample_data/transactions.csv"):
        assert f"clvcli/{name}" in inside
    assert not [name for name in inside if "/test" in f"/{name}" or "__pycache__" in name]
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py", "configs/rfm-lifecycle.yaml"} <= names
    assert wheel.stat().st_size < 3 << 20


def test_its_description_will_be_shown(built: Path) -> None:
    pytest.importorskip("twine")
    run(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir(), cwd=built)
