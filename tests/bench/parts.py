"""The parts of `make bench`: each yields the rows of one table, its heading first."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from format_costs import inputs, memory
from measure import Cost, clv, cost_of, in_turn, limited
from shapes import CLEAN, Shape, available, drawn

from clvcli.cli.commands import COMMANDS, GROUPS
from clvcli.core.settings import OptionInfo, flags_of, kind_of

RIVALS = str(Path(__file__).with_name("rivals.py"))
SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Where logs are kept, the sizes in rows, the rounds, and a part of the names of shapes that are wanted."""

    folder: Path
    sizes: tuple[int, ...]
    rounds: int
    only: str = ""


def rival(name: str, path: Path, *more: str) -> list[str]:
    """A rival as a process."""
    return [sys.executable, RIVALS, name, str(path), *more]


def score(path: Path, *args: str) -> list[str]:
    """The whole main job, Parquet out."""
    return clv("score", str(path), "-o", f"{path}.scored.parquet", "-q", *args)


def logs(plan: Plan) -> Iterator[Row]:
    """Every shape against its own floor, and against the clean log of codes."""
    yield (
        "log",
        "CPU / floor",
        "CPU / clean",
        "memory / floor",
        "memory / clean",
        "wall / floor",
        "wall / CPU",
        "CPU s",
    )
    for size in plan.sizes:
        shapes = [shape for shape in available(retail=True) if plan.only in shape.name]
        for few in _parted([CLEAN, *shapes]):
            paths = {shape.name: shape.at(plan.folder, size) for shape in few}
            commands = {}
            for shape in few:
                told = [f"{name}={value}" for name, value in shape.floor.items()]
                commands[shape.name] = score(paths[shape.name], *shape.args)
                commands[f"floor of {shape.name}"] = rival("floor", paths[shape.name], *told)
            cost = in_turn(commands, plan.rounds)
            yield from (_compared(f"{size:,} rows, {shape.name}", shape, cost) for shape in few)


def _parted(shapes: list[Shape], at_once: int = 8) -> Iterator[list[Shape]]:
    """A few at a time, the clean log among each."""
    for start in range(1, len(shapes), at_once):
        yield [shapes[0], *shapes[start : start + at_once]]


def _compared(name: str, shape: Shape, cost: dict[str, Cost]) -> Row:
    ours, floor, clean = cost[shape.name], cost[f"floor of {shape.name}"], cost["clean"]
    return (
        name,
        f"{ours.cpu / floor.cpu:.2f}",
        f"{ours.cpu / clean.cpu:.2f}",
        f"{ours.memory / floor.memory:.2f}",
        f"{ours.memory / clean.memory:.2f}",
        f"{ours.wall / floor.wall:.2f}",
        f"{ours.wall / ours.cpu:.2f}",
        f"{ours.cpu:.2f}",
    )


def start(plan: Plan) -> Iterator[Row]:
    """What starting costs: the help, and the sample log of 28,000 dirty rows."""
    yield ("what", "CPU ratio", "CPU s")
    app = plan.folder / "stub.py"
    app.write_text(stub(), encoding="utf-8")
    shown = {"clv --help": clv("--help"), "clv help columns": clv("help", "columns")}
    cost = in_turn(shown | {"stub": [sys.executable, str(app), "--help"]}, plan.rounds * 2)
    for name in shown:
        ratio = cost[name].cpu / cost["stub"].cpu
        yield f"{name} / --help of a Typer app of the same options", f"{ratio:.2f}", f"{cost[name].cpu:.2f}"
    sample = SAMPLE / "transactions.csv"
    out = str(plan.folder / "sample.csv")
    cost = in_turn(
        {"clv": clv("score", str(sample), "-o", out, "-q"), "bare": [sys.executable, "-c", BARE, str(sample)]},
        plan.rounds * 2,
    )
    ratio = cost["clv"].cpu / cost["bare"].cpu
    yield "the sample log / numpy, polars and a group_by of it", f"{ratio:.2f}", f"{cost['clv'].cpu:.2f}"


BARE = """
import sys
import numpy, polars as pl
amount = pl.col("amount").cast(pl.Float64, strict=False)
pl.read_csv(sys.argv[1], infer_schema=False).group_by("customer_id").agg(pl.len(), pl.col("date").max(), amount.sum())
"""


def stub() -> str:
    """An ordinary Typer app of the same commands, with the same options."""
    lines = ["import typer", "from typing import Annotated", "app = typer.Typer(no_args_is_help=True)"]
    for group, text in GROUPS.items():
        lines += [f"{group} = typer.Typer(help={text!r})", f"app.add_typer({group}, name={group!r})"]
    for number, command in enumerate(COMMANDS):
        group, _, second = command.name.rpartition(" ")
        options = ", ".join(_stub_option(name, *told) for name, told in command.declared.items())
        lines += [f"@{group or 'app'}.command({second!r})", f"def command{number}(*, {options}): {command.help!r}"]
    return "\n".join([*lines, "app()"])


def _stub_option(name: str, hint: Any, default: Any, info: OptionInfo) -> str:
    kind, many = kind_of(hint)
    shown = "list[str]" if many else kind.__name__ + " | None" * (default is None)
    flags = "" if info.positional else f"*{flags_of(name, info)}, "
    given = f"{'Argument' if info.positional else 'Option'}({flags}help={info.help!r})"
    value = "" if info.required else f" = {list(default) if many else default!r}"
    return f"{name}: Annotated[{shown}, typer.{given}]{value}"


