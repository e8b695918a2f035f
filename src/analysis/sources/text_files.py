"""Bytes of a text file to characters, whatever program wrote them."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from analysis.sources.source_file import UnreadableFile

# UTF-32 comes first because its mark begins with that of UTF-16.
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
]
# What spreadsheets and survey tools in Britain have written. Every one of them can decode
# nearly any bytes, so a wider choice would only find Cyrillic in a Welsh answer.
WESTERN = ["cp1252", "mac_roman", "cp850"]
# Enough lines with letters beyond ASCII to tell those apart.
SAMPLE = 100_000
# Of text, hardly any character is a control character; of a picture, every tenth is.
MOST_CONTROLS_SHARE = 0.1
# What a person writes as YAML has some dozens of brackets; the parser takes minutes over thousands.
MAX_BRACKETS = 1_000
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file and the name of its encoding; raises ``UnreadableFile`` if it is no text."""
    return decode(path.read_bytes())


def decode(data: bytes) -> tuple[str, str]:
    """Decode by byte-order mark, else strictly as UTF-8, else as the likeliest Western encoding."""
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"It begins as {encoding.removesuffix('-sig').upper()} text, but byte {error.start + 1:,} does not fit. "
                             "Save it again as UTF-8.") from None
    if len(_CONTROLS.findall(text[:SAMPLE])) > MOST_CONTROLS_SHARE * len(text[:SAMPLE]):
        raise UnreadableFile("It is not a text file, whatever its name says: too many of its characters cannot be printed.")
    return text, encoding.removesuffix("-sig")


def is_bracket_heap(yaml: str) -> bool:
    """Whether a piece of YAML has more brackets than a person writes."""
    return yaml.count("[") + yaml.count("{") > MAX_BRACKETS


def _encoding(data: bytes) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    without_mark = _utf16_without_mark(data)
    if without_mark:
        return without_mark
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _western(data)
    return "utf-8"


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in every second place, on one side only."""
    sample = data[:2_000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 2 or len(data) % 2:
        return None
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else None


def _western(data: bytes) -> str:
    from charset_normalizer import from_bytes

    lines = (line for line in data.splitlines() if not line.isascii())
    sample = b""
    for line in lines:
        sample += line[:2_000] + b"\n"
        if len(sample) > SAMPLE:
            break
    best = from_bytes(sample, cp_isolation=WESTERN).best()
    choices = [best.encoding] if best else []
    return next((name for name in [*choices, *WESTERN] if _fits(data, name)), "utf-8")


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
