"""What differs between two folders that `run` filled."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILES = ("outcome.json", "scored.csv", "scored.csv.rejects.csv", "manifest.json", "check.json")
SHOWN = 6


def compare(a: Path, b: Path, ignored: set[str]) -> int:
    """Prints the differences case by case; status 1 when there are any. `ignored`: keys of the JSON files."""
    names = sorted({p.name for folder in (a, b) for p in folder.iterdir() if (p / "outcome.json").exists()})
    both = [name for name in names if (a / name / "outcome.json").exists() and (b / name / "outcome.json").exists()]
    different = 0
    for name in both:
        found = [f"{file}: {text}" for file in FILES for text in differences(a / name / file, b / name / file, ignored)]
        different += bool(found)
        if found:
            print(f"{name}\n  " + "\n  ".join(found))
    only = len(names) - len(both)
    print(f"{len(both)} logs, {different} differ" + (f"; {only} in one folder only" if only else ""))
    return int(different > 0)


def differences(a: Path, b: Path, ignored: set[str]) -> Iterator[str]:
    """The first few between two files."""
    if not (a.exists() and b.exists()):
        if a.exists() != b.exists():
            yield f"only in {(a if a.exists() else b).parents[1]}"
        return
    if a.read_bytes() == b.read_bytes():
        return
    if a.suffix == ".json":
        found = list(_json(_load(a), _load(b), "", ignored))
    elif a.name == "scored.csv":
        found = list(_tables(a, b))
    else:
        lines = [path.read_text("utf-8", errors="replace").splitlines() for path in (a, b)]
        found = [f"{x!r} -> {y!r}" for x, y in zip(*lines, strict=False) if x != y]
        found += [f"{len(lines[0])} -> {len(lines[1])} lines"] * (len(lines[0]) != len(lines[1]))
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield f"... {len(found) - SHOWN} more"


def _load(path: Path) -> Any:
    text = path.read_text("utf-8")
    return json.loads(text) if text.strip() else None


def _json(a: Any, b: Any, where: str, ignored: set[str]) -> Iterator[str]:
    if where.rsplit(".", 1)[-1] in ignored:
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for key in [*a, *(key for key in b if key not in a)]:
            yield from _json(a.get(key), b.get(key), f"{where}.{key}".lstrip("."), ignored)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, pair in enumerate(zip(a, b, strict=True)):
            yield from _json(*pair, f"{where}[{i}]", ignored)
    elif a != b:
        yield f"{where}: {_short(a)} -> {_short(b)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:297] + "..."


def _tables(a: Path, b: Path) -> Iterator[str]:
    """By column: in how many rows it differs, and how far at most."""
    tables = []
    for path in (a, b):
        with path.open(newline="", encoding="utf-8") as stream:
            tables.append({row["customer_id"]: row for row in csv.DictReader(stream)})
    old, new = tables
    for name, missing in (("gone", [i for i in old if i not in new]), ("new", [i for i in new if i not in old])):
        if missing:
            yield f"{len(missing)} customers {name}: {missing[:5]}"
    shared = [i for i in old if i in new]
    columns = list(dict.fromkeys([*next(iter(old.values()), {}), *next(iter(new.values()), {})]))
    for column in columns:
        pairs = [(i, old[i].get(column), new[i].get(column)) for i in shared]
        pairs = [(i, x, y) for i, x, y in pairs if x != y]
        if pairs:
            i, x, y = pairs[0]
            yield f"{column}: {len(pairs)} of {len(shared)}, like {i}: {x} -> {y}{_furthest(pairs)}"


def _furthest(pairs: list[tuple[str, str | None, str | None]]) -> str:
    try:
        most = max(abs(float(y or "") - float(x or "")) / max(abs(float(x or "")), 1e-300) for _, x, y in pairs)
    except ValueError:
        return ""
    return f", at most {most:.1e} relative"
