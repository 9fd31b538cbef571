"""Consent by the names and the content of columns, and by the rules."""

import polars as pl
import pytest

from clvcli.core.errors import ConfigError
from clvcli.lifecycle.consent import consent_of, permission_of


def refusals(channel: str, rules: dict[str, str] | None = None, **columns: list[str | None]) -> list[str | None]:
    frame = pl.DataFrame(columns)
    return frame.with_columns(refusal=consent_of(frame, rules).refusal(channel))["refusal"].to_list()


@pytest.mark.parametrize(
    ("name", "channels", "positive"),
    [
        ("can_email", ("email",), True),
        ("E-Mail opt in", ("email",), True),
        ("sms_opt_out", ("sms",), False),
        ("no_calls", ("phone",), False),
        ("do_not_call", ("phone",), False),
        ("do_not_contact", ("all",), False),
        ("unsubscribed", ("email",), False),
        ("marketing_consent", ("all",), True),
        ("no_mail", ("email", "mail"), False),
        ("postal_ok", ("mail",), True),
        ("no_of_calls", (), False),
        ("no_claims_bonus", (), False),
        ("email", (), True),
        ("region", (), True),
        ("can_ship_abroad", (), True),
    ],
)
def test_what_a_name_says(name: str, channels: tuple[str, ...], positive: bool) -> None:
    assert permission_of(name)[0] == channels
    if channels:
        assert permission_of(name)[1] is positive


def test_an_address_must_be_there() -> None:
    assert refusals("email", email=["a@x.org", "", None, "none"]) == [None, *["no_address"] * 3]
    assert refusals("phone", phone=["1", " ", None]) == [None, "no_address", "no_address"]
    assert refusals("phone", email=["a@x.org"]) == [None]  # nothing is known of phones
    assert refusals("mail", mail=["a@x.org"]) == [None]
    assert refusals("mail", street=["Long Row 1", None]) == [None, "no_address"]


def test_a_yes_is_needed_where_it_is_asked_for_and_a_no_counts() -> None:
    assert refusals("email", can_email=["yes", "no", None, "2024-05-01"]) == [None, "no_consent", "no_consent", None]
    assert refusals("phone", no_calls=["true", "0", None, "2024-05-01"]) == ["no_consent", None, None, "no_consent"]
    assert refusals("e-mail", email_opt_out=["1", None]) == ["no_consent", None]
    assert refusals("site", contactable=["true", "false"]) == [None, "not_contactable"]
    assert refusals("visit", do_not_contact=["y", "n"]) == ["not_contactable", None]


def test_personal_service_needs_one_way_to_the_customer_where_phones_are_known() -> None:
    known: dict[str, list[str | None]] = {
        "email": ["a@x.org", None, None, None, "b@x.org"],
        "can_email": ["no", None, None, "yes", "yes"],
        "phone": ["1", "2", None, None, None],
        "no_calls": ["yes", None, None, None, None],
    }
    assert refusals("personal", None, **known) == ["no_consent", None, "no_consent", "no_address", None]
    assert refusals("personal", phone=["1", None]) == [None, "no_address"]
    assert refusals("personal", email=["a@x.org", None]) == [None, None]  # nothing is known of phones
    assert refusals("personal", contactable=["no"], phone=["1"]) == ["not_contactable"]


def test_numbers_and_words_are_no_permission() -> None:
    assert refusals("phone", no_calls=["7", "3"]) == [None, None]
    assert refusals("email", email=["yes", "no"]) == [None, "no_address"]


def test_the_rules_stand_in_place_of_the_columns() -> None:
    told = {"email": "newsletter = 'weekly'", "all": "country = 'NL'"}
    columns: dict[str, list[str | None]] = {
        "newsletter": ["weekly", "never", None, "weekly"],
        "country": ["NL", "NL", "NL", "BE"],
        "email": ["", "a@x.org", "b@x.org", "c@x.org"],
    }
    assert refusals("email", told, **columns) == [None, "no_consent", "no_consent", "not_contactable"]
    with pytest.raises(ConfigError, match="consent of 'phone'"):
        refusals("phone", {"phone": "nosuch = 1"}, **columns)
