"use strict";
// Charts are on the screen before this runs. Where pointing at one tells more, plotly draws it anew
// when the reader comes near it; its engine, the heavy part of the file, is unpacked only then.
(function () {
  var dark = window.matchMedia ? window.matchMedia("(prefers-color-scheme: dark)") : { matches: false };
  // The same categories on a dark ground, each at least 3:1 against it, and told apart by people who see colours differently; page.css has the same.
  var swap = { "#12436D": "#5EB0F2", "#28A197": "#4DDAA5", "#801650": "#E583AF", "#F46A25": "#F98026", "#3D3D3D": "#C9C9C9",
    "#A285D1": "#D2B7EB", "#5E4B00": "#E2C57E", "#8C8C8C": "#757B84", "#262626": "#ECECEC", "#FFFFFF": "#16191D", "#D9D9D9": "#3A4048",
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
      hint(chart, "Point at a dot, or tap it, to see how that contribution begins; press it to read the whole.");
      // Inside role=img nothing can be reached by keyboard; say so to the rest of the page too.
      place.querySelectorAll("[tabindex], a").forEach(function (one) { one.setAttribute("tabindex", "-1"); });
    }).catch(function (error) {
      console.error(error);
      if (chart.classList.contains("bare")) { chart.textContent = "The chart could not be drawn; its numbers are in the table below."; }
    });
  }

  var engine;
  function ready() {
    engine = engine || unpacked().then(idle).then(run);
    return engine;
  }

  // Text of 85 signs (those of RFC 1924, with / in place of <, which could end the element) back to bytes.
  // A plain loop: a function called for each of a million signs takes most of a second on a phone.
  function bytes(text) {
    var signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;/=>?@^_`{|}~";
    var value = new Uint8Array(128), made = new Uint8Array(Math.floor(text.length * 4 / 5)), at = 0;
    for (var sign = 0; sign < signs.length; sign += 1) { value[signs.charCodeAt(sign)] = sign; }
    for (var from = 0; from < text.length; from += 5) {
      var sum = 0;
      for (var place = from; place < from + 5; place += 1) { sum = sum * 85 + (place < text.length ? value[text.charCodeAt(place)] : 84); }
      for (var shift = 24; shift >= 0; shift -= 8) { made[at] = sum >>> shift; at += 1; }   // what is past the end is not kept
    }
    return made;
  }

  function unpacked() {
    var holder = document.getElementById("engine"), packed = bytes(holder.textContent.trim());
    holder.remove();
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // Running the engine holds everything up for a second or more: not while somebody scrolls or types.
  function idle(source) {
    return new Promise(function (go) {
      (window.requestIdleCallback || setTimeout)(function () { go(source); }, { timeout: 1000 });
    });
  }

  function run(source) {
    var script = document.createElement("script");
    script.textContent = source;      // allowed by its hash in the policy, and by nothing else
    document.head.appendChild(script);
    script.remove();
  }

  // What a map can do is said where it can be done.
  function hint(chart, text, press) {
    var said = document.getElementById(chart.id + "-hint") || document.createElement("p");
    said.id = chart.id + "-hint";
    said.className = "made";
    said.textContent = press ? "" : text;
    if (press) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", function () { hint(chart, "One moment."); press(); });
      said.append(button);
    }
    chart.after(said);
  }

  function live(holder) {
    ready().then(function () { return draw(holder); }).then(function () {
      left -= 1;
      if (!left) { state.charts = "drawn"; }
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
      live(holders.find(function (h) { return h.dataset.for === one.target.id; }));
    });
  }, { rootMargin: "1000px 0px" });
  // A phone cannot point, and takes seconds for the engine: there somebody has to ask for it.
  var points = !window.matchMedia || !window.matchMedia("(hover: none)").matches;
  function watch() {
    holders.forEach(function (holder) {
      var chart = document.getElementById(holder.dataset.for);
      if (points || chart.classList.contains("bare")) { near.observe(chart); } else { hint(chart, "Make the dots answer to a tap", function () { live(holder); }); }
    });
  }
  // The words come first: nothing is looked at until the page has been put on the screen.
  function afterwards() { requestAnimationFrame(function () { setTimeout(watch, 50); }); }
  if (document.readyState === "complete") { afterwards(); } else { window.addEventListener("load", afterwards); }
  if (dark.addEventListener) {
    dark.addEventListener("change", function () {
      holders.forEach(function (holder) { if (document.getElementById(holder.dataset.for).classList.contains("drawn")) { draw(holder); } });
    });
  }
})();
