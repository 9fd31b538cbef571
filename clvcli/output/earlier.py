"""What earlier runs wrote: their files are no input of the next run, and may be replaced without asking."""

import json
import os
from collections.abc import Mapping
from typing import Any

_MANIFEST_BYTES = 64 << 20
REJECTS_COLUMNS = ("file", "line", "column", "value", "reason")


def written_by_run(path: str | os.PathLike[str]) -> bool:
    """Whether an earlier run wrote `path`: its own `.run.json` lists it, or it is a manifest or a list of rejects.

    A rejects file of a run that stopped has no manifest: it is known by its name and header. Raises nothing.
    """
    name = os.fspath(path)
    if listed_by_manifest(name):
        return True
    if name.endswith(".run.json"):
        return _is_manifest(_read_json(name))
    if name.endswith(".rejects.csv"):
        return _is_manifest(_read_json(name.removesuffix(".rejects.csv") + ".run.json")) or _has_rejects_header(name)
    return False


def listed_by_manifest(path: str, manifest_path: str | None = None) -> bool:
    """Whether `path.run.json`, or the manifest that is named, says that its run wrote this file, or is this file."""
    manifest = _read_json(manifest_path or path + ".run.json")
    if not _is_manifest(manifest):
        return False
    if manifest_path == path:
        return True
    names = (item.get("path") if isinstance(item, dict) else item for item in manifest["outputs"])
    return any(isinstance(name, str) and os.path.basename(name) == os.path.basename(path) for name in names)


def named_by_file(sources: Mapping[str, str], roles: Mapping[str, str]) -> set[str]:
    """The roles whose option (role -> option) a configuration file named: nobody typed these places."""
    typed = ("default", "flag")
    said = {role: sources.get(option, "default") for role, option in roles.items()}
    return {r for r, s in said.items() if s not in typed and not s.startswith("CLV_") and not s.endswith(": run")}


def _is_manifest(value: Any) -> bool:
    return isinstance(value, dict) and "clv" in value and isinstance(value.get("outputs"), list)


def _read_json(path: str) -> Any:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _MANIFEST_BYTES:
            return None
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError, RecursionError):
        return None


def _has_rejects_header(path: str) -> bool:
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            first = file.readline(200)
    except (OSError, ValueError):
        return False
    return first.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n") == ",".join(REJECTS_COLUMNS).encode()
