"""Who spoke, through which channel, and when."""

from __future__ import annotations

import pandas as pd

from analysis.figures import chart as drawing
from analysis.figures import rows as rows_of


def channels(table: pd.DataFrame, *, finding: str, alt: str):
    """A bar for each channel: ``name, contributions, messages`` and ``people`` (as it is to be read)."""
    rows = pd.DataFrame({"name": table["name"], "value": table["contributions"],
                         "text": [f"{n:,} from {people}" for n, people in zip(table["contributions"], table["people"])]})
    behind = table[["name", "contributions", "messages", "people"]].rename(columns={
        "name": "Channel", "contributions": "Contributions", "messages": "Distinct messages", "people": "People"})
    return rows_of.bars(rows, finding=finding, alt=alt, caption="Contributions and people by channel", behind=behind)


def loudest(table: pd.DataFrame, *, finding: str, alt: str):
    """A bar for each of the busiest contributors: ``name, contributions`` and ``loudest`` (whether to be highlighted)."""
    rows = pd.DataFrame({"name": table["name"], "value": table["contributions"],
                         "text": [f"{n:,}" for n in table["contributions"]]})
    rows["colour"] = [drawing.BLUE if first else drawing.GREY for first in table["loudest"]]
    behind = table[["name", "contributions"]].rename(columns={"name": "Contributor", "contributions": "Contributions"})
    return rows_of.bars(rows, finding=finding, alt=alt, caption="Contributions of the ten who spoke most", behind=behind)


def over_time(table: pd.DataFrame, *, finding: str, alt: str):
    """A column for each ``period`` (text, in order) with its number of ``contributions``."""
    counts = table["contributions"].astype(int).tolist()
    busiest = counts.index(max(counts)) if counts else 0
    column = {"type": "bar", "x": list(range(len(counts))), "y": counts, "marker": {"color": drawing.BLUE},
              "customdata": [drawing.label(period) for period in table["period"]],
              "hovertemplate": "%{customdata}: %{y}<extra></extra>"}
    shown = sorted({0, busiest, len(counts) - 1}) if counts else []
    shown = [place for place in shown if place == busiest or abs(place - busiest) > len(counts) / 4]
    notes = [{"x": busiest, "y": counts[busiest], "text": f"{counts[busiest]:,}", "showarrow": False, "yanchor": "bottom"}] if counts else []
    behind = table.rename(columns={"period": "When", "contributions": "Contributions"})[["When", "Contributions"]]
    axis = {"tickvals": shown, "ticktext": [drawing.label(table["period"].iloc[place], width=20) for place in shown], "tickangle": 0,
            "fixedrange": True, "showgrid": False, "showline": True, "linecolor": drawing.GREY, "range": [-0.9, len(counts) - 0.1]}
    return drawing.chart([column], finding=finding, alt=alt, behind=behind, caption="Contributions over time", height=240,
                         annotations=notes, xaxis=axis, bargap=0.15, margin={"l": 30, "r": 30, "t": 26, "b": 34},
                         yaxis={"visible": False, "range": [0, 1.05 * max(counts, default=1)], "fixedrange": True})
