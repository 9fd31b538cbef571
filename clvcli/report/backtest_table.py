"""The backtest on the terminal: methods against what happened, the verdict, stages. One screen at 100 columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.core.spend_basis import ALL, REPEAT
from clvcli.report.grid import AT_RISK, NARROW
from clvcli.report.numbers import money, percent

Row = Mapping[str, Any]
Cell = Callable[[Row], str]


def backtest_page(content: Row) -> Group:
    """Headline, methods, verdict, calibration by age, stages."""
    basis = content["arguments"]["spend_basis"]["value"]
    parts: list[Any] = [_headline(content), Text(), _Methods(content["methods"], basis), Text()]
    for n, sentence in enumerate(content["verdict"]["text"]):
        parts.append(Text(sentence, style="bold" if n == 0 else ""))
    parts.append(Text(f"Model: {content['choice']['text']}."))
    parts += [_variant(v) for v in content["variants"]]
    parts.append(_yes_or_no(content))
    parts.append(_ages(content["calibration"][content["choice"]["name"]]["age"]))
    if content["rules"] is not None:
        parts += [Text(""), _Stages(content["rules"])]
    return Group(*parts)


def backtest_rows(content: Row) -> list[dict[str, Any]]:
    """Every method as a row: its figures by name, those of value as `value_BASIS_NAME`."""
    return [
        {
            **{name: figure for name, figure in row.items() if not isinstance(figure, Mapping | list)},
            **{
                f"value_{basis}_{name}": figure
                for basis, figures in sorted((row["value"] or {}).items())
                for name, figure in (figures or {}).items()
                if not isinstance(figure, Mapping | list)
            },
        }
        for row in content["methods"]
    ]


def _headline(content: Row) -> Text:
    folds = content["folds"]
    customers, purchases = max(f["customers"] for f in folds), sum(f["actual"]["purchases"] for f in folds)
    origins = ", ".join(f["origin"] for f in folds)
    text = Text(f"{content['holdout']['days']} days held out", style="bold")
    text.append(f" after {origins}: {purchases:,} purchases of up to {customers:,} customers", style="not bold")
    return text


def _figure(key: str, digits: int = 3) -> Cell:
    return lambda row: "-" if row[key] is None else f"{row[key]:.{digits}f}"


def _value(key: str, show: Callable[[float | None], str], basis: str) -> Cell:
    return lambda row: show((row["value"].get(basis) or row["value"].get("own") or {}).get(key))


def _signed(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value * 100:+.1f}%" if abs(value) < 0.9995 else f"{value * 100:+.0f}%"


def _three(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _score(key: str) -> Cell:
    """A score that an all-zero forecast does not have."""
    return lambda row: "-" if row["kind"] == "zero" else _three(row[key])


def columns(basis: str, *, wide: bool) -> list[tuple[str, Cell]]:
    """Heading and cell of every column but the name."""
    other = ALL if basis == REPEAT else REPEAT
    narrow: list[tuple[str, Cell]] = [
        ("Total", lambda row: _signed(row["bias"])),
        ("Poisson\ndeviance", _score("deviance")),
        ("Log\nloss", _score("log_loss")),
        ("Gini", _value("gini", _three, basis)),
        ("RMSE", _figure("rmse")),
    ]
    if not wide:
        return narrow
    return [
        narrow[0],
        narrow[1],
        ("Log\nscore", _score("log_score")),
        narrow[2],
        ("Brier", _figure("brier")),
        ("MAE", _figure("mae")),
        narrow[4],
        narrow[3],
        ("Top\n20%", _value("top_share", percent, basis)),
        (f"Spend\n{basis}", _value("bias", _signed, basis)),
        (f"Spend\n{other}", _value("bias", _signed, other)),
    ]


class _Methods:
    """Models, then heuristics, then the all-zero forecast."""

    def __init__(self, rows: Sequence[Row], basis: str) -> None:
        self.rows, self.basis = rows, basis

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        chosen = columns(self.basis, wide=options.max_width >= NARROW)
        free = options.update(width=1000)
        while len(chosen) > 1 and console.measure(self._table(chosen), options=free).maximum > options.max_width:
            chosen = chosen[:-1]  # no figure is cut in two
        yield self._table(chosen)

    def _table(self, chosen: Sequence[tuple[str, Cell]]) -> Table:
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
        table.add_column("Method", no_wrap=True, overflow="ellipsis")
        for heading, _ in chosen:
            table.add_column(heading, justify="right", no_wrap=True)
        for row in self.rows:
            style = "" if row["kind"] in {"model", "variant"} else "dim"
            table.add_row(Text(row["name"]), *(Text(cell(row)) for _, cell in chosen), style=style)
        return table


def _variant(rival: Row) -> Text:
    """Whether a variant of the model pays: by its gain in log score."""
    pays = "pays" if rival["gain"] > rival["error"] else "does not pay"
    gain = f"{rival['gain']:+.4f} a customer in log score, standard error {rival['error']:.4f}"
    plain = rival["name"].partition(" ")[0]
    return Text(f"Variant: {rival['name']} {pays} against {plain}: {gain}.")


def _yes_or_no(content: Row) -> Text:
    """The share of right answers to who buys, and of right dates."""
    rows = [row for row in content["methods"] if row["kind"] != "variant"]
    model = next(row for row in rows if row["name"] == content["choice"]["name"])
    others = [row for row in rows if row["name"] in {"best silence rule", "nobody buys"}]
    right = ", ".join(
        f"{row['name']}{' (' + row['note'] + ')' if row['note'] else ''} {percent(row['accuracy'])}"
        for row in (model, *others)
    )
    dates = f" Next purchase within 7 days of its date: {percent(model['date_hits'])} of {model['dates_judged']:,}."
    return Text(f"Right about who buys: {right}.{dates if model['dates_judged'] else ''}")


def _ages(bands: Sequence[Row]) -> Text:
    found = [f"{band['age']} {band['ratio']:.2f}" for band in bands if band["ratio"] is not None]
    return Text("Forecast / actual by customer age: " + ", ".join(found) + ".")


class _Stages:
    """Later behaviour by stage, and how the ranking by stages compares."""

    def __init__(self, rules: Row) -> None:
        self.rules = rules

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
        table.add_column(f"Stage ({self.rules['name']})", no_wrap=True, overflow="ellipsis")
        for heading in ("Customers", "Share", "Bought\nlater", "Spend\neach"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in self.rules["stages"]:
            if row["customers"]:
                cells = (f"{row['customers']:,}", percent(row["share"]), percent(row["bought"]), money(row["spend"]))
                table.add_row(Text(str(row["stage"]), style=AT_RISK if row["at_risk"] else ""), *map(Text, cells))
        yield table
        yield Text()
        ranks = [f"{r['ranking']} {_three(r['gini'])} / {_three(r['auc'])}" for r in self.rules["rankings"]]
        yield Text("Who spends (Gini) / who buys (AUC): " + ", ".join(ranks) + ".")
