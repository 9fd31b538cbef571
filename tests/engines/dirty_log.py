"""A dirty log of 20,000 customers: null ids, returns, duplicates, ties, half cents, times near midnight in a zone, ids
that are not what they look like, order lines that stand in several records."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

CUSTOMERS = 20_000
FILES = 3
HEADER = ["customer_id", "date", "amount", "order_no", "note", "line_no", "shop"]
SHOPS = ("north", "south", "west")
ODD_IDS = (
    "guest", "Gast", "walk-in", "test@shop.example", "123.0", "1,234", "1E5", "1.2e+7", "'0012", '="12"',
    "a\u200bb", "ab", "a\u00a0b", "M\u00c3\u00bcller", "M\ufffdller", "Müller", "Mu\u0308ller", "mÜLLER",
    "007", "07", "7", "0", "000", "K", "\u212a", "c000001",
)  # fmt: skip
"""Every suspicion that there is of ids."""
Row = list[str]


def rows(customers: int = CUSTOMERS) -> Iterator[Row]:
    """Seeded: the same rows every time."""
    draw = random.Random(20260110)
    start = datetime(2023, 1, 1, tzinfo=UTC)
    for i in range(customers):
        name = f"C{i:06d}" if i % 50 else f"  É{i} "
        name = ODD_IDS[i // 60] if i % 60 == 7 and i // 60 < len(ODD_IDS) else name
        moment = start + timedelta(days=draw.randrange(500), minutes=draw.choice((0, 1, 1379, 1380, 1439, 700)))
        for k in range(1 + int(draw.expovariate(0.5))):
            amount = draw.choice(("10.00", "19.99", f"{draw.randrange(1, 90000) / 100:.2f}", "7.005", "0.00", "1e2"))
            order, line = (f"O{i}-{k}", "1") if draw.random() < 0.99 else (f"S{draw.randrange(90)}", f" {k % 3}")
            row = [
                name if draw.random() < 0.9 else name.strip(),
                f"{moment:%Y-%m-%dT%H:%M:%S}+00:00",
                amount,
                order if draw.random() < 0.99 else "",
                draw.choice(("", "a,b", 'say "hi"', "x")),
                line,
                SHOPS[i % 3] if draw.random() < 0.9 else draw.choice((*SHOPS, "", "pop-up")),
            ]
            yield row
            yield from _dirt(draw, row)
            moment += timedelta(days=draw.randrange(0, 90), hours=draw.choice((0, 0, 1, 23)))
            if moment > start + timedelta(days=730):
                break


def _dirt(draw: random.Random, row: Row) -> Iterator[Row]:
    kind = draw.random()
    if kind < 0.02:
        yield row
    elif kind < 0.05:
        yield [row[0], row[1], "-" + row[2], row[3] + "r", "", "", row[6]]
    elif kind < 0.055:
        yield [row[0], row[1], "-123.45", row[3] + "x", "nothing to pair", "", row[6]]
    elif kind < 0.075:
        yield [draw.choice(("", "NULL", "n/a")), row[1], row[2], "", "nobody", row[5], row[6]]
    elif kind < 0.078:
        yield [row[0], draw.choice(("", "2023-02-30T10:00:00+00:00", "soon")), row[2], "", "", "", ""]
    elif kind < 0.081:
        yield [row[0], row[1], draw.choice(("", "ten", "12..5")), "", "", "", ""]
    elif kind < 0.083:
        yield [row[0], row[1], row[2]]


def write_csv(folder: Path, customers: int = CUSTOMERS) -> Path:
    """The rows in three files of one folder."""
    folder.mkdir()
    everything = list(rows(customers))
    for i in range(FILES):
        with (folder / f"part{i}.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\r\n" if i == 1 else "\n")
            writer.writerow(HEADER)
            writer.writerows(everything[i::FILES])
            if i == 2:
                stream.write(f"({len(everything)} rows)\n")
    return folder
