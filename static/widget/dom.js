// Elements without a template language: attributes from objects, text only ever as text.

const SVG = "http://www.w3.org/2000/svg";

/** An element; `on*` attributes are listeners, booleans are present or absent, null is left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

const SHAPES = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  compose: "M12 20h8M4 20l1-4L16 5l3 3L8 19z",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  good: "M7 10v10H4V10zM7 10l4-7c1.500 0 2.500 1 2.200 2.600L12.600 9H19a1.500 1.500 0 0 1 1.500 1.800l-1.400 7.500A2 2 0 0 1 17.100 20H7",
  bad: "M17 14V4h3v10zM17 14l-4 7c-1.500 0-2.500-1-2.200-2.600l.6-3.400H5a1.500 1.500 0 0 1-1.500-1.800l1.400-7.500A2 2 0 0 1 6.900 4H17",
  spark: "M12 4l1.800 5.200L19 11l-5.200 1.800L12 18l-1.800-5.200L5 11l5.200-1.800z",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" })) svg.setAttribute(key, value);
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

/** Make `box` hold what `fragment` holds, leaving equal nodes from the start alone: what is read stays put. */
export function patch(box, fragment) {
  const fresh = [...fragment.childNodes];
  const old = [...box.childNodes];
  let same = 0;
  while (same < fresh.length && same < old.length && old[same].isEqualNode(fresh[same])) same += 1;
  for (const node of old.slice(same)) node.remove();
  box.append(...fresh.slice(same));
}
