"""The rules under which an earlier table was made, from its manifest, where they are others than today's."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from clvcli.lifecycle.kinds import read_record
from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.schema import Attribute, Breakpoints, Stage


def former_rules(manifest: Mapping[str, Any], today: Rules) -> Rules | None:
    """None where the manifest does not say, or its conditions, fields and breakpoints are those of today.

    Only what decides stages is of the past: attributes are today's besides those that only the past declares.
    """
    told = manifest.get("rules")
    if not isinstance(told, Mapping) or not isinstance(told.get("stages"), Mapping):
        return None
    stages = [(name, stage["when"]) for name, stage in told["stages"].items() if stage.get("when")]
    fields, bounds = dict(told.get("fields") or {}), told.get("breakpoints")
    # A run does not tell of stages that needed attributes which it did not have.
    now = [(s.stage, s.when) for s in today.stages if s.only_with is None or s.stage in told["stages"]]
    if (stages, fields, bounds) == (now, dict(today.fields), today.breakpoints):
        return None
    last = next((name for name, stage in told["stages"].items() if not stage.get("when")), today.otherwise.stage)
    only = {s.stage: s.only_with for s in today.stages}
    try:
        kinds = {name: read_record(Attribute, {"type": kind}) for name, kind in (told.get("attributes") or {}).items()}
        return dataclasses.replace(
            today,
            attributes={**kinds, **today.attributes},
            fields=fields,
            rfm=None if bounds is None else read_record(Breakpoints, bounds),
            stages=tuple(
                read_record(Stage, {"stage": name, "when": when, "only_with": only.get(name)}) for name, when in stages
            ),
            otherwise=dataclasses.replace(today.otherwise, stage=last),
        )
    except ValueError:
        return None
