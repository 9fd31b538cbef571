"""Files of another kind by mistake: pages, pictures, binary data. Each is called by its name. Archives and JSON are
read."""
# ruff: noqa: E501  # a table: one case a line

import bz2
import io
import json
import lzma
import tarfile
import zipfile

from corpus.build import HEADER, Case, base, file, gz, ok, refused

DATA = file(base())
RECORDS = [dict(zip(HEADER, row, strict=True)) for row in base(20)]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("orders.csv")
        info.size = len(DATA)
        archive.addfile(info, io.BytesIO(DATA))
    return out.getvalue()


def kind(name: str, content: bytes, called: str, hint: str = "", **more: object) -> Case:
    return refused(f"by mistake: {name}", content, called, hint, **more)


CASES: list[Case] = [
    ok("a zip", zipped({"orders.csv": DATA}), file="orders.zip"),
    kind("an empty zip", zipped({}), "holds no table"),
    kind("an OpenDocument sheet and no more", zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "damaged workbook", file="o.ods"),
    ok("tar", tar(), file="orders.tar"),
    ok("tar.gz", gz(tar()), file="orders.tar.gz"),
    kind("gzip of gzip", gz(gz(DATA)), "compressed twice, with gzip inside"),
    kind("gzip of zstd", gz(b"\x28\xb5\x2f\xfd" + bytes(50)), "compressed twice, with zstd inside"),
    kind("gzip of a zip", gz(zipped({"orders.csv": DATA})), "compressed twice, with zip inside"),
    kind("gzip of nothing", gz(b""), "empty once unpacked"),
    kind("gzip with a wrong checksum", gz(DATA)[:-8] + bytes(4) + gz(DATA)[-4:], "gzip data are damaged"),
    kind("gzip and junk", gz(DATA) + b"junk", "gzip data are damaged"),
    ok("gzip padded with zeros", gz(DATA) + bytes(512)),
    *(ok(f"bzip2 of level {level}", bz2.compress(DATA, level)) for level in (1, 5, 9)),
    ok("xz", lzma.compress(DATA)),
    kind("lzma", lzma.compress(DATA, format=lzma.FORMAT_ALONE), "compressed with lzma"),
    kind("lz4", b"\x04\x22\x4d\x18" + DATA, "compressed with lz4"),
    kind("compress", b"\x1f\x9d\x90" + bytes(range(200)), "compressed with compress"),
    kind("rar", b"Rar!\x1a\x07\x00" + bytes(50), "RAR archive"),
    kind("a page", b"\n\n<!doctype html><html><table><tr><td>x", "HTML or XML"),
    kind("a page in UTF-16", "<html><body>x</body></html>".encode("utf-16"), "HTML or XML"),
    kind("an error of a store", b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "HTML or XML"),
    ok("a list of objects over several lines", json.dumps(RECORDS, indent=1).encode(), read=20, customers=20),
    kind("a list of lists", json.dumps(base(20)).encode(), "no JSON object"),
    kind("a list of lists over several lines", json.dumps(base(20), indent=2).encode(), "no JSON object"),
    ok("JSON lines", "\n".join(json.dumps(r) for r in RECORDS).encode(), read=20, customers=20),
    ok("JSON in UTF-16", json.dumps(RECORDS).encode("utf-16"), read=20, customers=20),
    ok("names in brackets", file(base(), header=("[customer_id]", "[date]", "[amount]"))),
    ok("names in braces", file(base(), header=("{id}", "date", "amount")), args={"customer": "{id}"}),
    kind("rich text", rb"{\rtf1\ansi hello}", "text document"),
    kind("a picture", b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
    kind("an encrypted Parquet file", b"PARE" + bytes(100) + b"PARE", "encrypted Parquet"),
    kind("a pickle", b"\x80\x04\x95" + bytes(range(1, 120)), "not text but binary data"),
    kind("noise", bytes((i * 7919 + i * i // 7) % 256 for i in range(3000)), "not text but binary data"),
    kind("zeros", bytes(1000), "not text but binary data"),
    kind("UTF-32 without mark", DATA.decode().encode("utf-32-le"), "not text but binary data"),
    ok("UTF-32 with mark", DATA.decode().encode("utf-32")),
    kind("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "pointer of Git LFS", "git lfs pull"),
    kind("a word", b"hello", "one column only"),
    kind("Parquet in name alone", b"PAR1", "damaged Parquet"),
]  # fmt: skip
