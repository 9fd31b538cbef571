"""Formats, ambiguity, epochs, zones, impossible and future days."""
# ruff: noqa: E501  # a table: one case a line

from datetime import UTC, date, datetime

from corpus.build import Case, base, file, ok, refused, swapped, with_rows


def dated(form: str) -> bytes:
    return file(base(form=form))


def converted(change: object) -> bytes:
    assert callable(change)
    return file(swapped(1, lambda v, _: str(change(date.fromisoformat(v)))))


AMBIGUOUS = file([["C1", "01/02/2024", "9.00"], ["C2", "03/04/2024", "8.00"], ["C1", "05/06/2024", "7.00"]])


def epoch(scale: int) -> bytes:
    return converted(lambda d: int(datetime(d.year, d.month, d.day, 12, tzinfo=UTC).timestamp() * scale))


FRENCH = [
    "",
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]

SHORT_MONTHS = {
    "German": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "French": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Spanish": "ene feb mar abr may jun jul ago sep oct nov dic",
    "Italian": "gen feb mar apr mag giu lug ago set ott nov dic",
    "Dutch": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}
"""Some of them are English too: those alone must not get in."""

CASES: list[Case] = [
    *(ok(f"dates like {form}", dated(form)) for form in (
        "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d-%b-%y", "%B %d, %Y",
        "%Y-%m-%d 10:30", "%Y-%m-%dT10:30:00", "%Y-%m-%dT10:30:00.123Z", "%m/%d/%Y 1:05 PM", "%d.%m.%Y 23:59:59", "%Y%m%d103000",
        "%Y-%m-%d 00:00:00.000", "%a, %d %b %Y 10:00:00 +0000", "%a %b %d %Y", "%Y-%m-%d 10:30:00 UTC",
    )),
    ok("two-digit years", dated("%d/%m/%y")),
    refused("ambiguous", AMBIGUOUS, "two ways: 01/02/2024 is 2024-0", "--date-format"),
    ok("ambiguous, format asked for", AMBIGUOUS, read=3, customers=2, args={"date_format": "%d/%m/%Y"}),
    ok("ambiguous, order asked for", AMBIGUOUS, read=3, customers=2, args={"date_format": "mdy"}),
    refused("both orders mixed", file(base(100, "%d/%m/%Y") + base(form="%m/%d/%Y")[100:]), "mix orders|two ways"),
    refused("a wrong format asked for", dated("%d/%m/%Y"), "no date in date has the format", args={"date_format": "%Y-%m-%d"}),
    refused("no format", dated("%d/%m/%Y"), "is no format", exit=2, args={"date_format": "day first"}),
    ok("epoch seconds", epoch(1)),
    ok("epoch milliseconds", epoch(1000)),
    ok("epoch microseconds", epoch(1000000)),
    ok("Excel serials", converted(lambda d: (d - date(1899, 12, 30)).days)),
    ok("Excel serials with times", converted(lambda d: (d - date(1899, 12, 30)).days + 0.5)),
    ok("French months", file(swapped(1, lambda v, _: f"{int(v[8:])} {FRENCH[int(v[5:7])]} {v[:4]}"))),
    ok("German months", file(swapped(1, lambda v, _: f"{int(v[8:])}. Dezember {v[:4]}"))),
    *(ok(f"months of {tongue}", file(swapped(1, lambda v, _, names=names: f"{int(v[8:])} {names.split()[int(v[5:7]) - 1]} {v[:4]}"))) for tongue, names in SHORT_MONTHS.items()),
    ok("one French month", with_rows(["C001", "05 Mai 2024", "9.00"]).replace(b"05 Mai", b"05 mai"), read=201),
    refused("months without days", converted(lambda d: f"{d:%Y-%m}"), "are months", "-01"),
    refused("words", file(swapped(1, lambda _v, _i: "yesterday")), "cannot be read, like 'yesterday'"),
    refused("dates all empty", file(swapped(1, lambda _v, _i: "")), "every date is empty"),
    ok("impossible day", with_rows(["C001", "2024-02-30", "9.00"]), read=201, rejected={"impossible_date": 1}, lines=(202,)),
    ok("29 February of a common year", with_rows(["C001", "2023-02-29", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("month 13", with_rows(["C001", "2024-13-01", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("hour 25", with_rows(["C001", "2024-05-05 25:00:00", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("a far future date", with_rows(["C001", "2099-01-01", "9.00"]), read=201, rejected={"future_date": 1}, lines=(202,)),
    ok("a far future date and --as-of", with_rows(["C001", "2099-01-01", "9.00"]), read=201, excluded={"after_as_of": 1},
       args={"as_of": "2024-12-31"}),
    ok("year 9999", with_rows(["C001", "9999-12-31", "9.00"]), read=201, rejected={"future_date": 1}),
    ok("1900-01-01 for no date", with_rows(["C001", "1900-01-01", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("1970-01-01 for no date", with_rows(["C001", "1970-01-01", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("year 0001", with_rows(["C001", "0001-01-01", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("year 20224", with_rows(["C001", "20224-01-01", "9.00"]), read=201, rejected={"bad_date": 1}),
    ok("year 20224 in a format asked for", with_rows(["C001", "20224-01-01", "9.00"]), read=201, rejected={"bad_date": 1},
       args={"date_format": "%Y-%m-%d", "as_of": "2024-12-31"}),
    ok("an empty date", with_rows(["C001", "", "9.00"]), read=201, rejected={"missing_date": 1}, lines=(202,)),
    ok("NULL for a date", with_rows(["C001", "NULL", "9.00"]), read=201, rejected={"missing_date": 1}),
    ok("a word for a date", with_rows(["C001", "n.d.", "9.00"]), read=201, rejected={"bad_date": 1}),
    ok("a date of another format", with_rows(["C001", "05/13/2024", "9.00"]), read=201, rejected={"other_date_format": 1}),
    ok("blanks around dates", file(swapped(1, lambda v, _: f"  {v} "))),
    ok("days and times mixed", file(swapped(1, lambda v, i: v + (" 10:00:00" if i % 2 else "")))),
    ok("an offset that no zone has", with_rows(["C001", "2024-05-05T10:00:00+99:00", "9.00"]), read=201, rejected={"impossible_date": 1}, lines=(202,)),
    ok("the second 60", dated("%Y-%m-%d 23:59:60")),
    ok("24 o'clock", with_rows(["C001", "2024-05-05 24:00:00", "9.00"]), read=201, rejected={"impossible_date": 1}),
    ok("13 PM", with_rows(["C001", "2024-05-05 13:00 PM", "9.00"]), read=201, rejected={"impossible_date": 1}),
    refused("epochs cut to six digits", converted(lambda d: f"{datetime(d.year, d.month, d.day, 12, tzinfo=UTC).timestamp() * 1000:.5E}"), "cannot be read, like '1.7"),
    ok("epochs in full behind an exponent", converted(lambda d: f"{datetime(d.year, d.month, d.day, 12, tzinfo=UTC).timestamp():.9E}")),
    refused("day and month swapped by Excel", converted(lambda d: (date(d.year, d.day, d.month) - date(1899, 12, 30)).days if d.day <= 12 else f"{d:%d/%m/%Y}"),
            "other_date_format 80"),
    refused("weeks", dated("%G-W%V-%u"), "days of ISO weeks"),
    ok("Arabic digits", file(swapped(1, lambda v, _: v.translate({48 + k: 0x660 + k for k in range(10)})))),
    ok("day and month are equal", file([[f"C{i % 9}", f"{i % 12 + 1:02d}/{i % 12 + 1:02d}/2024", f"{9 + i}.50"] for i in range(50)]), read=50, customers=9),
    ok("one offset goes to UTC", dated("%Y-%m-%dT00:30:00+02:00"), "converted_times"),
    ok("one offset and --tz", dated("%Y-%m-%dT00:30:00+02:00"), args={"tz": "Europe/Paris"}),
    refused("several offsets", file(swapped(1, lambda v, i: f"{v}T12:00:00+0{i % 2 + 1}:00")), "several offsets", "--tz"),
    ok("several offsets and --tz", file(swapped(1, lambda v, i: f"{v}T12:00:00+0{i % 2 + 1}:00")), args={"tz": "Europe/Paris"}),
    refused("with and without offset", file(swapped(1, lambda v, i: f"{v}T12:00:00" + ("Z" if i % 2 else ""))), "mix times", "--tz"),
    refused("no such zone", dated("%Y-%m-%d"), "no such zone", exit=2, args={"tz": "Mars/Olympus"}),
    ok("a zone by its abbreviation", dated("%Y-%m-%d 10:00:00 CEST"), "converted_times"),
    refused("as-of before the log", dated("%Y-%m-%d"), "before the first date", args={"as_of": "2020-01-01"}),
    refused("too many bad dates", file(swapped(1, lambda v, i: "?" if i % 10 == 0 else v)), "20 of 200 records are bad .bad_date 20"),
    ok("many bad dates allowed", file(swapped(1, lambda v, i: "?" if i % 10 == 0 else v)), customers=None,
       rejected={"bad_date": 20}, args={"max_rejects": "10%"}),
    refused("none allowed", with_rows(["C001", "?", "9.00"]), "1 of 201", args={"max_rejects": "0"}),
    ok("isolated old date", with_rows(["C001", "2001-05-05", "9.00"]), "isolated_dates", read=201),
    ok("stale feed", dated("%Y-%m-%d"), "stale_feed", args={"max_age": "7d"}),
    ok("fresh enough", dated("%Y-%m-%d"), args={"max_age": "5y"}),
]  # fmt: skip
