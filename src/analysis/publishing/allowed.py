"""The HTML that is let into the pack: a short list of elements, everything else is dropped or escaped."""

from __future__ import annotations

TAGS = {"h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "dl", "dt", "dd", "strong", "em", "b", "i", "code", "pre", "br", "hr", "a", "span",
        "div", "section", "figure", "figcaption", "blockquote", "cite", "details", "summary", "table", "caption", "thead", "tbody", "tr", "th",
        "td", "time", "abbr"}
ATTRIBUTES = {
    "*": {"class", "lang", "dir", "data-behind", "data-contribution"},
    "a": {"href"}, "th": {"scope"}, "time": {"datetime"}, "div": {"role", "tabindex", "aria-label"},
}


def cleaned(html: str) -> str:
    """HTML with nothing in it but what is listed here: no script, style, form, frame, image or handler.

    Links lead to the web or within the page; they tell the other side nothing (``noreferrer``).
    """
    import nh3

    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"}, link_rel="noopener noreferrer",
                     strip_comments=True, clean_content_tags={"script", "style"})
