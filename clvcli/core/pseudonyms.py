"""Names that stand for customers: the same for the same id and secret; without the secret nobody finds the id."""

import base64
import hmac
from dataclasses import dataclass

SHORT, LONG = 10, 26
"""Characters of five bits: among a million customers two share a short name in one log of two thousand, a long one
never."""


@dataclass(frozen=True)
class Pseudonyms:
    """HMAC-SHA256 of the id (UTF-8) under the secret, the first `length` characters of its base32, in lower case."""

    secret: bytes
    length: int = SHORT

    def of(self, customer: str) -> str:
        """The name of one customer."""
        digest = hmac.digest(self.secret, customer.encode(), "sha256")
        return base64.b32encode(digest).decode().lower()[: self.length]
