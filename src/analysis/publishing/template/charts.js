"use strict";
// Charts are on the screen before this runs. Where pointing at one tells more, plotly draws it anew
// when the reader comes near it; its engine, the heavy part of the file, is unpacked only then.
(function () {
  var dark = window.matchMedia ? window.matchMedia("(prefers-color-scheme: dark)") : { matches: false };
  // The same categories on a dark ground, each at least 4.5:1 against it.
  var swap = { "#12436D": "#6FB1E8", "#28A197": "#3CC4B8", "#801650": "#E58BB8", "#F46A25": "#FF8F57", "#3D3D3D": "#C9C9C9",
    "#A285D1": "#C3AEE8", "#8C8C8C": "#8F949C", "#262626": "#ECECEC", "#FFFFFF": "#16191D", "#D9D9D9": "#3A4048",
    "rgba(255,255,255,0.88)": "rgba(22,25,29,0.88)" };
  var state = document.documentElement.dataset;

  function specification(holder) {
    var text = holder.textContent;
    if (dark.matches) {
      text = text.replace(/#[0-9A-F]{6}\b|rgba\(255,255,255,0\.88\)/g, function (colour) { return swap[colour] || colour; });
    }
    var spec = JSON.parse(text);
    spec.data.forEach(function (trace) { if (trace.customdata && !trace.text) { trace.text = trace.customdata.map(wordsOf); } });
    return spec;
  }

  // The first words of a contribution, for the label of its point. Plotly looks for tags in labels, so signs become entities.
  function wordsOf(number) {
    var article = document.getElementById("k" + number);
    var all = article ? article.firstElementChild.textContent : "";
    all = all.replace(/\s+/g, " ");
    if (all.length > 120) { all = all.slice(0, 120).replace(/ [^ ]*$/, "") + "…"; }
    var lines = all.match(/.{1,44}(?:\s|$)|.{44}/g) || [];
    return lines.join("\n").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\$/g, "&#36;").replace(/\n/g, "<br>");
  }

  function draw(holder) {
    var chart = document.getElementById(holder.dataset.for), place = chart.querySelector(".live"), spec = specification(holder);
    return Plotly.react(place, spec.data, spec.layout, spec.config).then(function () {
      if (!chart.classList.contains("drawn")) {
        place.on("plotly_click", function (event) {     // a point leads to the contribution it stands for
          var number = event.points.length && event.points[0].customdata;
          if (number) { location.hash = "#k" + number; }
        });
      }
      chart.classList.add("drawn");
      // Inside role=img nothing can be reached by keyboard; say so to the rest of the page too.
      place.querySelectorAll("[tabindex], a").forEach(function (one) { one.setAttribute("tabindex", "-1"); });
    }).catch(function (error) {
      console.error(error);
      if (chart.classList.contains("bare")) { chart.textContent = "The chart could not be drawn; its numbers are in the table below."; }
    });
  }

  var engine;
  function ready() {
    engine = engine || unpacked();
    return engine;
  }

  function unpacked() {
    var holder = document.getElementById("engine");
    var packed = Uint8Array.from(atob(holder.textContent.trim()), function (c) { return c.charCodeAt(0); });
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(function (source) {
      var script = document.createElement("script");
      script.textContent = source;      // allowed by its hash in the policy, and by nothing else
      document.head.appendChild(script);
      script.remove();
      holder.remove();
    });
  }

  var holders = Array.prototype.slice.call(document.querySelectorAll("script.chart-data"));
  if (!holders.length || !window.DecompressionStream || !window.IntersectionObserver) {
    state.charts = "none";
    return;
  }
  state.charts = "waiting";
  var left = holders.length;
  var near = new IntersectionObserver(function (seen) {
    seen.forEach(function (one) {
      if (!one.isIntersecting) { return; }
      near.unobserve(one.target);
      var holder = holders.find(function (h) { return h.dataset.for === one.target.id; });
      ready().then(function () { return draw(holder); }).then(function () {
        left -= 1;
        if (!left) { state.charts = "drawn"; }
      });
    });
  }, { rootMargin: "400px 0px" });
  // The words come first: nothing is looked at until the page has been put on the screen.
  function watch() { holders.forEach(function (holder) { near.observe(document.getElementById(holder.dataset.for)); }); }
  function afterwards() { requestAnimationFrame(function () { setTimeout(watch, 50); }); }
  if (document.readyState === "complete") { afterwards(); } else { window.addEventListener("load", afterwards); }
  if (dark.addEventListener) {
    dark.addEventListener("change", function () {
      holders.forEach(function (holder) { if (document.getElementById(holder.dataset.for).classList.contains("drawn")) { draw(holder); } });
    });
  }
})();
