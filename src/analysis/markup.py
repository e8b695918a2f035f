"""Markdown as its author's readers see it: the marks that make text bold or a heading are left out, the words are not.

Only for the eye. What is stored, hashed and counted in characters is the text with its marks.
"""

from __future__ import annotations

import functools

SUFFIXES = (".md", ".markdown")
_BREAKS = {"paragraph", "heading", "block_text", "block_code", "block_html"}


def is_markdown(source_file: object) -> bool:
    """Whether a file by this name holds Markdown."""
    return str(source_file).lower().endswith(SUFFIXES)


def as_read(text: str) -> str:
    """The words of a Markdown text: no marks, a link by its words, a list item after a bullet or its number.

    Text that is nothing but marks stays as it is, and so does HTML: it is for the page to make it harmless.
    """
    blocks = (_block(token).strip("\n") for token in _parser()(text))
    return "\n".join(block for block in blocks if block.strip()) or text


@functools.cache
def _parser():
    import mistune

    return mistune.create_markdown(renderer=None)


def _block(token: dict) -> str:
    """A block of the text with its lines."""
    children = token.get("children")
    if token["type"] == "list":
        start = (token.get("attrs") or {}).get("start", 1)
        marks = [f"{start + n}. " if (token.get("attrs") or {}).get("ordered") else "• " for n in range(len(children))]
        return "\n".join(mark + _block(item).strip() for mark, item in zip(marks, children, strict=True))
    if children is None:
        return token.get("raw", "")
    if token["type"] in _BREAKS:
        return "".join(_inline(child) for child in children)
    return "\n".join(_block(child) for child in children)


def _inline(token: dict) -> str:
    if token["type"] in ("linebreak", "softbreak"):
        return "\n"
    children = token.get("children")
    return "".join(_inline(child) for child in children) if children is not None else token.get("raw", "")
