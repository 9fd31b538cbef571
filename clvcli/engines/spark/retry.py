"""How long Spark Connect tries a connection again: half a minute, and once for all of its calls.

A call that fails is followed by others that clear up behind it (the release of its result, that of the session), and
each would try for as long again. Where one has given up, those that come later are tried once.
"""

from typing import Any

from pyspark.sql.connect.client.retries import DefaultPolicy, RetryPolicyState

RETRIES, LONGEST_WAIT = 7, 8000
"""Waits of 0.05, 0.2, 0.8, 3.2 and three times 8 seconds, and up to half a second more each: 28 to 31 seconds."""


class GiveUpOnce(DefaultPolicy):  # type: ignore[misc]
    """The client's own policy for what is tried again, with an end for all calls at once."""

    def __init__(self) -> None:
        super().__init__(max_retries=RETRIES, max_backoff=LONGEST_WAIT)
        self.gave_up = False

    def to_state(self) -> Any:
        """The retries of one call."""
        return _Call(self)


class _Call(RetryPolicyState):  # type: ignore[misc]
    def next_attempt(self, exception: BaseException | None = None) -> int | None:
        """Milliseconds to wait; None to give up."""
        wait: int | None = None if self.policy.gave_up else super().next_attempt(exception)
        if wait is None:
            self.policy.gave_up = True
        return wait
