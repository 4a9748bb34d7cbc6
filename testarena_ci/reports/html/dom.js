// Elements and words. Texts only ever become text nodes: nothing in this page can turn a text into markup.

const SVG = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);

/** h("p.note", {hidden: true}, "text", element, ...): an element; falsy children are left out. */
function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const made = document.createElement(tag || "div");
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child || child === 0));
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const sign = (verdict) =>
  svg("svg", { class: `sign v-${verdict}`, role: "img", "aria-label": verdict }, svg("use", { href: `#i-${verdict}` }));

/** What can't be seen, or reorders what stands beside it, as \x00 or \u202e; the same as text.py's `visible`. */
const visible = (text) =>
  text.replace(
    // eslint-disable-next-line no-control-regex
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => {
      const code = character.charCodeAt(0).toString(16);
      return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
    },
  );

const withoutAnsi = (text) =>
  // eslint-disable-next-line no-control-regex
  text.includes("\x1b") ? text.replace(/\x1b(?:\[[0-?]*[ -/]*(?:[@-~]|$)|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g, "") : text;

const plain = (text) => visible(withoutAnsi(text));

function duration(seconds) {
  if (Math.round(seconds * 1000) < 1000) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const count = (number, noun) => `${number.toLocaleString("en").replaceAll(",", "\u202f")} ${noun}${number === 1 ? "" : "s"}`;

const place = (source) => plain([source.file, source.line, source.column].filter(Boolean).join(":"));

/** The look of a case: its verdict, or what makes it another one to people. */
const look = (test) => (test.quarantined ? "quarantined" : test.flaky ? "flaky" : test.verdict);

const bad = (verdict) => verdict === "failed" || verdict === "error";

/** The address of a file in the report folder, "" for a path that leaves it: as links.py does. */
function fileLink(path) {
  const parts = path.split("/").filter((part) => part && part !== ".");
  if (!parts.length || path.startsWith("/") || parts.includes("..") || path.includes("\\") || path.includes("\0")) return "";
  return `./${parts.map((part) => encodeURIComponent(part.toWellFormed ? part.toWellFormed() : part)).join("/")}`;
}

// As in links.py
const PLACE = /(?<![\w/.:+-])((?:[\w.+-]+\/)*[\w.+-]+\.(?:c|cc|cpp|cxx|h|hh|hpp|S|s|ino|rs|py|xml)):(\d{1,7})(?!\w)/g;

/** A path from the checkout's root, "" for one that leaves it. */
function withinCheckout(path, folder) {
  const parts = [];
  for (const part of [...(folder || "").split("/"), ...path.split("/")]) {
    if (part === "..") {
      if (!parts.length) return "";
      parts.pop();
    } else if (part && part !== ".") parts.push(part);
  }
  return path.startsWith("/") ? "" : parts.map(encodeURIComponent).join("/");
}

/** The text with places in sources as links to their pages on the forge, where the run's properties tell that. */
function withPlaces(text, { source_url: base, folder }) {
  if (!/^https?:\/\/[\w.:[\]-]+(\/[!-~]*)?$/.test(base || "")) return [text];
  const made = [];
  let end = 0;
  for (const match of text.matchAll(PLACE)) {
    const path = withinCheckout(match[1], folder);
    if (!path) continue;
    made.push(text.slice(end, match.index), h("a", { href: `${base}${path}#L${match[2]}` }, match[0]));
    end = match.index + match[0].length;
  }
  return [...made, text.slice(end)];
}

const PORTION = 100; // rows drawn at once: a list of ten thousand costs what a list of a hundred costs

/** Appends what `makers` make, in portions: the first at once, each other on a click. */
function inPortions(parent, makers) {
  parent.append(...makers.slice(0, PORTION).map((make) => make()));
  const rest = makers.slice(PORTION);
  if (!rest.length) return;
  const more = h("button.more", { type: "button", click: () => { item.remove(); inPortions(parent, rest); } },
    `Show ${Math.min(PORTION, rest.length)} more of ${rest.length}`);
  const item = parent.matches("ul, ol") ? h("li", null, more) : more;
  parent.append(item);
}
