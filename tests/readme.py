"""Generates the README's help texts, tables and outputs between `<!-- begin: NAME -->` and `<!-- end -->`.

`python tests/readme.py --write` brings README.md up to date; tests/test_readme.py fails when it is not.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- begin: ([^\n]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
ENVIRONMENT = {
    "COLUMNS": "100",
    "TERMINAL_WIDTH": "100",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
    "CLV_TODAY": "2025-01-02",
}


def command(*args: str, cwd: Path = ROOT) -> tuple[str, str]:
    """stdout and stderr of one run of the command, at 100 columns without colour."""
    env = {"PATH": os.environ["PATH"], **ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-m", "clvcli", *args], capture_output=True, text=True, cwd=cwd, env=env, check=False
    )
    if done.returncode:
        raise RuntimeError(f"clv {' '.join(args)}: {done.stderr}")
    return done.stdout, done.stderr


def fenced(text: str, kind: str = "text") -> str:
    """A code block without blanks at line ends."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return f"```{kind}\n" + "\n".join(lines) + "\n```\n"


def help_of(name: str) -> str:
    """The help of one command; of `clv` itself where the name is empty."""
    return fenced(command(*name.split(), "--help")[0])


def all_help(_: str) -> str:
    """Every command's help, each under a fold of its own."""
    from clvcli.cli.commands import COMMANDS

    folds = [
        f"<details><summary><code>clv {c.name}</code>: {c.help}</summary>\n\n{help_of(c.name)}\n</details>\n"
        for c in COMMANDS
    ]
    return "\n".join(folds)


def columns(_: str) -> str:
    """The catalogue of output columns."""
    from clvcli.core.fields import FIELDS

    rows = [
        f"| `{f.name}` | {f.type} | {f.unit} | {f.meaning}{'' if f.when == 'always' else f' (with `{f.when}`)'} |"
        for f in FIELDS
    ]
    return "\n".join(["| column | type | unit | meaning |", "|---|---|---|---|", *rows]) + "\n"


def fates(_: str) -> str:
    """The catalogue of reasons."""
    from clvcli.core.reasons import FATES

    return "\n".join(["| reason | fate |", "|---|---|", *(f"| `{c}` | {t} |" for c, t in FATES.items())]) + "\n"


def warnings(_: str) -> str:
    """The catalogue of warnings."""
    from clvcli.core.reasons import WARNINGS

    return (
        "\n".join(["| code | what it says |", "|---|---|", *(f"| `{c}` | {t} |" for c, t in WARNINGS.items())]) + "\n"
    )


def output_of(args: str) -> str:
    """What a command says on stderr, in a folder that holds the sample data."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "sample_data").symlink_to(ROOT / "sample_data")
        out, err = command(*args.split(), cwd=place)
        return fenced(f"$ clv {args}\n{err}{out}")


def presets(_: str) -> str:
    """The shipped lifecycles on the sample data."""
    from lifecycle.preset_table import preset_table

    return preset_table()


GENERATORS: dict[str, Callable[[str], str]] = {
    "help": help_of,
    "all-help": all_help,
    "columns": columns,
    "fates": fates,
    "warnings": warnings,
    "output": output_of,
    "presets": presets,
}


def generated(text: str) -> str:
    """README text with every block made anew. Raises KeyError for a block that nothing makes."""

    def fill(match: re.Match[str]) -> str:
        name, _, rest = match[2].partition(" ")
        return match[1] + GENERATORS[name](rest) + match[3]

    return BLOCK.sub(fill, text)


def main() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    new = generated(text)
    if "--write" in sys.argv:
        readme.write_text(new, encoding="utf-8")
    elif new != text:
        sys.exit("README.md is not up to date: make readme")


if __name__ == "__main__":
    main()
