"""What is installed from a wheel or an sdist carries the presets and the sample log and runs without the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def python(*args: str, cwd: Path, path: Path | None = None) -> str:
    env = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run([sys.executable, *args], capture_output=True, text=True, cwd=cwd, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    python("-m", "build", "--no-isolation", "--outdir", str(place), str(ROOT), cwd=place)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_an_installed_package_scores_with_its_own_presets(built: Path, tmp_path: Path, pattern: str) -> None:
    (archive,) = built.glob(pattern)
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    python(
        "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(site), str(archive), cwd=work
    )
    where = python("-c", "import clvcli; print(clvcli.__file__)", cwd=work, path=site).strip()
    assert where.startswith(str(site))
    python("-m", "clvcli", "init", "shop", cwd=work, path=site)
    python("-m", "clvcli", "score", "transactions.csv", "--rules", "rfm-lifecycle", "-q", cwd=work / "shop", path=site)
    assert (work / "shop" / "transactions.scored.csv.run.json").exists()
    assert (site / "clvcli" / "configs" / "rfm-lifecycle.yaml").exists()
    assert (site / "share" / "man" / "man1" / "clv.1").read_bytes() == (ROOT / "clvcli" / "help" / "clv.1").read_bytes()
