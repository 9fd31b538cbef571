"""The headings under which the help groups options."""

LOG, CLEAN, MODEL, OUT, TALK = "The log", "What counts", "Model and value", "Output", "Running"
DRAW = "What is drawn"
VALUE, CONTRACT = "What to show", "Subscriptions"
LIFT, CALENDAR, LIMITS, CHOICE = "Comparing", "The calendar", "Limits", "Whom to choose"
