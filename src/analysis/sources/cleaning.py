"""What is taken out of a text before anything else: characters that no program may be given."""

from __future__ import annotations

import re
import unicodedata

# Line ends of other systems, and what word processors use for a line within a cell.
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# NUL, C0 and C1 control characters except tab and line feed. They cannot be seen, and some
# of them end a string, ring a bell or colour a terminal.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Half of a pair that JSON may carry and UTF-8 may not.
_HALVES = re.compile(r"[\ud800-\udfff]")
_ANY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TWO_LETTERS = re.compile(r"[^\W_].*?[^\W_]", re.DOTALL)
# Where a text without two letters is looked through for an emoji.
_EMOJI_WITHIN = 1_000
_WORDS = re.compile(r"\w+")


def clean(text: str) -> tuple[str, int]:
    """The text with line ends as \\n and without control characters, and how many were removed."""
    if not _ANY.search(text):
        return text, 0
    text = _HALVES.sub("\ufffd", _LINE_ENDS.sub("\n", text))
    return _CONTROLS.subn("", text)


def clean_line(text: str) -> str:
    """A cell other than the contribution's text (an id, a name, an address): on one line."""
    return clean(text)[0].replace("\n", " ") if _ANY.search(text) or "\n" in text else text


def says_something(text: str) -> bool:
    """Whether a text has two letters or digits of any script, or an emoji.

    "No" and a thumb held up are answers; "." and "x" are not.
    """
    return _TWO_LETTERS.search(text) is not None or any(unicodedata.category(c) == "So" for c in text[:_EMOJI_WITHIN])


def message(text: str) -> str:
    """What two texts share when they say the same but for case, punctuation and white space."""
    return " ".join(_WORDS.findall(text.casefold())) or text.strip()


def language(value: str) -> str | None:
    """The language of a tag such as "en-GB" or a name such as "Welsh", as two or three letters."""
    low = value.strip().casefold()
    tag = {"english": "en", "welsh": "cy", "cymraeg": "cy"}.get(low) or re.split(r"[-_]", low)[0]
    return tag if re.fullmatch(r"[a-z]{2,3}", tag) else None
