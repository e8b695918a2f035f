"""To look around in JupyterLab: lasso points on the map and read them, search, filter, follow a theme to its sources, save a selection.

The only module of widgets. They need a running kernel, so nothing of them goes into the
exported pages: cells tagged ``explore`` are left out there.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import selections, words
from analysis.errors import InputError
from analysis.findings import landscape

SHOWN = 60           # passages listed at once; the count says how many there are
HEIGHT = "420px"
# Widgets keep text on one line and low; people's words need lines.
READABLE = ("<style>.verbatims{white-space:normal;line-height:1.45;overflow-wrap:anywhere}.verbatims figure,.verbatims blockquote{margin:0 0 .4em}"
            ".verbatims figure{padding:.2em .8em;border-left:3px solid #8C8C8C}.verbatims figcaption{font-size:.9em;opacity:.8}</style><div class='verbatims'>")
FILTERS = {"theme": "Theme", "questions": "Question", "barriers": "Barrier", "source": "Source"}


def explore(run, *, folder: str | Path | None = None):
    """A widget on a finished run: the map beside the passages that are selected on it, searched or filtered.

    ``folder`` is where selections are saved; ``selections`` beside the run's folder unless given.
    """
    return Explorer(run, folder=Path(folder) if folder else run.folder.resolve().parent / "selections").widget


def passages_of(run) -> pd.DataFrame:
    """Every passage with its place on the map, its text and all that it can be filtered by; codes and themes as sets of names."""
    names = dict(zip(run.themes["theme_id"], run.themes["name"]))
    parents = run.themes.set_index("theme_id")["parent_id"]
    carried = ["passage_id", "contribution_id", *(name for name in ("less_reliable",) if name in run.passages)]
    table = landscape.placed(run).merge(run.passages[carried], on="passage_id")
    table["theme"] = [_themes(one, names, parents) for one in table["theme_id"]]
    for dimension in ("questions", "barriers"):
        labels = run.framework.codes.query("dimension == @dimension").set_index("code")["label"]
        held = run.mapping[run.mapping["assigned"] & (run.mapping["dimension"] == dimension)]
        sets = held["code"].map(labels).groupby(held["passage_id"]).agg(frozenset)
        table[dimension] = [sets.get(one, frozenset()) for one in table["passage_id"]]
    known = run.contributions.set_index("contribution_id")
    for column in ("source", "contributor", "url", "lang"):
        table[column] = table["contribution_id"].map(known[column]).astype("object")
    return table


def _themes(theme_id: object, names: dict, parents: pd.Series) -> frozenset:
    """The names of a theme and of the broader one above it."""
    found = set()
    while not words.is_missing(theme_id) and theme_id in names:
        found.add(names[theme_id])
        theme_id = parents.get(theme_id)
    return frozenset(found)


class Explorer:
    """The map, the filters, the list and the box to save, kept in step with each other."""

    def __init__(self, run, *, folder: Path):
        import ipywidgets as widgets

        from analysis import figures

        self.run, self.folder, self.table, self.on_map = run, folder, passages_of(run), None
        found = landscape.theme_map(run)
        self.map = None if found.empty else figures.selectable_map(found.table, landscape.broad(run), finding=found.finding, alt=found.alt)
        self.words = widgets.Text(description="Words", placeholder="all of these words", continuous_update=True)
        self.filters = {column: widgets.Dropdown(description=name, options=[("any", ""), *self._values(column)]) for column, name in FILTERS.items()}
        self.count, self.list = widgets.HTML(), widgets.HTML()
        self.note, self.saved = widgets.Text(description="Note", placeholder="why these belong together"), widgets.HTML()
        self.save, self.all = widgets.Button(description="Save selection"), widgets.Button(description="Show all")
        self._listen()
        self._show()
        boxes = [self.words, *self.filters.values(), widgets.HBox([self.all]), self.count]
        beside = widgets.VBox([*boxes, widgets.Box([self.list], layout=widgets.Layout(max_height=HEIGHT, overflow="auto", display="block", margin="0 0 .5rem")),
                               widgets.HBox([self.note, self.save]), self.saved], layout=widgets.Layout(flex="1 1 24rem", min_width="20rem"))
        left = [] if self.map is None else [widgets.Box([self.map], layout=widgets.Layout(flex="0 0 auto"))]
        self.widget = widgets.Box([*left, beside], layout=widgets.Layout(flex_flow="row wrap", display="flex"))

    def _values(self, column: str) -> list[tuple[str, str]]:
        held = {name for one in self.table[column].dropna() for name in (one if isinstance(one, frozenset) else [one])}
        return [(words.shortened(name, 60), name) for name in sorted(held)]

    def _listen(self) -> None:
        for box in (self.words, *self.filters.values()):
            box.observe(lambda _: self._show(), names="value")
        self.save.on_click(lambda _: self._save())
        self.all.on_click(lambda _: self._reset())
        if self.map is not None:
            self.map.observe(lambda change: self._selected(change["new"]), names="selected")

    def _selected(self, passage_ids: list | None) -> None:
        self.on_map = None if passage_ids is None else set(passage_ids)
        self._show()

    def _reset(self) -> None:
        self.on_map, self.words.value = None, ""
        for box in self.filters.values():
            box.value = ""
        if self.map is not None:
            self.map.selected = None
        self._show()

    @property
    def shown(self) -> pd.DataFrame:
        """The passages that are selected on the map and fit the filters."""
        table = self.table if self.on_map is None else self.table[self.table["passage_id"].isin(self.on_map)]
        return selections.fitting(table, words=self.words.value, groups={column: box.value for column, box in self.filters.items()})

    def _show(self) -> None:
        shown = self.shown
        more = f"; the first {SHOWN} are listed" if len(shown) > SHOWN else ""
        where = "selected on the map" if self.on_map is not None else "on the whole map"
        self.list.value = READABLE + "".join(words.quote(row) for row in shown.head(SHOWN).to_dict("records")) + "</div>"
        self.count.value = str(words.say(f"{len(shown):,} of {len(self.table):,} passages, {where}{more}."))

    def _save(self) -> None:
        try:
            path = selections.save(self.shown, self.note.value, folder=self.folder, run_made_at=str(self.run.manifest.get("created_at", "")))
            said = f"{len(self.shown):,} passages were added to {path.parent.name}/{path.name}."
        except InputError as error:
            said = str(error)
        self.saved.value = str(words.say(said))
