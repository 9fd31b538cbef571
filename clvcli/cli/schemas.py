"""JSON Schemas of clv.yaml and of the manifest, made of the declarations that the code reads them by."""

import types
import typing
from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KINDS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}


def config_schema() -> dict[str, Any]:
    """clv.yaml: every option of every command, and the section `run`."""
    from clvcli.cli.commands import COMMANDS
    from clvcli.core.settings import declared

    found: dict[str, dict[str, Any]] = {"run": {"type": "object", "description": "The job of clv run."}}
    for command in COMMANDS:
        for name, (hint, default, info) in declared(command.options).items():
            shape = _value(hint, info.choices) | {"description": f"{info.help} ({command.name})"}
            if isinstance(default, (str, int, float)):
                shape["default"] = default
            same = found.get(name)
            kinds = [*same.get("anyOf", [same]), shape] if same else []
            different = same is not None and any(s.get("enum") != shape.get("enum") for s in kinds)
            found[name] = {"anyOf": kinds} if different else same or shape
    return {"$schema": DRAFT, "title": "clv.yaml", "type": "object", "properties": found, "additionalProperties": False}


def _value(hint: Any, choices: tuple[str, ...]) -> dict[str, Any]:
    """The schema of one option; numbers may stand where a text is taken, as in `margin: 0.3`."""
    if typing.get_origin(hint) is tuple:
        return {"type": ["array", "string"], "items": {"type": ["string", "number"]}}
    kind = next((k for k in typing.get_args(hint) if k is not types.NoneType), hint)
    if choices:
        return {"enum": [*choices, None]}
    return {"type": ["string", "number", "null"] if kind is str else [KINDS[kind], "null"]}


def manifest_schema() -> dict[str, Any]:
    """OUTPUT.run.json: the parts that the commands read back; more keys may come with any version."""
    from clvcli.core.fields import SCHEMA
    from clvcli.output.manifest_shape import MANIFEST

    shape = _shape(MANIFEST)
    shape["properties"]["schema"] = {"const": SCHEMA}
    return {"$schema": DRAFT, "title": "Manifest of clv score", **shape}


def _shape(shape: Any) -> dict[str, Any]:
    """A shape as JSON Schema: types, `[item]`, `{key: shape}`, `{"*": shape}` for any key, tuples of alternatives."""
    if isinstance(shape, tuple):
        return {"anyOf": [_shape(one) for one in shape]}
    if isinstance(shape, list):
        return {"type": "array", "items": _shape(shape[0])}
    if isinstance(shape, dict):
        if "*" in shape:
            return {"type": "object", "additionalProperties": _shape(shape["*"])}
        return {"type": "object", "properties": {key: _shape(value) for key, value in shape.items()}}
    return {"type": KINDS[types.NoneType if shape is None else shape]}
