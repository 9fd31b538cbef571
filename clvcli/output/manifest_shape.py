"""The shape of the parts of a manifest that other commands read. Series are checked by the page that draws them."""

_TEXTS = {"*": str}
_NUMBERS = {"*": (float, None)}
_COUNTS = {"*": int}
_FIT = {"name": str, "params": {"*": float}, "std_errors": (_NUMBERS, None), "status": str}
_STEP = {"!action": str, "wait": str, "channel": (str, None)}
_ACTION = {
    "!action": str,
    "when": (str, None),
    "channel": (str, None),
    "every": (str, None),
    "lead_time": (str, None),
    "after": (_TEXTS, None),
    "before": (_TEXTS, None),
    "times": (int, None),
    "steps": ([_STEP], None),
    "variants": ([str], None),
    "cost": (_NUMBERS, None),
}
_RULES = {
    "name": (str, None),
    "description": (str, None),
    "phases": (_TEXTS, None),
    "stages": {
        "*": {
            "when": (str, None),
            "who": (str, None),
            "goal": (str, None),
            "max_cost": (float, str, None),
            "at_risk": bool,
            "actions": ([_ACTION], None),
        }
    },
    "fields": (_TEXTS, None),
    "breakpoints": ({"*": ([float], None)}, None),
    "consent": (_TEXTS, None),
    "attributes": (_TEXTS, None),
    "holidays": ({"country": (str, None), "dates": {"*": [str]}}, None),
    "variants": ([str], None),
}
MANIFEST = {
    "clv": str,
    "as_of": str,
    "horizon": str,
    "inputs": [{"!path": str}],
    "columns": ({"*": (str, None)}, None),
    "source": (str, None),
    "arguments": {"*": {"source": str}},
    "rows": {"read": int, "used": int, "duplicates": int, "excluded": _COUNTS, "rejected": _COUNTS},
    "customers": int,
    "purchases": int,
    "leads": int,
    "models": ({"purchase": (_FIT, None), "spend": (_FIT, None), "groups": [{"group": (str, None)}]}, None),
    "stages": [
        {
            "!stage": str,
            "phase": (str, None),
            "customers": int,
            "share": (float, None),
            "clv": (float, None),
            "clv_share": (float, None),
            "total_spend": (float, None),
            "expected_purchases": (float, None),
            "in_control": int,
        }
    ],
    "warnings": [{"!code": str, "!message": str, "template": str, "several": str, "values": {}}],
    "series": ({}, None),
    "rules": (_RULES, None),
    "outputs": [(str, {})],
}
