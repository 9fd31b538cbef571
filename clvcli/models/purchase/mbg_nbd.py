"""MBG/NBD of Batislam, Denizel & Filiztekin (2007), Int. J. of Research in Marketing 24(3).

As BG/NBD, but a customer may leave after the first purchase too: one-time buyers fade.
"""

from clvcli.models.beta_geometric_model import BetaGeometricNBD

MODEL = BetaGeometricNBD("mbg-nbd", chances=1)
