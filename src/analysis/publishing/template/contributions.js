"use strict";
// Filter and links. Everything that this adds is extra: without it the words, tables and lists are all there.
(function () {
  // The filter: built here, because without a script it could do nothing.
  var articles = Array.prototype.slice.call(document.querySelectorAll("#all > article"));
  var groups = Array.prototype.slice.call(document.querySelectorAll("#index li[data-group]"));
  var controls = {};

  function of(article) {   // the places of its groups, and its source
    var held = article.dataset.g, bar = held.indexOf("|");
    return { groups: held.slice(0, bar).split(" "), source: held.slice(bar + 1) };
  }

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
      return pair[0].dataset.group === kind;
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
    [["questions", "Question"], ["barriers", "Barrier"], ["aspects", "Aspect"], ["stance", "Kind"], ["themes", "Theme"]].forEach(function (kind) {
      var found = options(kind[0]);
      if (found.length) { form.append(field(kind[0], kind[1], found)); }
    });
    var sources = Array.from(new Set(articles.map(function (a) { return of(a).source; }))).sort();
    form.append(field("source", "Source", sources.map(function (s) { return [s, s.charAt(0).toUpperCase() + s.slice(1)]; })));
    var clear = document.createElement("button");
    clear.type = "reset";
    clear.textContent = "Show all";
    form.addEventListener("reset", function () { only = followed = null; setTimeout(apply, 0); });
    form.append(clear);
    filter.append(form);
    filter.hidden = false;
  }

  var only = null;       // the list behind one number, when such a link was followed
  var followed = null;   // the group whose link was followed, until something else is asked for
  var waiting;
  function later() { followed = only; clearTimeout(waiting); waiting = setTimeout(apply, 200); }

  function number(n) { return n.toLocaleString("en-GB"); }

  function apply() {
    var wanted = ["questions", "barriers", "aspects", "stance", "themes"].filter(function (k) { return controls[k] && controls[k].value; })
      .map(function (k) { return controls[k].value; });
    if (only !== null) { wanted.push(String(only)); }
    var source = controls.source.value;
    var sought = controls.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0, copies = 0;
    articles.forEach(function (one) {
      var held = of(one);
      var fits = (!source || held.source === source) && wanted.every(function (g) { return held.groups.indexOf(g) >= 0; });
      if (fits && sought.length) {
        var text = one.textContent.toLowerCase();
        fits = sought.every(function (word) { return text.indexOf(word) >= 0; });
      }
      one.hidden = !fits;
      count += fits ? 1 : 0;
      copies += fits && /copy of an earlier message/.test(one.lastElementChild.textContent) ? 1 : 0;
    });
    var said = number(count) + " of " + number(articles.length) + " shown" + (followed === null ? "" : ": those behind “" + groups[followed].dataset.label.replace(/^List: /, "") + "”");
    if (copies && count < articles.length) { said += "; " + number(copies) + (copies === 1 ? " is a copy" : " are copies") + " of an earlier message"; }
    document.getElementById("filter-says").textContent = said + "." + (followed === null ? "" : " “Show all” brings back the others.");
  }

  function follow() {
    var target;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch (error) { return; }
    if (!target) { return; }
    if (target.dataset.group && controls.words) {
      var kind = target.dataset.group;
      Object.keys(controls).forEach(function (name) { controls[name].value = ""; });
      followed = groups.indexOf(target);
      only = controls[kind] ? null : followed;
      if (controls[kind]) { controls[kind].value = String(groups.indexOf(target)); }
      apply();
      setTimeout(function () {   // after the browser has opened the index and gone to the entry there
        var says = document.getElementById("filter-says");
        document.getElementById("index").open = false;
        says.scrollIntoView();
        says.focus({ preventScroll: true });
      }, 0);
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
  if (location.hash) {
    follow();
    window.addEventListener("load", function () { setTimeout(follow, 0); });   // a shared link: the browser goes to the index only now
  }
})();
