// The console viewer: draws only the lines in sight, so that a log of a million lines scrolls like one of ten.

const ROW = 20; // pixels, as in console.css
const TALLEST = 12e6; // browsers don't lay out much taller boxes: beyond it, a pixel of scrolling is more than a pixel of log
const WIDEST = 4000; // characters of a line
const STAMPED = /^ *(\d+\.\d{3})(?: @ *(\d+\.\d{3}))? {2}(.*)$/s; // seconds, of the host and perhaps of the device, and the text

/** Where a line's text begins, behind its stamps. */
const textAt = (line) => (line[11] === "@" ? 24 : 12);
const textOf = (line) => line.slice(textAt(line));

class Viewer {
  constructor(onLine) {
    this.onLine = onLine;
    this.log = { lines: [], head: 0, leftOut: 0 };
    this.seen = [0, -1];
    this.culprit = 0;
    this.room = h("div.room");
    this.box = h("div.lines", { tabindex: "0", role: "group", "aria-label": "Lines", scroll: () => this.draw() }, this.room);
    this.empty = h("p.empty", { hidden: true });
    this.matches = h("span.matches", { role: "status" });
    this.find = h("input", {
      type: "search", placeholder: "Find in the console", "aria-label": "Find in the console",
      input: () => this.look(), keydown: (event) => event.key === "Enter" && this.step(event.shiftKey ? -1 : 1),
    });
    this.found = { word: "", rows: [], at: -1 };
    this.tabs = h("span");
    this.file = h("span");
    const controls = h("div.controls", null, this.tabs, this.find, this.matches, this.button("↑", -1), this.button("↓", 1), this.file);
    this.element = h("section.viewer", { "aria-label": "Console" }, controls, this.empty, this.box);
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  button(label, by) {
    return h("button", { type: "button", title: by > 0 ? "Next match" : "Previous match", click: () => this.step(by) }, label);
  }

  show(log) {
    if (this.log === log) return;
    this.log = log;
    this.plainLines = null;
    this.height = log.lines.length * ROW;
    this.room.style.height = `${Math.min(this.height, TALLEST)}px`;
    this.box.style.flexBasis = `${Math.min(this.height + 2 * ROW, 1200)}px`; // no taller than the log; the style sheet keeps it in the window
    this.empty.hidden = log.lines.length > 0;
    this.box.hidden = !log.lines.length;
    this.empty.replaceChildren(log.problem ? `The log is not in this page: ${plain(log.problem)}.` : "The device printed nothing.");
    const link = fileLink(log.path || "");
    this.file.replaceChildren(...(link ? [h("a", { href: link }, "log file")] : []));
    this.box.scrollTop = 0;
    this.look();
  }

  /** How many pixels of log a pixel of scrolling is. */
  get scale() {
    const sight = this.box.clientHeight;
    return this.height > TALLEST ? (this.height - sight) / (TALLEST - sight) : 1;
  }

  numberOf(row) {
    return row < this.log.head ? row + 1 : row === this.log.head ? 0 : row + this.log.leftOut;
  }

  rowOf(number) {
    if (number <= this.log.head) return number - 1;
    return number <= this.log.head + this.log.leftOut ? this.log.head : number - this.log.leftOut;
  }

  /** Marks the lines from `first` to `last` (numbers) and, among these, the one that `headline` quotes; brings them into sight. */
  mark(first, last, headline = "") {
    this.seen = [first, last];
    this.culprit = headline ? this.quotedIn(headline) : 0;
    if (this.culprit) this.bring(this.rowOf(this.culprit), this.rowOf(Math.max(first, this.culprit - 8)));
    else if (last >= first) this.bring(this.rowOf(last), this.rowOf(first));
    else this.draw();
  }

  /** As excerpt.py does it: the last of the marked lines that the headline quotes, or whose panic it tells of, else 0. */
  quotedIn(headline) {
    const [first, last] = this.seen;
    const panic = headline.includes("panic: ") ? headline.slice(headline.indexOf("panic: ") + 7).slice(0, 25) : "";
    let likely = 0;
    for (let number = last; number >= Math.max(first, last - 2000); number--) {
      const text = withoutAnsi(textOf(this.log.lines[this.rowOf(number)] ?? "").slice(0, WIDEST)).trim();
      if (text.length >= 8 && !text.startsWith("-- ") && headline.includes(text)) return number;
      if (panic.length === 25 && text.replace(/\s+/g, " ").includes(panic)) likely ||= number;
    }
    return likely;
  }

  /** Scrolls so that `row` is in sight, and `from` as well where both fit. */
  bring(row, from = row) {
    const sight = this.box.clientHeight || 400;
    const top = Math.max(Math.min(from * ROW - 3 * ROW, row * ROW), (row + 4) * ROW - sight);
    this.box.scrollTop = Math.max(top, 0) / this.scale;
    this.draw();
  }

  draw() {
    const scrolled = this.box.scrollTop;
    const top = scrolled * this.scale;
    const first = Math.max(Math.floor(top / ROW) - 10, 0);
    const last = Math.min(Math.ceil((top + this.box.clientHeight) / ROW) + 10, this.log.lines.length);
    const rows = [];
    for (let row = first; row < last; row++) {
      const line = this.line(row);
      line.style.top = `${scrolled + row * ROW - top}px`;
      rows.push(line);
    }
    this.room.replaceChildren(...rows);
  }

  line(row) {
    const number = this.numberOf(row);
    const raw = this.log.lines[row];
    if (!number) return h("div.line", null, h("span.gap", null, raw));
    const [, time, own, text] = STAMPED.exec(raw) || [null, "", "", raw];
    const shown = text.length > WIDEST ? `${text.slice(0, WIDEST)}… (${text.length - WIDEST} more characters)` : text;
    const looks = [
      time && text.startsWith("-- ") ? "mark" : levelOf(text.slice(0, 60)),
      number >= this.seen[0] && number <= this.seen[1] ? "seen" : "",
      number === this.culprit ? "culprit" : "",
      this.found.rows[this.found.at] === row ? "hit" : "",
    ];
    return h(
      ["div", "line", ...looks.filter(Boolean)].join("."), null,
      h("span.no", { click: () => this.onLine(number), title: "Link to this line" }, String(number)),
      h(own ? "span.at.own" : "span.at", null, own ? `${time} @${own}` : time), h("span.text", null, ...coloured(shown)),
    );
  }

  look() {
    const word = this.find.value.toLowerCase();
    this.plainLines ||= word ? this.log.lines.map((line) => withoutAnsi(line.slice(0, WIDEST)).toLowerCase()) : null;
    const rows = [];
    if (word) this.plainLines.forEach((line, row) => line.includes(word, textAt(line)) && rows.push(row));
    this.found = { word, rows, at: -1 };
    if (rows.length) this.step(1);
    else this.tell();
  }

  step(by) {
    const { rows, at } = this.found;
    if (!rows.length) return;
    this.found.at = at < 0 ? this.nearest(rows) : (at + by + rows.length) % rows.length;
    this.bring(rows[this.found.at]);
    this.tell();
  }

  nearest(rows) {
    const top = (this.box.scrollTop * this.scale) / ROW;
    return Math.max(rows.findIndex((row) => row >= top), 0);
  }

  tell() {
    const { word, rows, at } = this.found;
    this.matches.textContent = !word ? "" : rows.length ? `${at + 1} of ${rows.length}` : "none";
    this.draw();
  }
}
