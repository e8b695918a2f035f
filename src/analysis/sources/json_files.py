"""JSON at any depth, with faults told in words."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring
from json.scanner import NUMBER_RE

from analysis.sources.source_file import UnreadableFile

# A chain of a thousand replies is about 2,000 levels of JSON. Ten times that is still read;
# beyond it a file was made to do harm rather than to say something.
MAX_NESTING = 20_000
_SPACE = re.compile(r"[ \t\n\r]*")
_WORDS = {"true": True, "false": False, "null": None, "NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_IN_WORDS = {
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing after a name",
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": "a name in double quotation marks is missing",
    "Illegal trailing comma before end of object": "there is a comma with nothing after it",
    "Illegal trailing comma before end of array": "there is a comma with nothing after it",
    "Unterminated string starting at": "a text is opened and never closed",
    "Extra data": "there is more after the end",
    "Invalid control character at": "there is a line break or control character within a text",
}


def loads(text: str) -> object:
    """Parse JSON whose nesting may go beyond Python's own limit; raises ``UnreadableFile``."""
    try:
        try:
            return json.loads(text)
        except RecursionError:
            return _deep(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"It is not valid JSON: {in_words(error)}.") from None
    except ValueError:  # a number of more digits than Python turns into an int
        raise UnreadableFile("It is not usable JSON: it holds a number of thousands of digits.") from None


def in_words(error: json.JSONDecodeError) -> str:
    """What is wrong and where, for a person: line and column count from 1."""
    where = f"line {error.lineno:,}, column {error.colno:,}"
    if not error.doc[error.pos:].strip() or error.msg.startswith("Unterminated"):
        return f"it breaks off at {where}, as if it had not been saved or downloaded completely"
    return f"{_IN_WORDS.get(error.msg, error.msg[:1].lower() + error.msg[1:])} at {where}"


def _deep(text: str) -> object:
    """The same grammar as ``json.loads`` with a stack of its own instead of Python's."""
    holder: list = []
    stack, keys, place = [holder], [None], 0
    while True:
        value, place, opened = _value(text, _SPACE.match(text, place).end())
        _put(stack[-1], keys[-1], value)
        if opened:
            if len(stack) > MAX_NESTING:
                raise UnreadableFile(f"It is nested more than {MAX_NESTING:,} levels deep.")
            stack.append(value)
            keys.append(None)
        place, finished = _next(text, place, stack, keys, just_opened=opened)
        if finished:
            return holder[0]


def _value(text: str, place: int) -> tuple[object, int, bool]:
    character = text[place:place + 1]
    if character in ("{", "["):
        return ({} if character == "{" else []), place + 1, True
    if character == '"':
        return *scanstring(text, place + 1, True), False
    for word, value in _WORDS.items():
        if text.startswith(word, place):
            return value, place + len(word), False
    number = NUMBER_RE.match(text, place)
    if number is None:
        raise json.JSONDecodeError("Expecting value", text, place)
    whole, fraction, exponent = number.groups()
    return (float(number[0]) if fraction or exponent else int(whole)), number.end(), False


def _put(container: object, key: str | None, value: object) -> None:
    if isinstance(container, dict):
        container[key] = value
    else:
        container.append(value)


def _next(text: str, place: int, stack: list, keys: list, *, just_opened: bool) -> tuple[int, bool]:
    """Close what ends here and move to where the next value begins."""
    while True:
        place = _SPACE.match(text, place).end()
        if len(stack) == 1:
            if place < len(text):
                raise json.JSONDecodeError("Extra data", text, place)
            return place, True
        is_object = isinstance(stack[-1], dict)
        if text[place:place + 1] == ("}" if is_object else "]"):
            stack.pop()
            keys.pop()
            place, just_opened = place + 1, False
            continue
        if not just_opened:
            if text[place:place + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
            place += 1
        if is_object:
            keys[-1], place = _key(text, _SPACE.match(text, place).end())
        return place, False


def _key(text: str, place: int) -> tuple[str, int]:
    if text[place:place + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, place)
    key, place = scanstring(text, place + 1, True)
    place = _SPACE.match(text, place).end()
    if text[place:place + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, place)
    return key, place + 1
