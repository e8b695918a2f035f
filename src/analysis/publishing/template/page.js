"use strict";
// Charts, filter and links. Everything that this adds is extra: without it the words, tables and lists are all there.
(function () {
  var dark = window.matchMedia ? window.matchMedia("(prefers-color-scheme: dark)") : { matches: false };
  var printing = false;
  // The same categories on a dark ground, each at least 4.5:1 against it.
  var swap = { "#12436D": "#6FB1E8", "#28A197": "#3CC4B8", "#801650": "#E58BB8", "#F46A25": "#FF8F57", "#3D3D3D": "#C9C9C9",
    "#A285D1": "#C3AEE8", "#8C8C8C": "#8F949C", "#262626": "#ECECEC", "#FFFFFF": "#16191D", "#D9D9D9": "#3A4048",
    "rgba(255,255,255,0.88)": "rgba(22,25,29,0.88)" };

  function specification(holder) {
    var text = holder.textContent;
    if (dark.matches && !printing) {
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

  function draw(place) {
    var holder = document.querySelector("script.chart-data[data-for='" + place.id + "']");
    var spec = specification(holder);
    return Plotly.react(place, spec.data, spec.layout, spec.config).then(function () {
      place.classList.add("drawn");
      // Inside role=img nothing can be reached by keyboard; say so to the rest of the page too.
      place.querySelectorAll("[tabindex], a").forEach(function (one) { one.setAttribute("tabindex", "-1"); });
    });
  }

  function drawAll() {
    var places = Array.prototype.slice.call(document.querySelectorAll(".chart"));
    var height = window.innerHeight;
    places.sort(function (a, b) { return distance(a) - distance(b); });
    function distance(place) { var top = place.getBoundingClientRect().top; return top < 0 ? height - top : top; }
    (function next() {
      var place = places.shift();
      if (!place) { document.documentElement.dataset.charts = "drawn"; return; }
      Promise.resolve().then(function () { return draw(place); }).catch(function (error) {
        place.textContent = "The chart could not be drawn; its numbers are in the table below.";
        console.error(error);
      }).then(function () { setTimeout(next, 0); });
    })();
  }

  function start() {
    var holder = document.getElementById("engine");
    if (!document.querySelector(".chart") || !window.DecompressionStream) {
      document.documentElement.dataset.charts = "none";
      return;
    }
    var packed = Uint8Array.from(atob(holder.textContent.trim()), function (c) { return c.charCodeAt(0); });
    new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(function (source) {
      var script = document.createElement("script");
      script.textContent = source;      // allowed by its hash in the policy, and by nothing else
      document.head.appendChild(script);
      script.remove();
      holder.remove();
      drawAll();
    });
  }

  // The filter: built here, because without a script it could do nothing.
  var articles = Array.prototype.slice.call(document.querySelectorAll("#all > article"));
  var groups = Array.prototype.slice.call(document.querySelectorAll("#index li[data-group]"));
  var controls = {};

  function field(name, text, options) {
    var box = document.createElement("p");
    var label = document.createElement("label");
    label.htmlFor = "filter-" + name;
    label.textContent = text;
    var control = document.createElement(options ? "select" : "input");
    control.id = "filter-" + name;
    if (options) {
      options.unshift(["", "any"]);
      options.forEach(function (one) { control.add(new Option(one[1], one[0])); });
    } else {
      control.type = "search";
      control.autocomplete = "off";
    }
    control.addEventListener(options ? "change" : "input", later);
    box.append(label, control);
    controls[name] = control;
    return box;
  }

  function options(kind) {
    return groups.map(function (one, place) { return [one, place]; }).filter(function (pair) {
      return pair[0].dataset.group.indexOf(kind + "/") === 0;
    }).map(function (pair) { return [String(pair[1]), pair[0].dataset.label.replace(/^[A-Za-z]+: /, "")]; });
  }

  function build() {
    var filter = document.getElementById("filter");
    if (!filter || !articles.length) { return; }
    var form = document.createElement("form");
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", "Filter contributions");
    form.addEventListener("submit", function (event) { event.preventDefault(); apply(); });
    form.append(field("words", "Words"));
    [["questions", "Question"], ["barriers", "Barrier"], ["aspects", "Aspect"], ["themes", "Theme"]].forEach(function (kind) {
      var found = options(kind[0]);
      if (found.length) { form.append(field(kind[0], kind[1], found)); }
    });
    var sources = Array.from(new Set(articles.map(function (a) { return a.dataset.s; }))).sort();
    form.append(field("source", "Source", sources.map(function (s) { return [s, s.charAt(0).toUpperCase() + s.slice(1)]; })));
    var clear = document.createElement("button");
    clear.type = "reset";
    clear.textContent = "Show all";
    form.addEventListener("reset", function () { setTimeout(apply, 0); });
    form.append(clear);
    filter.append(form);
    filter.hidden = false;
  }

  var waiting;
  function later() { clearTimeout(waiting); waiting = setTimeout(apply, 200); }

  function apply() {
    var wanted = ["questions", "barriers", "aspects", "themes"].filter(function (k) { return controls[k] && controls[k].value; })
      .map(function (k) { return controls[k].value; });
    var source = controls.source.value;
    var sought = controls.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    articles.forEach(function (one) {
      var of = one.dataset.g.split(" ");
      var fits = (!source || one.dataset.s === source) && wanted.every(function (g) { return of.indexOf(g) >= 0; });
      if (fits && sought.length) {
        var text = one.textContent.toLowerCase();
        fits = sought.every(function (word) { return text.indexOf(word) >= 0; });
      }
      one.hidden = !fits;
      count += fits ? 1 : 0;
    });
    document.getElementById("filter-says").textContent = count.toLocaleString("en-GB") + " of " + articles.length.toLocaleString("en-GB") + " shown.";
  }

  function follow() {
    var target;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch (error) { return; }
    if (!target) { return; }
    if (target.dataset.group && controls.words) {
      var kind = target.dataset.group.split("/")[0];
      Object.keys(controls).forEach(function (name) { controls[name].value = ""; });
      controls[kind].value = String(groups.indexOf(target));
      apply();
      document.getElementById("contributions").scrollIntoView();
      controls[kind].focus({ preventScroll: false });
    } else if (target.hidden) {
      document.querySelector("#filter form").reset();
      target.hidden = false;
      target.scrollIntoView();
    }
  }

  build();
  window.addEventListener("hashchange", follow);
  document.addEventListener("click", function (event) {   // the same link twice changes no address
    var link = event.target.closest && event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) { setTimeout(follow, 0); }
  });
  if (location.hash) { follow(); }
  function again() { if (window.Plotly) { drawAll(); } }
  if (dark.addEventListener) { dark.addEventListener("change", again); }
  window.addEventListener("beforeprint", function () { if (window.Plotly && dark.matches) { printing = true; drawAll(); } });
  window.addEventListener("afterprint", function () { if (printing) { printing = false; drawAll(); } });
  // The words come first: the charts wait until the page has been put on the screen.
  function afterwards() { requestAnimationFrame(function () { setTimeout(start, 50); }); }
  if (document.readyState === "complete") { afterwards(); } else { window.addEventListener("load", afterwards); }
})();
