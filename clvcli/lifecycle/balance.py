"""Warnings about a lopsided portfolio, where the rules ask for them with `balance`."""

from collections.abc import Mapping

from clvcli.core.errors import Notice
from clvcli.core.marked import marked
from clvcli.lifecycle.compile import Compiled


def balance_notices(compiled: Compiled, counts: Mapping[str, int]) -> list[Notice]:
    """A Notice for each stage of the rules that is empty or holds more than the share that `balance` allows.

    `counts`: customers by stage. `otherwise` is not judged.
    """
    wanted = compiled.rules.balance
    everybody = sum(counts.values())
    if not everybody:
        return []
    found = []
    for stage, _ in compiled.stages:
        share = counts.get(stage.stage, 0) / everybody
        if wanted.empty and share == 0:
            message = marked(
                "nobody is in stage {stage}: the portfolio lacks it, or --customers does not bring its people",
                stage=repr(stage.stage),
            )
            found.append(Notice("empty_stage", message))
        if wanted.max_share is not None and share > wanted.max_share:
            message = marked(
                "{share:.0%} of the customers are in stage {stage}: win and develop others besides",
                share=share, stage=repr(stage.stage),
            )  # fmt: skip
            found.append(Notice("leaning_stage", message))
    return found
