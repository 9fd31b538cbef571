"""Runs an export as a newcomer would: the plain command, then each command that the tool itself printed."""

import csv
import gzip
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from conftest import Clv, Result

CASES = Path(__file__).parent / "cases"
Table = Mapping[str, tuple[int, int | Decimal, str, str]]
"""customer -> purchases, spend in the smallest unit, first day, last day."""
OPTION = re.compile(r"--[a-z][a-z-]*")
NO_VALUE = ("--no-header", "--strict", "--no-model")
ENDS = ";,)."
PROSE = [
    "leaves",
    "or",
    "names",
    "keeps",
    "says",
    "reads",
    "COLUMN",
    "DATE",
    "NAME",
    "N",
    "with",
    "may",
    "takes",
    "then",
    "is",
]


@dataclass(frozen=True)
class Outcome:
    """`kind`: exact, command (one that was printed is exact), refused, told (wrong, and printed commands do not mend
    it) or silent (wrong, and no command was printed); `err`: what the plain run said; `tried`: the printed options."""

    kind: str
    err: str
    tried: tuple[tuple[str, ...], ...] = ()


def unpack(case: str, folder: Path) -> None:
    """The inputs of a case as they were exported; those that are kept compressed lose one `.gz`."""
    for path in sorted((CASES / case).rglob("*")):
        if path.is_file() and not path.name.startswith("expected.csv"):
            target = folder / path.relative_to(CASES / case)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".gz":
                target.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            else:
                shutil.copyfile(path, target)


def right_of(case: str) -> Table:
    """Its right values."""
    text = gzip.decompress((CASES / case / "expected.csv.gz").read_bytes()).decode()
    return {
        r["customer_id"]: (int(r["purchases"]), int(r["total_cents"]), r["first"], r["last"])
        for r in csv.DictReader(text.splitlines())
    }


def table_of(path: Path, scale: int) -> Table:
    """The same of a scored table."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            r["customer_id"]: (
                int(r["purchases"]), Decimal(r["total_spend"]) * scale,
                r["first_purchase_date"], r["last_purchase_date"],
            )
            for r in csv.DictReader(file) if r["purchases"] != "0"
        }  # fmt: skip


def is_right(found: Table | None, right: Table | None) -> bool:
    """Whether a table has the right values; what is finer than the unit of the right ones may be rounded either way."""
    if found is None or right is None or found.keys() != right.keys():
        return False
    for who, (n, spend, first, last) in found.items():
        times, units, begin, end = right[who]
        if (n, first, last) != (times, begin, end) or abs(Decimal(spend) - Decimal(units)) > Decimal("0.5"):
            return False
    return True


def printed_options(err: str) -> Iterator[tuple[str, ...]]:
    """The options of every command, or piece of one, that a text tells to copy: each run of `--option value`."""
    for line in err.splitlines():
        end = 0
        for start in (m.start() for m in re.finditer(r"(?<![\w-])--[a-z]", line)):
            if start < end:
                continue
            words, end = _options_at(line, start)
            if words:
                yield words


def _options_at(line: str, start: int) -> tuple[tuple[str, ...], int]:
    """The options from there on, and where they end."""
    words: list[str] = []
    place = start
    while (found := OPTION.match(line, place)) is not None:
        place = found.end()
        if found[0] in NO_VALUE:
            words.append(found[0])
        else:
            value = re.match(r"""\s+((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+)""", line[place:])
            if value is None:
                break
            place += value.end()
            raw = value[1] if value[1][-1] in "\"'" else value[1].rstrip(ENDS) or value[1]
            try:
                text = shlex.split(raw)[0]
            except ValueError:
                break
            if text in PROSE:
                break
            words += [found[0], text]
            if raw != value[1]:
                break
        place += len(line[place:]) - len(line[place:].lstrip())
    return tuple(words if any(w.startswith("--") for w in words) else ()), max(place, start + 1)


def outcome(clv: Clv, folder: Path, args: Sequence[str], right: Table | None, scale: int) -> Outcome:
    """What comes of `clv score ARGS`."""
    done, found = scored(clv, folder, args, scale)
    if is_right(found, right):
        return Outcome("exact", done.err)
    tried = tuple(dict.fromkeys(printed_options(done.err)))
    for options in tried:
        if is_right(scored(clv, folder, [*args, *options], scale)[1], right):
            return Outcome("command", done.err, (options,))
    if found is None:
        assert done.code in (2, 3), done.err
        return Outcome("refused", done.err, tried)
    return Outcome("told" if tried else "silent", done.err, tried)


def scored(clv: Clv, folder: Path, args: Sequence[str], scale: int) -> tuple[Result, Table | None]:
    target = folder / "scored.csv"
    target.unlink(missing_ok=True)
    done = clv("score", *args, "--no-model", "-o", str(target), cwd=folder, COLUMNS="10000")
    return done, table_of(target, scale) if done.code == 0 else None
