"""BG/CNBD-k of Reutterer, Platzer & Schroeder (2021), Int. J. of Research in Marketing 38(3).

As MBG/CNBD-k, but nobody leaves after the first purchase: one-time buyers are taken for customers who have not come
back yet.
"""

from clvcli.models.erlang_model import BetaGeometricCNBD

MODEL = BetaGeometricCNBD("bg-cnbd", chances=0)
