"""The first row of a sheet with something in it, told from the start of its XML: the reader of workbooks drops the
empty rows above it without a word, and lines are counted from the top of the sheet."""

import re
import xml.etree.ElementTree as ET
import zipfile
from typing import BinaryIO

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FILLED = re.compile(rb'<(?:\w+:)?c (?>[^<>]*?\br="[A-Z]{1,3}(\d{1,7})")[^<>]*+(?<!/)>\s*+<')
"""A cell with something in it. (It tries one way only through a tag, and so takes linear time.)"""
LOOKED_AT = 1 << 18
LARGEST = 1 << 22
"""Bytes of the list of sheets; a workbook with more is no honest one."""


def first_row(book: BinaryIO, title: str) -> int | None:
    """From 1; None where it cannot be told: another kind of workbook, a sheet written in another way."""
    try:
        with zipfile.ZipFile(book) as archive:
            path = _path_of(archive, title)
            if path is None:
                return None
            with archive.open(path) as sheet:
                found = FILLED.search(sheet.read(LOOKED_AT))
    except (zipfile.BadZipFile, ET.ParseError, KeyError, OSError, ValueError, NotImplementedError):
        return None
    return int(found[1]) if found else None


def _path_of(archive: zipfile.ZipFile, title: str) -> str | None:
    """The file of the sheet of this title."""
    parts = [_tree(archive, path) for path in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
    if parts[0] is None or parts[1] is None:
        return None
    key = next((e.get(RELATION) for e in parts[0].iter() if e.tag.endswith("}sheet") and e.get("name") == title), None)
    target = next((e.get("Target") for e in parts[1].iter() if e.get("Id") == key), None)
    if key is None or target is None:
        return None
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _tree(archive: zipfile.ZipFile, path: str) -> ET.Element | None:
    info = archive.getinfo(path)
    if info.file_size > LARGEST:
        return None
    text = archive.read(path)
    return None if b"<!DOCTYPE" in text else ET.fromstring(text)
