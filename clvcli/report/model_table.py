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
    return Group(*parts, *_covariates(model.get("covariates")))


def _covariates(found: Mapping[str, Any] | None) -> list[Any]:
    """The coefficients of the covariates, and what they are measured in."""
    if found is None:
        return []
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(Text(f"{found['name']} with covariates"), min_width=28)
    table.add_column("value", justify="right")
    table.add_column("standard error", justify="right")
    for name, value in found["params"].items():
        table.add_row(name, f"{value:.6g}", _error(found["std_errors"].get(name)))
    for one in found["coefficients"]:
        what = f"{one['process']}: {one['term']}"
        table.add_row(Text(what), f"{one['value']:+.6g}", _error(one["std_error"]))
    lines = [
        f"log-likelihood {found['log_likelihood']:,.3f}, {found['gain']:,.3f} more than without, {found['status']}"
    ]
    lines += [_measured(column) for column in found["columns"]]
    return [Text(), table, *(Text(line, style="dim") for line in lines)]


def _error(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _measured(column: Mapping[str, Any]) -> str:
    if "levels" in column:
        return f"{column['name']}: against {column['levels'][0]}"
    steps = f", in steps of {column['step']:g}" if column["step"] else ""
    return f"{column['name']}: in standard deviations of {column['sd']:.6g} from {column['mean']:.6g}{steps}"


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
    ] + _covariate_rows(model.get("covariates"))  # fmt: skip


def _covariate_rows(found: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if found is None:
        return []
    params = [(name, value, found["std_errors"].get(name)) for name, value in found["params"].items()]
    moves = [(f"{c['process']}: {c['term']}", c["value"], c["std_error"]) for c in found["coefficients"]]
    return [
        {
            "model": "covariates", "name": found["name"], "group": "", "parameter": name, "value": value,
            "standard_error": error, "status": found["status"],
        }
        for name, value, error in (*params, *moves)
    ]  # fmt: skip


def _unit(kind: str, unit: str) -> str:
    return f"time in {unit}s" if kind == "purchase" else SEEN.get(unit, f"{unit} purchases")
