
"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const list = document.getElementById("list");
  const none = document.getElementById("none");
  const shown = document.getElementById("shown");
  const [query, clause, folder, order] = ["q", "clause", "folder", "order"].map((id) => document.getElementById(id));
  const boxes = [...form.querySelectorAll("input[name=severity]")];
  const clauses = [...list.querySelectorAll(".group")];
  const levels = ["note", "warning", "error"];

  const findings = clauses.flatMap((group) =>
    [...group.querySelectorAll("article")].map((element, place) => ({
      element,
      place,
      group,
      id: element.id,
      severity: element.dataset.severity,
      path: element.dataset.path,
      folder: element.dataset.folder,
      clause: group.dataset.clause,
      time: Date.parse(element.dataset.date) || 0,
      text: `${element.textContent} ${group.firstElementChild.textContent}`.toLowerCase(),
    })),
  );

  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const month = new Intl.DateTimeFormat("en", { year: "numeric", month: "long", timeZone: "UTC" });
  const orders = {
    clause: null,
    path: { key: (each) => each.path, sort: (a, b) => compare(a.path, b.path) || a.place - b.place },
    severity: {
      key: (each) => `${each.severity}s`,
      sort: (a, b) => levels.indexOf(b.severity) - levels.indexOf(a.severity) || compare(a.path, b.path),
    },
    date: {
      key: (each) => (each.time ? month.format(each.time) : "Unknown"),
      sort: (a, b) => b.time - a.time || compare(a.path, b.path),
    },
  };

  let arranged = "clause";
  let made = [];

  function arrange(wanted) {
    if (wanted === arranged) return;
    arranged = wanted;
    for (const group of made) group.remove();
    made = [];
    if (wanted === "clause") {
      for (const each of findings) each.group.append(each.element);
      return;
    }
    const { key, sort } = orders[wanted];
    let group = null;
    for (const each of [...findings].sort(sort)) {
      const name = key(each);
      if (group?.dataset.name !== name) {
        group = document.createElement("section");
        group.className = "group";
        group.dataset.name = name;
        const heading = document.createElement("h3");
        heading.append(wanted === "path" ? document.createElement("code") : document.createElement("span"));
        heading.firstElementChild.textContent = name;
        group.append(heading);
        list.insertBefore(group, none);
        made.push(group);
      }
      group.append(each.element);
    }
  }

  function apply() {
    arrange(order.value);
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const each of findings) {
      const fits =
        severities.has(each.severity) &&
        (!clause.value || each.clause === clause.value) &&
        (!folder.value || each.folder === folder.value) &&
        words.every((word) => each.text.includes(word));
      each.element.hidden = !fits;
      count += fits;
    }
    for (const group of [...clauses, ...made]) group.hidden = !group.querySelector("article:not([hidden])");
    none.hidden = count > 0;
    shown.textContent = `${count.toLocaleString("en")} of ${findings.length.toLocaleString("en")} shown`;
  }

  // The filter is part of the address, so that a filtered list can be linked to: #?q=npm&order=path
  function remember() {
    const state = new URLSearchParams();
    if (query.value) state.set("q", query.value);
    for (const each of [clause, folder]) if (each.value) state.set(each.id, each.value);
    if (order.value !== "clause") state.set("order", order.value);
    const off = boxes.filter((box) => !box.checked).map((box) => box.value);
    if (off.length) state.set("without", off.join(","));
    const words = state.toString();
    history.replaceState(null, "", words ? `#?${words}` : "#findings");
  }

  function choose(select, value) {
    select.value = value ?? "";
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  function show(state) {
    const without = (state.get("without") ?? "").split(",");
    query.value = state.get("q") ?? "";
    for (const each of [clause, folder, order]) choose(each, state.get(each.id));
    for (const box of boxes) box.checked = !without.includes(box.value);
    apply();
  }

  function follow() {
    if (location.hash.startsWith("#?")) {
      show(new URLSearchParams(location.hash.slice(2)));
      document.getElementById("findings").scrollIntoView();
      return;
    }
    const target = document.getElementById(decode(location.hash.slice(1)));
    if (!target || !list.contains(target)) return;
    const whole = target.matches(".group");
    if (target.closest("[hidden]") || (whole && (order.value !== "clause" || target.querySelector("article[hidden]")))) {
      show(new URLSearchParams());
    }
    target.scrollIntoView();
    if (!whole) target.focus({ preventScroll: true });
  }

  function decode(name) {
    try {
      return decodeURIComponent(name);
    } catch {
      return name;
    }
  }

  function step(by) {
    const visible = [...list.querySelectorAll("article:not([hidden])")];
    const at = visible.indexOf(document.activeElement?.closest("article"));
    const next = at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by;
    visible[Math.max(0, Math.min(next, visible.length - 1))]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === query && query.value) {
      query.value = "";
      apply();
      remember();
      event.preventDefault();
    }
    if (event.target.matches?.("input, select, textarea")) return;
    if (event.key === "/") query.focus();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-folder]");
    if (!link) return;
    event.preventDefault();
    choose(folder, link.dataset.folder);
    apply();
    remember();
    document.getElementById("findings").scrollIntoView();
  });

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    apply();
    remember();
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    show(new URLSearchParams());
    remember();
  });
  addEventListener("hashchange", follow);

  form.hidden = false;
  apply();
  follow();
})();
