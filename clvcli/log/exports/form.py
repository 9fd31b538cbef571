"""Known exports: files that say how the export of one maker is read (`configs/sources/NAME.yaml`, or one's own)."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.core.resources import shipped
from clvcli.core.strict_yaml import Document, load

SUFFIXES = (".yaml", ".yml")
COLUMNS = ("customer", "date", "amount", "order_id", "line_id", "currency", "where")
"""Those of OPTIONS that are columns or SQL."""
OPTIONS = ("customer", "date", "amount", "order_id", "line_id", "currency", "where", "tz", "date_format")
"""Options of a run that an export answers where the user left them out."""
MOST_BYTES = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Export:
    """One kind of export. `name`: what messages call it; `summary`: what of it counts; `url`: where its maker documents
    it; `columns`: names that prove it; `without`: names that disprove it; `refunds`: how they stand in it; `fill_down`:
    columns whose value stands on the first of several lines; `refused`: why it is no log, with a `hint`; `tables`: of
    an export that is several, the columns that prove each, that of the records first; `join`: the key of each that is
    joined to those before, where `columns` are those of all; the others as the options of these names."""

    key: str
    name: str
    summary: str
    url: str
    columns: tuple[str, ...]
    refunds: str = ""
    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    order_id: str | None = None
    line_id: str | None = None
    currency: str | None = None
    where: str | None = None
    tz: str | None = None
    date_format: str | None = None
    without: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    refused: str | None = None
    hint: str | None = None
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    join: Mapping[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> dict[str, str]:
        """The options that it sets."""
        return {name: value for name in OPTIONS if (value := getattr(self, name)) is not None}


KEYS = tuple(f.name for f in fields(Export) if f.name != "key")
MAPS = ("tables", "join")
TABLES = "tables: {orders: [A, B], customers: [B, C]}; join: {customers: B}; columns: [A, B, C]"
LISTS = ("columns", "fill_down", "without")


def shipped_exports() -> list[str]:
    """Names of the shipped ones, sorted."""
    return sorted(path.stem for path in (shipped("configs") / "sources").glob("*.yaml"))


def load_export(name_or_path: str) -> Export:
    """A shipped one by name, or the one of a file. Raises ConfigError with file, line, column."""
    path = _found(name_or_path)
    return parse_export(_read(path), name_or_path if path == Path(name_or_path) else path.name)


def text_of_export(name_or_path: str) -> str:
    """The file as it stands, once it has loaded."""
    load_export(name_or_path)
    return _read(_found(name_or_path))


def _found(text: str) -> Path:
    if Path(text).suffix.lower() in SUFFIXES or "/" in text or "\\" in text:
        return Path(text)
    known = shipped_exports()
    if text in known:
        return shipped("configs") / "sources" / f"{text}.yaml"
    near = difflib.get_close_matches(text, known, 1)
    hint = (
        marked("did you mean {name}?", name=near[0])
        if near
        else marked("clv sources list names them; none reads the log as any other")
    )
    raise ConfigError(marked("--source: no file or known export {text}", text=repr(text)), hint=hint)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1).decode("utf-8")
    except OSError as problem:
        raise ConfigError(
            marked("{place}: {value}", place=path, value=problem.strerror or problem), hint="--source names a YAML file"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(marked("{place}: is not UTF-8 text", place=path), hint="save it as UTF-8") from None


@cache
def every_export() -> tuple[Export, ...]:
    """The shipped ones. Their SQL is not looked at: the tests do that."""
    folder = shipped("configs") / "sources"
    return tuple(parse_export(_read(folder / f"{n}.yaml"), f"{n}.yaml", lint=False) for n in shipped_exports())


def parse_export(text: str, name: str, *, lint: bool = True) -> Export:
    """The export that `text` describes; `name` is the file's name in messages. `lint`: its SQL is looked at too.

    Raises ConfigError.
    """
    document = load(text, name)
    found = document.value
    if not isinstance(found, dict):
        raise ConfigError(
            marked("{place}: has no keys", place=document.where(())),
            hint=marked("keys are {keys}", keys=", ".join(KEYS)),
        )
    for key in found:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            hint = (
                marked("did you mean {name}?", name=near[0])
                if near
                else marked("keys are {keys}", keys=", ".join(KEYS))
            )
            raise ConfigError(
                marked("{place}: unknown key {key}", place=document.where((key,)), key=repr(key)), hint=hint
            )
    values = {key: _value(document, found, key) for key in found}
    values.setdefault("summary", values.get("refused"))
    for key in ("name", "summary", "url", "columns"):
        if not values.get(key):
            raise ConfigError(
                marked("{place}: lacks the key {key}", place=document.where(()), key=repr(key)), hint=f"{key}: ..."
            )
    export = Export(key=Path(name).stem, **values)
    if lint:
        _check(export, document, values)
    return export


def _value(document: Document, found: Mapping[str, Any], key: str) -> Any:
    value = found[key]
    if key in MAPS:
        return _map(document, value, key)
    if key in LISTS:
        if not _is_list(value):
            raise ConfigError(
                marked("{place}: {key} is a list of column names", place=document.where((key,)), key=key),
                hint=f"{key}: [A, B]",
            )
        return tuple(value)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(
            marked("{place}: {key} is a text", place=document.where((key,)), key=key),
            hint=marked("put it in quotes: {key}: '...'", key=key),
        )
    return value.strip()


def _map(document: Document, value: Any, key: str) -> dict[str, Any]:
    """`tables`: name -> columns; `join`: name -> key."""
    of_lists = key == "tables"
    parts = value.values() if isinstance(value, dict) else [None]
    good = all(_is_list(part) if of_lists else isinstance(part, str) for part in parts)
    if not good or not value or not all(isinstance(name, str) for name in value):
        raise ConfigError(marked("{place}: {key} names tables", place=document.where((key,)), key=key), hint=TABLES)
    return {name: tuple(part) if of_lists else part for name, part in value.items()}


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _check_tables(export: Export, document: Document) -> None:
    """Raises ConfigError for keys of tables that do not fit together."""
    if not export.tables and not export.join:
        return
    held = set(next(iter(export.tables.values()), ()))
    for name, key in export.join.items():
        own = export.tables.get(name, ())
        if key not in own or key not in held:
            raise ConfigError(
                marked("{place}: {name} has no column {key} of the tables before it",
                       place=document.where(("join",)), name=name, key=key),
                hint=TABLES,
            )  # fmt: skip
        held |= set(own)
    lacking = [name for name in export.columns if name not in held]
    if lacking or not export.join:
        name = lacking[0] if lacking else ""
        raise ConfigError(
            marked("{place}: {name} is none of its columns", place=document.where(("tables",)), name=name),
            hint=TABLES,
        )


def _check(export: Export, document: Document, values: Mapping[str, Any]) -> None:
    """Raises ConfigError for what does not fit together, and for SQL that is none."""
    from clvcli.sql import SqlError, columns_of

    if export.refused is None:
        for key in ("customer", "date", "amount"):
            if not values.get(key):
                raise ConfigError(
                    marked("{place}: lacks the key {key}", place=document.where(()), key=repr(key)),
                    hint=marked("{place}: a column or SQL", place=key),
                )
    for key in COLUMNS:
        text = values.get(key)
        if text is None or text in export.columns:
            continue
        try:
            reads = columns_of(text)
        except SqlError as problem:
            raise ConfigError(
                marked("{place}: {key}: {text}", place=document.where((key,)), key=key, text=problem.message),
                hint=problem.hint,
            ) from None
        unknown = sorted(reads - set(export.columns))
        if unknown:
            raise ConfigError(
                marked(
                    "{place}: {key} reads {unknown}, which is none of its columns",
                    place=document.where((key,)),
                    key=key,
                    unknown=unknown[0],
                ),
                hint="name every column that is read in columns; names with blanks need double quotes",
            )
    _check_tables(export, document)
    for name in export.fill_down:
        if name not in export.columns:
            raise ConfigError(
                marked("{place}: {name} is none of its columns", place=document.where(("fill_down",)), name=name),
                hint="columns: [...]",
            )
