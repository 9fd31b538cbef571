"""What a caller holds in memory where a file is expected."""

from collections.abc import Mapping
from typing import Any, Self


class Held(str):
    """The name of something in memory, where a path is expected. Messages and manifests call it so.

    `value`: what readers take, a Polars frame or the content of a JSON document. `manifest`: of the run that made the
    frame, where one did.
    """

    value: Any
    manifest: Mapping[str, Any] | None

    def __new__(cls, name: str, value: Any, manifest: Mapping[str, Any] | None = None) -> Self:
        made = super().__new__(cls, name)
        made.value, made.manifest = value, manifest
        return made
