"""JSON text -> records: one object a line, or objects one after another, alone or in one array.

Every value is text: `{"id": 7, "buyer": {"country": "FR"}}` has the columns `id` and `buyer.country`. A list is the
text of its JSON. Lines that are no object are set aside.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log.records import Broken, shown

TOO_LONG = re.compile(rb"[:\[,]\s*-?\d{19}")
"""A whole number that may be beyond 64 bits: the fast reader would round it."""
QUOTE, BACKSLASH, NEWLINE = ord('"'), ord("\\"), ord("\n")
OPENING, CLOSING = np.frombuffer(b"{[", dtype=np.uint8), np.frombuffer(b"}]", dtype=np.uint8)
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Objects:
    """`frame`: a String column a value, null where it is missing or empty; `lines`: where each starts, (records,)."""

    frame: pl.DataFrame
    lines: Places
    broken: tuple[Broken, ...]


@dataclass(frozen=True)
class Spans:
    """Where the objects of a text start and stop, (objects,); `left`: an object or array that is still open, or None;
    `closed`: where the array around them ended, or None."""

    starts: Places
    stops: Places
    left: int | None
    closed: int | None


def spans_of(text: bytes) -> Spans:
    """The outermost objects of a text that starts between two of them."""
    codes = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(codes == QUOTE)
    if b"\\" in text:
        quotes = quotes[~_is_escaped(codes, quotes)]
    step = np.zeros(codes.size, dtype=np.int8)
    step[np.isin(codes, OPENING)] = 1
    step[np.isin(codes, CLOSING)] = -1
    marks = np.flatnonzero(step)
    outside = np.searchsorted(quotes, marks) % 2 == 0
    marks = marks[outside]
    depth = np.cumsum(step[marks], dtype=np.int64)
    below = np.flatnonzero(depth < 0)
    closed = None
    if below.size:
        closed = int(marks[below[0]])
        marks, depth = marks[: below[0]], depth[: below[0]]
    starts = marks[(depth == 1) & (step[marks] == 1)].astype(np.int64)
    stops = marks[depth == 0].astype(np.int64) + 1
    left = int(starts[stops.size]) if starts.size > stops.size else None
    return Spans(starts[: stops.size], stops, left, closed)


def _is_escaped(codes: npt.NDArray[np.uint8], places: Places) -> npt.NDArray[np.bool_]:
    """Whether an odd number of backslashes stands before each place."""
    other = np.flatnonzero(codes != BACKSLASH)
    before = np.searchsorted(other, places) - 1
    last = np.where(before >= 0, other[np.maximum(before, 0)], -1)
    odd: npt.NDArray[np.bool_] = (places - 1 - last) % 2 == 1
    return odd


def one_a_line(text: bytes, spans: Spans, line: int) -> tuple[bytes, Places]:
    """The objects, one a line, and the line on which each starts where the text starts on `line`. A line end within an
    object is a blank of its layout."""
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == NEWLINE)
    lines = (np.searchsorted(ends, spans.starts) + line).astype(np.int64)
    pairs = list(zip(spans.starts.tolist(), spans.stops.tolist(), strict=True))
    return b"\n".join(text[a:b].replace(b"\n", b" ").replace(b"\r", b" ") for a, b in pairs), lines


def between(text: bytes, spans: Spans) -> bytes:
    """What stands between the objects but for commas and blanks."""
    edges = [0, *(at for pair in zip(spans.starts.tolist(), spans.stops.tolist(), strict=True) for at in pair)]
    gaps = b" ".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=False))
    return gaps.translate(None, b" \t\r\n,")


def objects_of(text: bytes, lines: Places | int) -> Objects:
    """The records of a text with one object a line. `lines`: the line of each, or of the first one of all."""
    if isinstance(lines, int):
        rows = text.split(b"\n")
        full = np.fromiter((bool(row.strip()) for row in rows), dtype=bool, count=len(rows))
        lines = np.flatnonzero(full) + lines
        if not full.all():
            text = b"\n".join(row for row in rows if row.strip())
    if not lines.size:
        return Objects(pl.DataFrame(), lines, ())
    if not TOO_LONG.search(text):
        frame = _fast(text)
        if frame is not None and frame.height == lines.size:
            return Objects(frame, lines, ())
    return _slow(text.split(b"\n"), lines)


def _fast(text: bytes) -> pl.DataFrame | None:
    """None where some line is no object, or the objects do not go together."""
    try:
        schema = pl.scan_ndjson(text, infer_schema_length=None).collect_schema()
        frame = pl.read_ndjson(text, schema={name: _texts(kind) for name, kind in schema.items()})
    except pl.exceptions.PolarsError:
        return None
    except BaseException as problem:  # A Polars panic is no Exception.
        if type(problem).__name__ != "PanicException":
            raise
        return None
    columns = [leaf for name, kind in schema.items() for leaf in _leaves(pl.col(name), name, kind)]
    names = [name for name, _ in columns]
    if len(set(names)) < len(names) or not names:
        return None
    return frame.select(pl.when(value != "").then(value).alias(name) for name, value in columns)


def _texts(kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.Struct) and kind.fields:
        return pl.Struct({field.name: _texts(field.dtype) for field in kind.fields})  # type: ignore[arg-type]
    return pl.String()


def _leaves(value: pl.Expr, name: str, kind: Any) -> Iterator[tuple[str, pl.Expr]]:
    if not isinstance(kind, pl.Struct) or not kind.fields:
        yield name, value
        return
    for field in kind.fields:
        yield from _leaves(value.struct.field(field.name), f"{name}.{field.name}", field.dtype)


def _slow(rows: list[bytes], lines: Places) -> Objects:
    """One line after another."""
    found: list[dict[str, str | None]] = []
    kept: list[int] = []
    broken: list[Broken] = []
    for row, line in zip(rows, lines.tolist(), strict=True):
        try:
            value = json.loads(row, parse_int=str, parse_float=_shortest)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            found.append(dict(_flat(value, "")))
            kept.append(line)
        else:
            broken.append(Broken(line, shown(row), "bad_json"))
    names = list(dict.fromkeys(name for record in found for name in record))
    columns = [pl.Series(name, [record.get(name) for record in found], dtype=pl.String) for name in names]
    return Objects(pl.DataFrame(columns), np.array(kept, dtype=np.int64), tuple(broken))


def _shortest(text: str) -> str:
    """12.50 -> 12.5 and 7.0 -> 7, as the fast reader has them."""
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)


def _flat(value: Mapping[str, Any], above: str) -> Iterator[tuple[str, str | None]]:
    for key, inner in value.items():
        name = above + key
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, name + ".")
        elif isinstance(inner, bool):
            yield name, str(inner).lower()
        elif isinstance(inner, (list, dict)):
            yield name, json.dumps(inner)
        else:
            yield name, inner or None
