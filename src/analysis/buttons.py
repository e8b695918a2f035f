"""The desk's buttons: the only place that knows ipywidgets."""

from __future__ import annotations

from analysis import words
from analysis.errors import ReckonsError

WRAP = {"flex_flow": "row wrap", "width": "100%"}


def buttons(desk):
    """A box with the passage (escaped), a button per code, a note, and what to do with it; saving appends a row."""
    import ipywidgets as widgets

    text, status, why = widgets.HTML(), widgets.HTML(), widgets.HTML()
    who = widgets.Text(description="Who", placeholder="name or initials")
    note = widgets.Text(description="Note", layout={"width": "100%"})
    codes = {row.code: widgets.ToggleButton(description=row.label, tooltip=row.definition, layout={"width": "auto"})
             for row in desk.framework.codes.itertuples()}
    groups = [widgets.VBox([widgets.HTML(f"<b>{words.escaped(desk.framework.labels.get(dimension, dimension))}</b>"),
                            widgets.HBox([codes[code] for code in desk.framework.codes_of(dimension)], layout=WRAP)])
              for dimension in desk.framework.dimensions]
    asked = widgets.Dropdown(description="Code", options=[(row.label, row.code) for row in desk.framework.codes.itertuples()])
    actions = {name: widgets.Button(description=name, button_style=style, layout={"width": "auto"}) for name, style in
               (("Save and next", "primary"), ("No code applies", ""), ("Skip", ""), ("Why?", ""))}

    def refresh():
        over = desk.passage is None
        text.value = f"<p>{_place(desk)}</p>" + ("" if over else f"<blockquote dir='auto' style='font-size:1.15em'>{words.escaped(desk.passage['text'])}</blockquote>")
        for code, button in codes.items():
            button.value, button.disabled = code in desk.suggested, over
        for button in actions.values():
            button.disabled = over
        note.value = why.value = ""

    def attempt(action):
        def clicked(_):
            try:
                status.value = f"<p role='status'>{words.escaped(action())}</p>"
                return
            except ReckonsError as error:  # an exception in a callback would otherwise vanish
                status.value = f"<p role='alert'><b>{words.escaped(error)}</b></p>"
        return clicked

    def save(chosen):
        row = desk.save(chosen, who=who.value, note=note.value)
        refresh()
        return f"Saved: {row['passage_id']}, " + (", ".join(row[d] for d in desk.framework.dimensions if row[d]) or "no code") + "."

    def skip():
        desk.skip()
        refresh()
        return "Skipped; nothing was saved."

    def ask():
        why.value = desk.why(asked.value)._repr_html_()
        return ""

    actions["Save and next"].on_click(attempt(lambda: save([code for code, button in codes.items() if button.value])))
    actions["No code applies"].on_click(attempt(lambda: save([])))
    actions["Skip"].on_click(attempt(skip))
    actions["Why?"].on_click(attempt(ask))
    refresh()
    return widgets.VBox([who, text, *groups, note, widgets.HBox([*list(actions.values())[:3], asked, actions["Why?"]], layout=WRAP), status, why])


def _place(desk) -> str:
    if desk.passage is None:
        return f"That was the last of {len(desk.order)}. Saved in this sitting: {desk.saved}. Run the notebook again for a new order."
    return f"Passage {desk.place + 1} of {len(desk.order)}; saved in this sitting: {desk.saved}. The codes that are set are the mapping's suggestion." + (
        " It is in a language that the encoder does not read, so nothing is suggested." if desk.passage.get("less_reliable", False) in (True,) else "")
