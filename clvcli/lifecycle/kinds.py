"""What the value of a key may be: how it is read strictly, and how editors are told of it (JSON Schema).

A frozen dataclass declares its keys with `key`; `record` reads such a class.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Literal, TypeVar

from clvcli.core.language import marked

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong at a path: an unknown key, a missing one, or a value, of which `words` say what it must be."""

    path: Path
    what: Literal["unknown", "missing", "wrong"]
    words: str = ""
    value: Any = None


class RecordError(ValueError):
    """All that is wrong in a value, in the order of the declaration, unknown keys of each record last."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True)
class Kind:
    """`read` gives the value as it is kept; raises ValueError with words for what it must be, RecordError with places.
    `schema` is its JSON Schema."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]


def text(least: int = 0, most: int | None = None, description: str | None = None) -> Kind:
    """Text of so many characters."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError(marked("must be text"))
        if len(value) < least:
            raise ValueError(marked("must not be empty"))
        if most is not None and len(value) > most:
            raise ValueError(marked("is too long"))
        return value

    return Kind(read, _given(type="string", minLength=least or None, maxLength=most, description=description))


def number(
    least: float | None = None, above: float | None = None, most: float | None = None, below: float | None = None
) -> Kind:
    """A number within bounds, as a float."""

    def read(value: Any) -> Any:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(marked("must be a number"))
        _bounded(value, least, above, most, below)
        return float(value)

    bounds = _given(minimum=least, exclusiveMinimum=above, maximum=most, exclusiveMaximum=below)
    return Kind(read, {"type": "number", **bounds})


def whole(least: int) -> Kind:
    """A whole number of that size or more."""

    def read(value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(marked("must be a whole number"))
        _bounded(value, least=least)
        return value

    return Kind(read, {"type": "integer", "minimum": least})


def _bounded(
    value: float,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> None:
    if most is not None and value > most:
        raise ValueError(f"must be less than or equal to {most}")
    if below is not None and value >= below:
        raise ValueError(f"must be less than {below}")
    if least is not None and value < least:
        raise ValueError(f"must be greater than or equal to {least}")
    if above is not None and value <= above:
        raise ValueError(f"must be greater than {above}")


def _truth(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(marked("must be true or false"))
    return value


def _scalar(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise ValueError(marked("must be text"))
    return value


TRUTH = Kind(_truth, {"type": "boolean"})
SCALAR = Kind(_scalar, {"anyOf": [{"type": name} for name in ("string", "number", "integer", "boolean")]})


def one_of(*words: str) -> Kind:
    """One of these texts."""

    def read(value: Any) -> Any:
        if value not in words:
            raise ValueError(f"must be {', '.join(map(repr, words[:-1]))} or {words[-1]!r}")
        return value

    return Kind(read, {"enum": list(words), "type": "string"})


def maybe(kind: Kind) -> Kind:
    """That, or null."""
    return either(kind, Kind(_null, {"type": "null"}))


def _null(value: Any) -> None:
    if value is not None:
        raise ValueError


def either(*kinds: Kind) -> Kind:
    """The first of the kinds that takes the value; what the first one says where none does."""

    def read(value: Any) -> Any:
        first: ValueError | None = None
        for kind in kinds:
            try:
                return kind.read(value)
            except ValueError as problem:
                first = first or problem
        assert first is not None
        raise first

    schemas = [each for kind in kinds for each in kind.schema.get("anyOf", [kind.schema])]
    return Kind(read, {"anyOf": schemas})


def items(kind: Kind, least: int = 0, most: int | None = None) -> Kind:
    """A list, as a tuple."""

    def read(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise ValueError(marked("must be a list"))
        found, problems = [], list[Problem]()
        for i, item in enumerate(value):
            try:
                found.append(kind.read(item))
            except ValueError as problem:
                problems += _below(i, problem)
        if most is not None and len(found) > most:
            raise ValueError(f"has more than {most} items")
        if problems:
            raise RecordError(problems)
        if len(found) < least:
            raise ValueError(marked("must not be empty"))
        return tuple(found)

    return Kind(read, {"type": "array", "items": kind.schema, **_given(minItems=least or None, maxItems=most)})


def exactly(count: int, kind: Kind) -> Kind:
    """A list of so many items, as a tuple."""
    several = items(kind)

    def read(value: Any) -> Any:
        if isinstance(value, list | tuple) and len(value) > count:
            raise ValueError(f"has more than {count} items")
        lacking = [Problem((i,), "missing") for i in range(len(value), count)] if isinstance(value, list) else []
        try:
            found = several.read(value)
        except RecordError as problem:
            raise RecordError([*problem.problems, *lacking]) from None
        if lacking:
            raise RecordError(lacking)
        return found

    return Kind(read, {"type": "array", "prefixItems": [kind.schema] * count, "minItems": count, "maxItems": count})


def mapping(kind: Kind, most: int | None = None, keys: Kind | None = None) -> Kind:
    """`key: value` lines, as a dict."""

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(marked("must be `key: value` lines"))
        found, problems = {}, list[Problem]()
        for name, item in value.items():
            for reader, what in ((keys, name), (kind, item)):
                try:
                    found[name] = what if reader is None else reader.read(what)
                except ValueError as problem:
                    problems += _below(name, problem)
        if problems:
            raise RecordError(problems)
        if most is not None and len(found) > most:
            raise ValueError(f"has more than {most} items")
        return found

    names = None if keys is None else {name: value for name, value in keys.schema.items() if name != "type"}
    return Kind(
        read,
        {"type": "object", "additionalProperties": kind.schema, **_given(propertyNames=names, maxProperties=most)},
    )


def prepared(change: Callable[[Any], Any], kind: Kind, schema: Mapping[str, Any] | None = None) -> Kind:
    """A kind whose values are written in other ways too; `change` may raise ValueError."""
    return Kind(lambda value: kind.read(change(value)), kind.schema if schema is None else schema)


def checked(kind: Kind, check: Callable[[Any], Any]) -> Kind:
    """A kind of which `check`, which may raise ValueError, gives the value that is kept."""
    return Kind(lambda value: check(kind.read(value)), kind.schema)


def described(kind: Kind, description: str) -> Kind:
    """The kind with words of its own for editors."""
    return Kind(kind.read, {**kind.schema, "description": description})


def key(
    kind: Kind,
    default: Any = MISSING,
    description: str | None = None,
    *,
    factory: Any = MISSING,
    name: str | None = None,
) -> Any:
    """Declares one key of a record, `name` where it is no name in Python. Without a default it must be given."""
    told = {"kind": kind, "description": description, "name": name}
    return dataclasses.field(default=default, default_factory=factory, metadata=told)


R = TypeVar("R")


def read_record(cls: type[R], value: Any) -> R:
    """The record of a mapping. Raises ValueError where it is none, RecordError for what is wrong in it."""
    if not isinstance(value, dict):
        raise ValueError(marked("must be `key: value` lines"))
    found, problems = {}, list[Problem]()
    known = {_name(field): field for field in _keys(cls)}
    for name, field in known.items():
        if name in value:
            try:
                found[field.name] = field.metadata["kind"].read(value[name])
            except ValueError as problem:
                problems += _below(name, problem)
        elif field.default is MISSING and field.default_factory is MISSING:
            problems.append(Problem((name,), "missing"))
    problems += [Problem((name,), "unknown", value=item) for name, item in value.items() if name not in known]
    if problems:
        raise RecordError(problems)
    return cls(**found)


def record(cls: type) -> Kind:
    """A kind of the keys that the dataclass declares."""
    return Kind(lambda value: read_record(cls, value), {"$ref": f"#/$defs/{cls.__name__}"})


def names_of(cls: type) -> list[str]:
    """The keys of a record as they are written."""
    return [_name(field) for field in _keys(cls)]


def as_given(value: Any) -> Any:
    """A record as plain values, without what is null or left to the defaults."""
    if isinstance(value, tuple):
        return tuple(as_given(each) for each in value)
    if not dataclasses.is_dataclass(value):
        return value
    pairs = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
    return {field.name: as_given(each) for field, each in pairs if each is not None and each != field.default}


def schema_of(cls: type) -> dict[str, Any]:
    """The JSON Schema of a record, without those of the records in it."""
    fields = list(_keys(cls))
    required = [_name(f) for f in fields if f.default is MISSING and f.default_factory is MISSING]
    found = _given(
        additionalProperties=False, description=(cls.__doc__ or "").strip(), required=required or None,
        properties={_name(f): _sorted(_key_schema(f)) for f in fields}, title=cls.__name__, type="object",
    )  # fmt: skip
    return dict(_sorted(found))


def _key_schema(field: dataclasses.Field[Any]) -> dict[str, Any]:
    schema = dict(field.metadata["kind"].schema)
    if not any("$ref" in each for each in (schema, *schema.get("anyOf", ()))):
        schema["title"] = _name(field).replace("_", " ").title()
    if field.default is not MISSING:
        schema["default"] = _plain(field.default)
    return schema | _given(description=field.metadata["description"])


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value


def _sorted(value: Any, inside: str = "") -> Any:
    """Keywords in the order of the alphabet; keys and a default as they are declared."""
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    if not isinstance(value, dict) or inside in ("default", "properties"):
        return value
    return {name: _sorted(value[name], name) for name in sorted(value)}


def _keys(cls: type) -> Iterator[dataclasses.Field[Any]]:
    return (field for field in dataclasses.fields(cls) if "kind" in field.metadata)


def _name(field: dataclasses.Field[Any]) -> str:
    return field.metadata["name"] or field.name


def _below(step: str | int, problem: ValueError) -> list[Problem]:
    """What is wrong in the value at that step."""
    if isinstance(problem, RecordError):
        return [dataclasses.replace(each, path=(step, *each.path)) for each in problem.problems]
    return [Problem((step,), "wrong", problem.args[0])]  # as it is marked


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
