"""What the spend model sees of a customer's purchases: the values of --spend-basis."""

ALL, AMOUNTS, REPEAT = "all", "amounts", "repeat"
DEFAULT = ALL
BASES = (AMOUNTS, ALL, REPEAT)
"""Each single amount of all purchases; the mean of all purchases; the mean of the purchases after the first."""
