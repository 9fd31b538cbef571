"""The parameters of a saved model with their standard errors, as `clv fit` shows them."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.core.spend_basis import AMOUNTS

SEEN = {AMOUNTS: "each amount of all purchases"}


def model_table(model: Mapping[str, Any]) -> Group:
    """Both fits: parameter, value, standard error; log-likelihood and status below each."""
    parts: list[Any] = []
    for kind, unit in (("purchase", "time_unit"), ("spend", "basis")):
        fit = model[kind]
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        table.add_column(Text(f"{fit['name']} ({_unit(kind, fit[unit])})"), min_width=28)
        table.add_column("value", justify="right")
        table.add_column("standard error", justify="right")
        for name, value in fit["params"].items():
            error = fit["std_errors"].get(name)
            table.add_row(name, f"{value:.6g}", "-" if error is None else f"{error:.4g}")
        likelihood = "" if fit["log_likelihood"] is None else f"log-likelihood {fit['log_likelihood']:,.3f}, "
        parts += [*([Text()] if parts else []), table, Text(f"{likelihood}{fit['status']}", style="dim")]
    return Group(*parts)


def model_rows(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every parameter of every fit as a row; `group` is empty for the fit of everybody."""
    return [
        {
            "model": kind, "name": fits[kind]["name"], "group": fits.get("group", ""), "parameter": name,
            "value": value, "standard_error": fits[kind]["std_errors"].get(name), "status": fits[kind]["status"],
        }
        for fits in (model, *model.get("groups", []))
        for kind in ("purchase", "spend")
        for name, value in fits[kind]["params"].items()
    ]  # fmt: skip


def _unit(kind: str, unit: str) -> str:
    return f"time in {unit}s" if kind == "purchase" else SEEN.get(unit, f"{unit} purchases")
