"""Where results go: names planned and checked before work starts, then all files of a run or none of them."""

from clvcli.output.earlier import named_by_file, written_by_run
from clvcli.output.files import Outputs
from clvcli.output.targets import OPTION_OF, STDOUT, Targets, plan_targets
from clvcli.output.tempfiles import abandon

__all__ = [
    "OPTION_OF",
    "STDOUT",
    "Outputs",
    "Targets",
    "abandon",
    "named_by_file",
    "plan_targets",
    "written_by_run",
]
