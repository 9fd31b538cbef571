"""A manifest without a key that readers rely on is no manifest: said so, never a bug."""

import pytest

from clvcli.core.whole_json import misfit
from clvcli.output.manifest_shape import MANIFEST


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"stages": [{"stage": "a"}, {"phase": "b"}]}, "stages[1] lacks stage"),
        ({"warnings": [{"code": "x"}]}, "warnings[0] lacks message"),
        ({"inputs": [{"bytes": 3}]}, "inputs[0] lacks path"),
        ({"stages": [{"stage": 3}]}, "stages[0].stage is no text"),
        ({"stages": [{"stage": "a"}], "inputs": [{"path": "x"}], "warnings": []}, None),
    ],
)
def test_keys_that_have_to_be_there(value: object, told: str | None) -> None:
    assert misfit(value, MANIFEST) == told
