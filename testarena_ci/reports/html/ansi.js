// A console line as text nodes and coloured spans; ansi.py does the same for the lines that are in the page from the start.

const FLAGS = { 1: "b", 2: "d", 3: "i", 4: "u" };
const ENDS = { 22: ["b", "d"], 23: ["i"], 24: ["u"], 39: ["f"], 49: ["g"] };
const BASES = [[30, "f", 0], [40, "g", 0], [90, "f", 8], [100, "g", 8]];

function coloured(text) {
  if (!text.includes("\x1b")) return [visible(text)];
  const look = {};
  const made = [];
  // eslint-disable-next-line no-control-regex
  text.split(/\x1b\[([0-9;]*)m/).forEach((part, order) => {
    if (order % 2) return applyCodes(look, part.split(";").map(Number));
    const shown = plain(part);
    const classes = Object.values(look).sort().join(".");
    if (shown) made.push(classes ? h(`span.${classes}`, null, shown) : shown);
  });
  return made;
}

function applyCodes(look, codes) {
  while (codes.length) {
    const code = codes.shift();
    if (code === 0) for (const key of Object.keys(look)) delete look[key];
    else if (FLAGS[code]) look[FLAGS[code]] = FLAGS[code];
    else if (ENDS[code]) for (const key of ENDS[code]) delete look[key];
    else if (code === 38 || code === 48) applyExtended(look, code === 38 ? "f" : "g", codes);
    else for (const [base, key, first] of BASES) if (code >= base && code < base + 8) look[key] = `${key}${first + code - base}`;
  }
}

function applyExtended(look, key, codes) {
  const form = codes.shift();
  const values = codes.splice(0, form === 5 ? 1 : form === 2 ? 3 : 0);
  delete look[key];
  if (form === 5 && values[0] < 16) look[key] = `${key}${values[0]}`;
}

/** "error" or "warning" for a line of ESP-IDF's log at that level. */
function levelOf(text) {
  const match = /^([EW]) \(\d+\) /.exec(withoutAnsi(text));
  return match ? { E: "error", W: "warning" }[match[1]] : "";
}
