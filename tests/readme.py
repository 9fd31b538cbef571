"""Generates the parts of README.md and clvcli/help/*.md between `<!-- begin: NAME -->` and `<!-- end -->`, and
clvcli/help/commands/*.md in whole.

`python tests/readme.py --write` brings them up to date; tests/test_readme.py fails when they are not.
"""

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from keywords import keywords
from manual import manual

from clvcli.cli.commands import COMMANDS
from clvcli.cli.help_page import page_of

ROOT = Path(__file__).resolve().parents[1]
HELP = ROOT / "clvcli" / "help"
MANUAL = HELP / "clv.1"
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


def reference() -> dict[Path, str]:
    """File -> text of the reference of every command: what it does, examples, every option."""
    return {HELP / "commands" / f"{c.name.replace(' ', '-')}.md": command_text(c.name) for c in COMMANDS}


def command_text(name: str) -> str:
    """The reference of one command."""
    found = next(c for c in COMMANDS if c.name == name)
    usage, _, options = page_of(found, 100, whole=True).partition(f"{found.help}\n")
    examples = [f"    {line}{f'    # {what}' if what else ''}" for line, what in found.examples]
    shown = ["", "Examples, with the sample data in the folder:", "", *examples] if examples else []
    whole = usage.strip() + "\n\n" + options.strip("\n")
    return "\n".join([f"# clv {name}", "", found.help, *shown, "", fenced(whole)])


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

    return codes(WARNINGS)


def errors(_: str) -> str:
    """The catalogue of errors that have more to say."""
    from clvcli.core.reasons import ERRORS

    return codes(ERRORS)


def codes(known: Iterable[str]) -> str:
    """A table of codes with text and remedy."""
    from clvcli.core.reasons import explained

    rows = [f"| `{code}` | {text} | {remedy} |" for code in known for text, remedy in (explained(code),)]
    return "\n".join(["| code | what it says | what to do |", "|---|---|---|", *rows]) + "\n"


@functools.cache
def demo_folder() -> Path:
    """A folder with the sample data, in which the outputs of one text come one after the other."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    return folder


def output_of(args: str) -> str:
    """What a command says, in the folder of the demo."""
    out, err = command(*args.split(), cwd=demo_folder())
    return fenced(f"$ clv {args}\n{err}{out}")


def presets(_: str) -> str:
    """The shipped lifecycles on the sample data."""
    from lifecycle.preset_table import preset_table

    return preset_table()


GENERATORS: dict[str, Callable[[str], str]] = {
    "columns": columns,
    "fates": fates,
    "warnings": warnings,
    "errors": errors,
    "output": output_of,
    "presets": presets,
}


def generated(text: str) -> str:
    """A text with every block made anew. Raises KeyError for a block that nothing makes."""

    def fill(match: re.Match[str]) -> str:
        name, _, rest = match[2].partition(" ")
        return match[1] + GENERATORS[name](rest) + match[3]

    return BLOCK.sub(fill, text)


def stale() -> dict[Path, str]:
    """File -> what it should say, of the files that say something else."""
    wanted = {path: generated(path.read_text(encoding="utf-8")) for path in [ROOT / "README.md", *HELP.glob("*.md")]}
    wanted |= reference() | {ROOT / "clvcli" / "api" / "keywords.py": keywords(), MANUAL: manual()}
    return {p: t for p, t in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != t}


def main() -> None:
    while found := stale():  # the manual is made of the topics
        for path, text in found.items():
            if "--write" not in sys.argv:
                sys.exit(f"{path.relative_to(ROOT)} is not up to date: make readme")
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
