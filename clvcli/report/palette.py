"""One palette for page and charts, light and dark. The page sets variables; files have the light colours."""

PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14181d"),
    "card": ("#f6f7f9", "#1d2329"),
    "ink": ("#1b2127", "#e8ecf0"),
    "muted": ("#56616c", "#a3afba"),
    "rule": ("#d9dee4", "#3a444e"),
    "link": ("#1257a5", "#8cc0ff"),
    "first": ("#2468b2", "#6fb1f5"),
    "second": ("#b34d06", "#f59b57"),
    "third": ("#1a7564", "#58c4ae"),
    "soft": ("#a9c6e6", "#35597f"),
    "alarm": ("#b3261e", "#ff9a91"),
    "alarmcard": ("#fdecea", "#3a1f1d"),
    "none": ("#eef1f4", "#262e36"),
    "heat1": ("#dbe9f8", "#203a55"),
    "heat2": ("#b4d2f0", "#285480"),
    "heat3": ("#7fb0e0", "#2f72b0"),
    "heat4": ("#2f74bb", "#58a3e6"),
    "heat5": ("#174f8f", "#a8d4ff"),
    "on1": ("#1b2127", "#e8ecf0"),
    "on2": ("#1b2127", "#e8ecf0"),
    "on3": ("#12171d", "#ffffff"),
    "on4": ("#ffffff", "#0d1217"),
    "on5": ("#ffffff", "#0d1217"),
}
"""Name -> (light, dark)."""

HEAT = ("heat1", "heat2", "heat3", "heat4", "heat5")


def light(name: str) -> str:
    """The colour in which charts are drawn."""
    return PALETTE[name][0]


def variables(dark: bool) -> str:
    """CSS custom properties of one scheme."""
    return "".join(f"--{name}:{colours[dark]};" for name, colours in PALETTE.items())
