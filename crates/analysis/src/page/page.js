"use strict";

// A click on a heading sorts the table: first descending for numbers and ascending for text, then reversed, then in the
// original order. Rows without a number stay at the end. Rows stay below the heading of their environment.
for (const table of document.querySelectorAll("table")) {
  const bodies = [...table.tBodies].filter((body) => !body.classList.contains("head"));
  const original = bodies.map((body) => [...body.rows]);
  const rows = original.flat();
  if (rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const number = (row) => {
      const written = row.cells[column].dataset.number;
      return written === undefined ? null : Number(written);
    };
    const words = (row) => row.cells[column].textContent;
    const numeric = rows.some((row) => number(row) !== null);
    const compare = (first, second) => numeric
      ? number(first) - number(second)
      : words(first).localeCompare(words(second), "en", { numeric: true });
    const missing = (row) => numeric && number(row) === null;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const states = numeric ? ["descending", "ascending", null] : ["ascending", "descending", null];
      const next = states[(states.indexOf(heading.getAttribute("aria-sort")) + 1) % states.length];
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (next) heading.setAttribute("aria-sort", next);
      const sign = next === "descending" ? -1 : 1;
      const order = (first, second) =>
        missing(first) - missing(second) || (missing(first) ? 0 : sign * compare(first, second));
      bodies.forEach((body, index) => {
        const rows = [...original[index]];
        body.append(...(next ? rows.sort(order) : rows));
      });
    });
  });
}

// Figures show the exact numbers of the point nearest to the pointer, or of the point chosen with the arrow keys.
const MAX_DISTANCE = 90; // in pixels of the figure
for (const plot of document.querySelectorAll(".plot")) {
  const data = plot.querySelector("script");
  if (!data) continue;
  const svg = plot.querySelector("svg");
  const tooltips = JSON.parse(data.textContent);
  const ring = document.createElementNS(svg.namespaceURI, "circle");
  ring.setAttribute("r", "24");
  ring.setAttribute("class", "ring");
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  plot.append(tip);
  let shown = -1;

  const hide = () => {
    shown = -1;
    tip.hidden = true;
    ring.remove();
  };
  const show = (index) => {
    shown = index;
    const [x, y, , text] = tooltips[index];
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", y);
    svg.append(ring);
    tip.textContent = text;
    tip.hidden = false;
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const room = plot.scrollWidth - tip.offsetWidth;
    const above = y * scale - tip.offsetHeight - 18;
    tip.style.left = `${Math.max(0, Math.min(x * scale - tip.offsetWidth / 2, room))}px`;
    tip.style.top = `${above >= 0 ? above : y * scale + 18}px`;
  };
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [left, top] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let best = -1;
    let minimum = MAX_DISTANCE;
    tooltips.forEach(([x, y, reach], index) => {
      const distance = Math.hypot(Math.max(0, Math.abs(left - x) - reach), top - y);
      if (distance < minimum) [best, minimum] = [index, distance];
    });
    return best;
  };

  for (const kind of ["pointermove", "pointerdown"]) {
    svg.addEventListener(kind, (event) => {
      const index = nearest(event);
      if (index < 0) hide();
      else if (index !== shown) show(index);
    });
  }
  svg.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") hide();
  });
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) show((shown + (shown < 0 && step < 0 ? 0 : step) + tooltips.length) % tooltips.length);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
  });
}
