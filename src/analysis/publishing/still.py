"""A chart as a plain SVG: what is on the screen at once, in print, and where no JavaScript runs.

plotly.js takes seconds on a phone before it has drawn its first bar, and most charts here
gain nothing from it. Places across are in per cent of the width and sizes in pixels, so a still
fits every screen without a script. Colours are attributes, which the page's style exchanges in the dark.
"""

from __future__ import annotations

import html
import re

from analysis.figures.chart import GREY, INK

TEXT, SMALL = 14, 13   # pixels
LINE = 17              # pixels from one line of text to the next
AFTER = 5              # pixels between the end of a bar and its label
RIM = 2    # pixels of the rim of an open marker, as in analysis.figures.themes
CAPS = {"circle": "round", "circle-open": "round", "square": "square", "square-open": "square"}
PAPER = "#FFFFFF"   # what is inside an open marker; exchanged in the dark
ANCHORS = {"left": "start", "right": "end"}


def still(figure: dict) -> str | None:
    """The SVG of a figure made by ``analysis.figures``, or None where it holds something that is not drawn here."""
    traces, layout = figure["data"], figure["layout"]
    drawers = [_drawer(trace) for trace in traces]
    if not all(drawers) or not all(layout[axis].get("range") for axis in ("xaxis", "yaxis")):
        return None
    plane = _Plane(layout)
    parts = [*_axis(plane, layout["xaxis"]), *(part for draw, trace in zip(drawers, traces) for part in draw(plane, trace)),
             *(_note(plane, note) for note in layout.get("annotations") or [])]
    return (f"<div class='still' aria-hidden='true' style='padding:0 {plane.right}px 0 {plane.left}px'>"
            f"<svg width='100%' height='{plane.height}' font-size='{TEXT}' fill='{INK}' focusable='false'>{''.join(parts)}</svg></div>")


def _drawer(trace: dict):
    if trace.get("type") == "bar":
        return _rows if trace.get("orientation") == "h" else _columns
    return {"markers": _points, "lines": _line}.get(trace.get("mode", "")) if trace.get("type") == "scatter" else None


class _Plane:
    """From numbers on the axes to places: per cent across, pixels down."""

    def __init__(self, layout: dict):
        margin, self.height = layout["margin"], int(layout["height"])
        self.left, self.right, self.top = (int(margin[side]) for side in ("l", "r", "t"))
        self.bottom = self.height - int(margin["b"])
        self.xs, self.ys = layout["xaxis"]["range"], layout["yaxis"]["range"]
        self.gap = float(layout.get("bargap") or 0)

    def across(self, x: float) -> float:
        return round(100 * (x - self.xs[0]) / (self.xs[1] - self.xs[0]), 2)

    def down(self, y: float) -> float:
        return round(self.bottom - (self.bottom - self.top) * (y - self.ys[0]) / (self.ys[1] - self.ys[0]), 1)


def _axis(plane: _Plane, axis: dict) -> list[str]:
    """Grid lines and tick labels of the axis across."""
    parts = []
    for value, text in zip(axis.get("tickvals") or [], axis.get("ticktext") or []):
        x = plane.across(value)
        if axis.get("showgrid"):
            parts.append(f"<line x1='{x}%' x2='{x}%' y1='{plane.top}' y2='{plane.bottom}' stroke='{axis.get('gridcolor', GREY)}'/>")
        parts.append(_text(f"{x}%", plane.bottom + LINE, text, anchor="middle", size=SMALL))
    if axis.get("showline"):
        parts.append(f"<line x1='0' x2='100%' y1='{plane.bottom}' y2='{plane.bottom}' stroke='{axis.get('linecolor', GREY)}'/>")
    return parts


def _rows(plane: _Plane, trace: dict) -> list[str]:
    """Bars from the left with their labels at the end."""
    parts, start = [], plane.across(0)
    for place, (value, y, colour) in enumerate(zip(trace["x"], trace["y"], _colours(trace))):
        top = plane.down(y + trace["offset"] + trace["width"])
        height = round(plane.down(y + trace["offset"]) - top, 1)
        end = plane.across(value)
        parts.append(f"<rect x='{start}%' y='{top}' width='{round(end - start, 2)}%' height='{height}' fill='{colour}'/>")
        if trace.get("text"):
            parts.append(_text(f"{end}%", round(top + height / 2 + TEXT / 3, 1), trace["text"][place], dx=AFTER))
    return parts


def _columns(plane: _Plane, trace: dict) -> list[str]:
    """Bars from below; each says what it is when it is pointed at."""
    parts, wide = [], 1 - plane.gap
    for place, (x, value, colour) in enumerate(zip(trace["x"], trace["y"], _colours(trace))):
        left, top = plane.across(x - wide / 2), plane.down(value)
        named = f"<title>{_plain(trace['customdata'][place])}: {value:,}</title>" if trace.get("customdata") else ""
        parts.append(f"<rect x='{left}%' y='{top}' width='{round(plane.across(x + wide / 2) - left, 2)}%' "
                     f"height='{round(plane.bottom - top, 1)}' fill='{colour}'>{named}</rect>")
    return parts


