"""Where results go: names planned and checked before work starts, then all files of a run or none of them."""

from clvcli.output.earlier import written_by_run
from clvcli.output.files import Outputs
from clvcli.output.live import abandon
from clvcli.output.targets import STDOUT, Targets, plan_targets

__all__ = ["STDOUT", "Outputs", "Targets", "abandon", "plan_targets", "written_by_run"]
