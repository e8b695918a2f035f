"""One executed notebook -> one section of the pack, on nbconvert's template machinery."""

from __future__ import annotations

import functools
import html
import json
import re
from pathlib import Path

from analysis import words
from analysis.errors import ReckonsError
from analysis.figures.chart import CONFIG, MIMETYPE
from analysis.publishing import allowed, still

TEMPLATES = Path(__file__).with_name("template")
SECTION = "section.html.j2"


def section(notebook, *, slug: str) -> str:
    """The HTML of a notebook's words and outputs, without its code; ids begin with ``slug``.

    Headings move one level down, because the pack has the only ``h1``.
    """
    made, _ = _exporter(slug).from_notebook_node(notebook)
    return _with_ids(made, slug)


def title(notebook) -> str:
    """The title of a notebook: its first heading."""
    for cell in notebook.cells:
        found = re.match(r"#\s+(.+)", cell.source) if cell.cell_type == "markdown" else None
        if found:
            return found.group(1).strip()
    raise ReckonsError("A notebook has no title: its first cell must begin with \"# \". No page was written.")


def _exporter(slug: str):
    from jinja2 import FileSystemLoader
    from nbconvert.exporters import TemplateExporter

    class SectionExporter(TemplateExporter):
        """nbconvert's walk through the cells, with a template of our own and nothing else of its pages."""

        def _template_file_default(self):
            return SECTION

        @property
        def template_paths(self):
            return [str(TEMPLATES)]

    exporter = SectionExporter(extra_loaders=[FileSystemLoader(str(TEMPLATES))], template_file=SECTION)
    exporter.register_filter("prose", prose)
    exporter.register_filter("shown", functools.partial(shown, charts=_Counter(slug)))
    return exporter


class _Counter:
    """Numbers the charts of one section."""

    def __init__(self, slug: str):
        self.slug, self.last = slug, 0

    def next(self) -> str:
        self.last += 1
        return f"{self.slug}-chart-{self.last}"


def prose(source: str) -> str:
    """Markdown as HTML: no raw HTML comes through, headings move one level down."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    made = MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True)).render(source)
    return allowed.cleaned(re.sub(r"<(/?)h([1-5])\b", lambda m: f"<{m[1]}h{int(m[2]) + 1}", made))


def shown(output, *, charts: _Counter) -> str:
    """One output of a cell: a chart with its words and table, or HTML with only what is allowed in it."""
    data = output.get("data", {})
    if MIMETYPE in data:
        return chart(data[MIMETYPE], name=charts.next())
    if "text/html" in data:
        return allowed.cleaned(re.sub(r"<(/?)h([1-5])\b", lambda m: f"<{m[1]}h{int(m[2]) + 1}", "".join(data["text/html"])))
    if "text/plain" in data:
        return f"<pre>{html.escape(''.join(data['text/plain']))}</pre>"
    return ""


def chart(figure: dict, *, name: str) -> str:
    """The finding in words, a place for the chart, the text alternative, and the table behind it.

    Raises ``ReckonsError`` for a figure that carries no finding: one made past ``analysis.figures``.
    """
    meta = (figure.get("layout") or {}).get("meta") or {}
    if not isinstance(meta, dict) or not meta.get("finding"):
        raise ReckonsError("A notebook shows a figure without a finding; make it with analysis.figures. No page was written.")
    drawn, live = still.still(figure), _live(figure)
    parts = [f"<figure class='finding' aria-labelledby='{name}-says'><p class='says' id='{name}-says'>{words.escaped(meta['finding'])}</p>",
             f"<div class='chart{'' if drawn else ' bare'}' id='{name}' role='img' aria-labelledby='{name}-alt' style='height:{int(meta['height'])}px'>{drawn or ''}"]
    if live or not drawn:
        parts.append(f"<div class='live'></div></div><script type='application/json' class='chart-data' data-for='{name}'>{harmless_json(_specification(figure))}</script>")
    else:
        parts.append("</div>")
    return "".join(parts) + _key(meta.get("key") or []) + (f"<p class='alt{' seen' if live else ''}' id='{name}-alt'>{words.escaped(meta['alt'])}</p>"
                             f"<details class='behind'><summary>The numbers: {words.escaped(meta['caption'])}</summary>{_table(meta)}</details></figure>")


def _key(entries: list[dict]) -> str:
    """What colours and shapes stand for, as a list."""
    if not entries:
        return ""
    drawn = [f"<li><svg width='16' height='16' aria-hidden='true' focusable='false'>{still.shape(8, 8, {'size': 10, 'symbol': one['shape']}, fill=words.escaped(one['colour']))}</svg> "
             f"{words.escaped(one['text'])}</li>" for one in entries]
    return f"<ul class='key'>{''.join(drawn)}</ul>"


def _live(figure: dict) -> bool:
    """Whether plotly adds something to the still: words for points that are pointed at."""
    return any(trace.get("type") == "scatter" and trace.get("hoverinfo") != "skip" for trace in figure["data"])


def _specification(figure: dict) -> dict:
    layout = {key: value for key, value in figure["layout"].items() if key not in ("meta", "template")}
    return {"data": figure["data"], "layout": {**layout, "dragmode": False}, "config": {**CONFIG, "displayModeBar": False, "scrollZoom": False}}


def _table(meta: dict) -> str:
    import pandas as pd

    cells = [[words.Words(cell["html"]) if isinstance(cell, dict) else cell for cell in row] for row in meta["rows"]]
    return allowed.cleaned(str(words.table(pd.DataFrame(cells, columns=meta["columns"], dtype=object), caption=meta["caption"])))


def harmless_json(value: object) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def heading_id(text: str, slug: str) -> str:
    """The id of the heading with this text in the section ``slug``."""
    return f"{slug}-" + (re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "part")


def _with_ids(made: str, slug: str) -> str:
    """Every heading gets an id that can be linked to; the same words twice get a number."""
    seen: dict[str, int] = {}

    def named(found: re.Match) -> str:
        plain = html.unescape(re.sub(r"<[^>]+>", "", found[3]))
        base = heading_id(plain, slug)
        seen[base] = seen.get(base, 0) + 1
        name = base if seen[base] == 1 else f"{base}-{seen[base]}"
        return f"<h{found[1]} id='{slug if found[1] == '2' else name}'{found[2]}>{found[3]}</h{found[1]}>"

    return re.sub(r"<h([2-6])((?:\s+class=\"[^\"]*\")?)[^>]*>(.*?)</h\1>", named, made, flags=re.DOTALL)
