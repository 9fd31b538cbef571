"""`make mutants`: one small change at a time in `models` and `scoring`; a change that no test notices is printed.

A seeded sample, for all changes take a day. Each runs the fast tests of its file against a copy of the checkout, and is
caught when one fails or takes too long. What survives is a gap, or changes nothing that matters: .github/MUTANTS.md
"""

import argparse
import ast
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("clvcli/models", "clvcli/scoring.py", "clvcli/classify.py")
CDNOW, CONTRACT, DIGITS, LIMITS, SPEND, PARETO, RHYTHM, COVARIATE, PIECES = (
    f"tests/models/test_models_{name}.py"
    for name in ("cdnow", "contract", "digits", "limits", "spend", "pareto", "rhythm", "covariate", "parts")
)
SCORED = ("tests/cli/test_cdnow.py", "tests/test_scoring.py", "tests/test_invariants.py")
TESTS: dict[str, tuple[str, ...]] = {
    "scoring.py": SCORED,
    "classify.py": SCORED,
    "sbg.py": ("tests/economics/test_sbg.py",),
    "scores.py": ("tests/backtest/test_backtest_scores.py",),
    "gamma_gamma.py": (CDNOW, PIECES, SPEND),
    "predictive.py": (SPEND,),
    "curves.py": (SPEND,),
    "pareto": (CDNOW, PIECES, PARETO, LIMITS),
    "silence.py": (PARETO, RHYTHM),
    "mbg_cnbd.py": (CONTRACT, RHYTHM),
    "stages": (CONTRACT, RHYTHM),
    "covariate.py": (COVARIATE,),
    "": (CDNOW, PIECES, CONTRACT, LIMITS, DIGITS, SPEND),
}
"""The first key that a file's name starts with says which tests judge it."""

SWAPS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A changed file, and what the change is."""

    path: str
    line: int
    what: str
    source: str


def mutant(path: str, number: int) -> Mutant:
    """The `number`-th change of a file: an operator swapped, a number moved, a condition turned round, a sign lost."""
    tree = ast.parse((ROOT / path).read_text())
    node = list(_places(tree))[number]
    before = ast.unparse(node)
    _change(node)
    return Mutant(path, node.lineno, f"{before[:60]} -> {ast.unparse(node)[:60]}", ast.unparse(tree))


def _places(tree: ast.AST) -> Iterator[ast.expr | ast.AugAssign]:
    annotations = {id(n) for a in ast.walk(tree) for n in ast.walk(getattr(a, "annotation", None) or ast.Pass())}
    returns = {id(n) for a in ast.walk(tree) for n in ast.walk(getattr(a, "returns", None) or ast.Pass())}
    for node in ast.walk(tree):
        if id(node) in annotations | returns:
            continue
        op = node.ops[0] if isinstance(node, ast.Compare) else getattr(node, "op", None)
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if isinstance(node, ast.IfExp) or number or type(op) in SWAPS or isinstance(op, (ast.USub, ast.Not)):
            assert isinstance(node, (ast.expr, ast.AugAssign))
            yield node


def _change(node: ast.expr | ast.AugAssign) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)):
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        if isinstance(node.op, ast.Not):
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    elif isinstance(node, ast.Constant):
        value = node.value
        node.value = 1 - value if value in (0, 1) else value * 1.1 if isinstance(value, float) else int(str(value)) + 1


def tests_of(path: str) -> tuple[str, ...]:
    """The tests that judge a file."""
    return next(files for start, files in TESTS.items() if Path(path).name.startswith(start))


def judge(change: Mutant, seconds: float) -> str:
    """`caught`, `survived` or `late`, by the tests of the mutant's file in a copy of the checkout."""
    tests = tests_of(change.path)
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        for part in ("clvcli", "tests", "configs", "sample_data", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, Path(folder) / part)
        (Path(folder) / change.path).write_text(change.source)
        line = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", *tests]
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return "late"
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"pytest {' '.join(tests)} does not run: {done.stdout.decode()[-300:]}")
    return "caught" if done.returncode else "survived"


def main() -> int:
    """Prints each survivor and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="0: all of them")
    parser.add_argument("--seconds", type=float, default=300.0, help="after which a mutant counts as caught")
    parser.add_argument("parts", nargs="*", default=PARTS)
    options = parser.parse_args()
    files = [p for part in options.parts for p in sorted((ROOT / part).rglob("*.py")) or [ROOT / part]]
    places = [(p, n) for p in files for n, _ in enumerate(_places(ast.parse(p.read_text())))]
    sample = random.Random(options.seed).sample(places, min(options.count or len(places), len(places)))
    chosen = [mutant(str(p.relative_to(ROOT)), n) for p, n in sample]
    for path in {tests_of(m.path): m.path for m in chosen}.values():
        if judge(Mutant(path, 0, "", (ROOT / path).read_text()), 10 * options.seconds) != "survived":
            raise SystemExit(f"the tests of {path} fail without a change")
    counts = {"caught": 0, "late": 0, "survived": 0}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for change, verdict in zip(chosen, pool.map(lambda m: judge(m, options.seconds), chosen), strict=True):
            counts[verdict] += 1
            if verdict == "survived":
                sys.stdout.write(f"{change.path}:{change.line}: {change.what}\n")
                sys.stdout.flush()
    counted = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    sys.stdout.write(f"{len(chosen)} of {len(places)} mutants, seed {options.seed}: {counted}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
