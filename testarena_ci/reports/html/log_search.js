// The filter's look into the console logs: log by log, each unpacked in pieces, so that the page never stands still.

const SHORTEST = 3; // characters: fewer are in every line
const MOST_HITS = 500; // lines
const PAUSE_AFTER = 12; // milliseconds of work at once
const TYPED = 250; // milliseconds after the last key

const breath = () => new Promise((done) => setTimeout(done));

/** The pieces of a log's text, unpacked as they are asked for. */
async function* textOfBlock(id) {
  const stream = new Blob([bytesOf(byId(id).textContent)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield decoder.decode(part.value, { stream: true });
  yield `${decoder.decode()}\n`;
}

/** Whose lines these are, by device: `whose(device, number)` is a case's entry, or undefined between cases. */
function owners(data, scenario) {
  const spans = scenario.cases.flatMap((test) => test.attempts.flatMap((attempt) => attempt.log
    .filter((span) => span.last >= span.first).map((span) => ({ ...span, entry: data.places.get(test.id) }))));
  const byDevice = new Map();
  for (const span of spans) byDevice.set(span.device, [...(byDevice.get(span.device) || []), span]);
  for (const list of byDevice.values()) list.sort((a, b) => a.first - b.first);
  return (device, number) => {
    const list = byDevice.get(device) || [];
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].first <= number) low = middle + 1; else high = middle;
    }
    return list[low - 1]?.last >= number ? list[low - 1].entry : undefined;
  };
}

class LogSearch {
  constructor(data) {
    this.data = data;
    this.turn = 0;
    this.told = h("p.told", { role: "status" });
    this.list = h("ul");
    this.element = h("section.log-hits", { hidden: true, "aria-label": "In the console logs" }, this.told, this.list);
  }

  /** Looks for lines with all `words`, in the cases that `wanted` lets through; a newer call ends this one. */
  async look(words, wanted) {
    const turn = ++this.turn;
    this.element.hidden = true;
    if (words.join(" ").length < SHORTEST) return;
    await new Promise((done) => setTimeout(done, TYPED));
    if (turn !== this.turn) return;
    this.found = new Map();
    this.hits = 0;
    this.tell("looking …", words);
    this.began = performance.now();
    for (const scenario of this.data.scenarios) {
      for (const log of scenario.logs) {
        if (!this.data.logs[log.path]?.block) continue;
        await this.lookInto(scenario, log, words, wanted, turn);
        if (turn !== this.turn) return;
        if (this.hits >= MOST_HITS) return this.tell(`the first ${count(this.hits, "line")}`, words);
      }
    }
    this.tell(this.hits ? count(this.hits, "line") : "nothing", words);
  }

  async lookInto(scenario, log, words, wanted, turn) {
    const entry = this.data.logs[log.path];
    let [rest, number, whose] = ["", 1, null];
    for await (const piece of textOfBlock(entry.block)) {
      const end = piece.lastIndexOf("\n") + 1;
      const text = withoutAnsi(rest + piece.slice(0, end));
      rest = end ? piece.slice(end) : rest + piece; // a line of megabytes is not looked at before its end
      if (!end) { rest = rest.slice(0, WIDEST); continue; }
      for (const [line, at] of linesWith(text, words)) {
        const row = number + at - 1;
        const place = row < entry.head || !entry.left_out ? row + 1 : row + 1 + entry.left_out;
        whose ||= owners(this.data, scenario);
        const owner = whose(log.device, place);
        if (wanted(owner)) this.add(owner, scenario, log, place, line);
        if (this.hits >= MOST_HITS) return;
      }
      number += newlines(text);
      if (performance.now() - this.began > PAUSE_AFTER) {
        await breath();
        this.began = performance.now();
        if (turn !== this.turn) return;
      }
    }
  }

  add(owner, scenario, log, place, line) {
    const anchor = owner ? owner.test.id : scenario.slug;
    const known = this.found.get(anchor);
    this.hits += 1;
    if (known) known.many += 1;
    else this.found.set(anchor, { name: owner ? `${scenario.name} › ${owner.test.name}` : scenario.name, many: 1, device: log.device, place, line });
  }

  tell(what, words) {
    this.element.hidden = false;
    this.told.textContent = `“${words.join(" ")}” in console logs: ${what}`;
    const device = (hit) => (hit.device ? `:${encodeURIComponent(hit.device)}` : "");
    this.list.hidden = !this.found.size;
    this.list.replaceChildren();
    inPortions(this.list, [...this.found].map(([anchor, hit]) => () => h("li", null,
      h("a", { href: `#${encodeURI(anchor)}${device(hit)}:${hit.place}` }, h("span.name", null, plain(hit.name)),
        h("span.many", null, hit.many > 1 ? `${count(hit.many, "line")}, first ${hit.place}` : `line ${hit.place}`),
        h("code", null, plain(textOf(hit.line)).slice(0, 300))))));
  }
}

function newlines(text) {
  let number = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) number += 1;
  return number;
}

/** Lines of a text with all words, each with its number from 0 on; costs little where one of the words is not. */
function* linesWith(text, words) {
  const low = text.toLowerCase();
  if (!words.every((word) => low.includes(word))) return;
  let [number, counted] = [0, 0];
  for (let at = low.indexOf(words[0]); at >= 0; at = low.indexOf(words[0], at + 1)) {
    const begin = low.lastIndexOf("\n", at) + 1;
    const end = low.indexOf("\n", at);
    number += newlines(low.slice(counted, begin));
    counted = begin;
    if (words.every((word) => low.slice(begin, end).includes(word))) {
      yield [text.slice(begin, Math.min(end, begin + WIDEST)), number];
    }
    at = end;
  }
}
