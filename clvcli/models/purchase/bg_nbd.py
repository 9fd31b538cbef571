"""BG/NBD of Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2): the default.

A customer can leave only right after a repeat purchase, so everybody who bought once counts as alive.
"""

from clvcli.models.beta_geometric_model import BetaGeometricNBD

MODEL = BetaGeometricNBD("bg-nbd", chances=0)
