"""What a plain run of a small log need not load: starting is half of its time."""

import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "sample_data" / "transactions.csv"
UNUSED = (
    "babel", "fastexcel", "pandas", "pyarrow", "pydantic", "rich", "scipy.integrate", "scipy.linalg", "scipy.optimize",
    "scipy.sparse", "scipy.special", "scipy.stats", "xlsxwriter", "clvcli.commands", "clvcli.core.options.campaigns",
    "clvcli.core.options.fitting", "clvcli.core.options.start", "clvcli.engines.spark", "clvcli.report.html",
    "clvcli.report.terminal",
)  # fmt: skip


def test_a_plain_run_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom clvcli.cli.app import run\n"
        f"assert run(['score', {str(SAMPLE)!r}, '-o', 'x.csv', '-q']) == 0\n"
        f"print([m for m in {UNUSED!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