def commands(plan: Plan) -> Iterator[Row]:
    """The other commands against `score` of the same log."""
    yield ("command", "CPU / score", "memory / score", "wall / CPU")
    for size in plan.sizes[:1]:
        log = drawn(plan.folder, size, "code")
        lines = drawn(plan.folder, 0, "code", "csv", "--table", "lines", "--customers", str(size // 5))
        of_lines = ("--amount", "quantity * unit_price", "--order-id", "order_id")
        table = Path(f"{log}.scored.parquet")
        cost_of(score(log))
        cost = in_turn(
            {
                "score": score(log),
                "score the lines": score(lines, *of_lines),
                "check": clv("check", str(log), "-q", "--json"),
                "explain": clv("explain", str(log), "C0000002", "-q"),
                "economics": clv("economics", str(log), "-q"),
                "plan": clv("plan", str(table), "-o", f"{table}.contacts.csv", "-q"),
                "backtest": clv("backtest", str(log), "-q"),
                "crosssell": clv("crosssell", str(lines), *of_lines, "--product", "product", "-q"),
            },
            plan.rounds,
        )
        for name, each in cost.items():
            if name.startswith("score"):
                continue
            base = cost["score the lines" if name == "crosssell" else "score"]
            ratios = f"{each.cpu / base.cpu:.2f}", f"{each.memory / base.memory:.2f}", f"{each.wall / each.cpu:.2f}"
            yield f"{name}, {size:,} rows", *ratios


def report(plan: Plan) -> Iterator[Row]:
    """What --report adds to a run."""
    yield ("log", "CPU added", "wall added", "CPU s added")
    for size in plan.sizes:
        path = drawn(plan.folder, size, "code")
        cost = in_turn({"plain": score(path), "report": score(path, "--report", f"{path}.html")}, plan.rounds)
        plain, told = cost["plain"], cost["report"]
        added = (f"{told.cpu / plain.cpu - 1:.0%}", f"{told.wall / plain.wall - 1:.0%}", f"{told.cpu - plain.cpu:.2f}")
        yield f"{size:,} rows", *added


def growth(plan: Plan) -> Iterator[Row]:
    """CPU a row, by rows and by customers: no term may grow faster than the log."""
    yield ("log", "CPU, microseconds a row", "memory, MB")
    most = max(plan.sizes)
    for rows in [size for size in (1_000_000, 3_000_000, 10_000_000, 30_000_000, 50_000_000) if size <= most]:
        yield _grown(f"{rows:,} rows", drawn(plan.folder, rows, "code"), rows, plan.rounds)
    for customers in [count for count in (100_000, 1_000_000, 10_000_000) if count * 2 <= most]:
        rate = f"r={most / customers / 3:g},alpha=26,a=0.01,b=50"
        path = drawn(plan.folder, most, "code", "csv", "--params", rate)
        yield _grown(f"{most:,} rows, about {most // customers} a customer", path, most, plan.rounds)


def _grown(name: str, path: Path, rows: int, rounds: int) -> Row:
    cost = in_turn({"clv": score(path)}, min(rounds, 3))["clv"]
    return name, f"{cost.cpu / rows * 1e6:.2f}", f"{cost.memory:.0f}"


LIMITS = (500, 750, 1_000, 1_500, 2_000, 3_000, 4_000)


def limits(plan: Plan) -> Iterator[Row]:
    """Under limits of address space: the same bytes as without, or one line and status 3."""
    yield ("log", "limit, MB", "status", "what it said")
    for size in plan.sizes:
        for shape in [s for s in [CLEAN, *available(retail=False)] if s.name in ("clean", "2 % dirt")]:
            path = shape.at(plan.folder, size)
            cost_of(score(path, *shape.args))
            whole = _digest(path)
            for limit in LIMITS:
                status, said = limited(score(path, *shape.args), limit)
                same = "the same bytes" if status == 0 and _digest(path) == whole else "OTHER BYTES"
                yield f"{size:,} rows, {shape.name}", str(limit), str(status), same if status == 0 else said


def _digest(path: Path) -> str:
    return hashlib.sha256(Path(f"{path}.scored.parquet").read_bytes()).hexdigest()


def peers(plan: Plan) -> Iterator[Row]:
    """How many times faster than lifetimes."""
    yield ("customers", "fit + score, times faster", "end to end, times faster (CPU)", "end to end (wall)")
    for customers in (100_000, 1_000_000):
        path = drawn(plan.folder, 0, "code", "csv", "--customers", str(customers))
        few = 1 if customers > 100_000 else min(plan.rounds, 3)
        fits = in_turn({"ours": rival("fit", path), "theirs": rival("lifetimes-fit", path)}, few)
        whole = in_turn({"ours": score(path), "theirs": rival("lifetimes", path)}, few)
        yield (
            f"{customers:,}",
            f"{(fits['theirs'].printed or 0) / (fits['ours'].printed or 1):.0f}",
            f"{whole['theirs'].cpu / whole['ours'].cpu:.0f}",
            f"{whole['theirs'].wall / whole['ours'].wall:.0f}",
        )


def doors(plan: Plan) -> Iterator[Row]:
    """Every format of inputs against its reader alone."""
    yield from inputs(plan.folder, plan.sizes, plan.rounds)


def held(plan: Plan) -> Iterator[Row]:
    """Peak memory of the formats whose records are not in a file of columns."""
    yield from memory(plan.folder, plan.sizes)


PARTS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "logs": logs, "start": start, "commands": commands, "report": report, "growth": growth, "limits": limits,
    "peers": peers, "doors": doors, "memory": held,
}  # fmt: skip