def _points(plane: _Plane, trace: dict) -> list[str]:
    marker = trace["marker"]
    rim = marker.get("line") or {}
    edge = f" stroke='{rim['color']}' stroke-width='{rim.get('width', 1)}'" if rim.get("color") else ""
    opacity = f" opacity='{marker['opacity']}'" if marker.get("opacity") else ""
    own = isinstance(marker["color"], list)
    if not own and not edge and not opacity and marker.get("symbol", "circle") in CAPS:
        return _ends(plane, trace)
    dots = [shape(f"{plane.across(x)}%", plane.down(y), marker, fill=colour if own else None)
            for x, y, colour in zip(trace["x"], trace["y"], _colours(trace)) if x is not None and y is not None]
    fill = "" if own else f" fill='{marker['color']}'"
    return [f"<g{fill}{edge}{opacity}>{''.join(dots)}</g>"]


def _ends(plane: _Plane, trace: dict) -> list[str]:
    """Many points of one look as one path of lines without length, which shows only the ends of their strokes.

    An element for each of 2,500 points makes the file a tenth larger and a phone slower. The drawing is stretched to the
    width of the screen, its strokes are not.
    """
    marker = trace["marker"]
    dots = "".join(f"M{plane.across(x):.1f} {plane.down(y):.0f}h0" for x, y in zip(trace["x"], trace["y"]) if x is not None and y is not None)
    size, open_ = marker["size"], marker.get("symbol", "").endswith("-open")
    rings = [(size + RIM, marker["color"]), (size - RIM, PAPER)] if open_ else [(size, marker["color"])]
    paths = "".join(f"<path d='{dots}' stroke='{colour}' stroke-width='{size}' vector-effect='non-scaling-stroke'/>" for size, colour in rings)
    return [f"<svg width='100%' height='{plane.height}' viewBox='0 0 100 {plane.height}' preserveAspectRatio='none' overflow='visible' fill='none' "
            f"stroke-linecap='{CAPS[marker.get('symbol', 'circle')]}'>{paths}</svg>"]


def shape(x: object, y: float, marker: dict, *, fill: str | None) -> str:
    """One marker: a circle or a square, ``size`` pixels across, filled or open, in its own or its group's colour; as in plotly, half the rim is beyond."""
    symbol, half, paint = marker.get("symbol", "circle"), marker["size"] / 2, f" fill='{fill}'" if fill else ""
    if symbol.endswith("-open"):
        paint = f" fill='none' stroke='{fill}' stroke-width='{RIM}'"
    if symbol.startswith("circle"):
        return f"<circle cx='{x}' cy='{y}' r='{half:g}'{paint}/>"
    return f"<svg x='{x}' y='{y}' overflow='visible'><rect x='{-half:g}' y='{-half:g}' width='{2 * half:g}' height='{2 * half:g}'{paint}/></svg>"


def _line(plane: _Plane, trace: dict) -> list[str]:
    look = trace.get("line") or {}
    dash = " stroke-dasharray='4 4'" if look.get("dash") else ""
    opacity = f" opacity='{trace['opacity']}'" if trace.get("opacity") else ""
    ends = [(x, y) for x, y in zip(trace["x"], trace["y"]) if x is not None and y is not None]
    return [f"<line x1='{plane.across(a)}%' y1='{plane.down(b)}' x2='{plane.across(c)}%' y2='{plane.down(d)}' stroke='{look.get('color', INK)}' "
            f"stroke-width='{look.get('width', 2)}'{dash}{opacity}/>" for (a, b), (c, d) in zip(ends, ends[1:])]


def _note(plane: _Plane, note: dict) -> str:
    text, x, y = str(note["text"]), plane.across(note["x"]), plane.down(note["y"])
    anchor = ANCHORS.get(note.get("xanchor", "center"), "middle")
    y += {"bottom": -AFTER, "top": LINE}.get(note.get("yanchor", ""), TEXT / 3)
    return _text(f"{x}%", round(y, 1), text, anchor=anchor, weight=" font-weight='700'" if "<b>" in text else "",
                 halo=" class='halo'", size=(note.get("font") or {}).get("size"))


def _text(x: str, y: float, text: object, *, anchor: str = "start", **look) -> str:
    """Text of one line or several, the last of them at ``y``."""
    lines = [_plain(line) for line in str(text).split("<br>")]
    first = round(y - LINE * (len(lines) - 1), 1)
    shift = f" dx='{look['dx']}'" if look.get("dx") else ""
    size = f" font-size='{look['size']}'" if look.get("size") else ""
    body = lines[0] + "".join(f"<tspan x='{x}' dy='{LINE}'>{line}</tspan>" for line in lines[1:])
    side = "" if anchor == "start" else f" text-anchor='{anchor}'"
    return f"<text x='{x}' y='{first}'{side}{shift}{size}{look.get('weight', '')}{look.get('halo', '')}>{body}</text>"


def _plain(text: object) -> str:
    """The text of a label with plotly's own tags taken out and everything else harmless."""
    return html.escape(html.unescape(re.sub(r"</?b>", "", str(text))), quote=True)


def _colours(trace: dict) -> list:
    colour = (trace.get("marker") or {}).get("color", INK)
    return colour if isinstance(colour, list) else [colour] * len(trace["x"])
