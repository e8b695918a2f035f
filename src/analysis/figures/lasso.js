// The map as a widget. The kernel is told of nothing but what is selected: a message for each point that the mouse
// passes would overtake the selection, because of messages that wait for the kernel only the latest is sent.

// This module is small so that it is there at once; plotly is unpacked after that, once for all maps of a page.
function engine(source) {
  globalThis.reckonsPlotly ??= import(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))).then(() => globalThis.Plotly);
  return globalThis.reckonsPlotly;
}

export default {
  async render({ model, el }) {
    const plotly = await engine(model.get("plotly"));
    const { data, layout, config } = structuredClone(model.get("figure"));
    const place = el.appendChild(document.createElement("div"));
    const tell = (chosen) => { model.set("selected", chosen); model.save_changes(); };
    const forget = () => {
      if (model.get("selected") === null) plotly.update(place, { selectedpoints: [null] }, { selections: [] });
    };
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", model.get("alt"));
    await plotly.newPlot(place, data, layout, config);
    place.on("plotly_selected", (event) => {  // also said, with no points and no lasso, when a lasso is taken away
      if (event?.lassoPoints || event?.range) tell(event.points.map((point) => data[0].ids[point.pointNumber]));
    });
    place.on("plotly_deselect", () => tell(null));
    model.on("change:selected", forget);
    place.dataset.listening = "";
    return () => { model.off("change:selected", forget); plotly.purge(place); };
  },
};
