"""One palette for page and charts, light and dark. Charts are drawn in the light colours; the page sets variables."""

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
    "on1": ("#1b2128", "#e8ecf1"),
    "on2": ("#1b2129", "#e8ecf2"),
    "on3": ("#12171d", "#ffffff"),
    "on4": ("#fffffd", "#0d1217"),
    "on5": ("#fffffe", "#0d1218"),
}
"""Name -> (light, dark). The light colours that charts use are all different: each stands for its name."""

HEAT = ("heat1", "heat2", "heat3", "heat4", "heat5")


def light(name: str) -> str:
    """The colour in which charts are drawn."""
    return PALETTE[name][0]


def variables(dark: bool) -> str:
    """CSS custom properties of one scheme."""
    return "".join(f"--{name}:{colours[dark]};" for name, colours in PALETTE.items())


VARIABLE_OF = {colours[0]: f"var(--{name})" for name, colours in reversed(PALETTE.items())}
"""Light colour -> what the page writes in its place."""
