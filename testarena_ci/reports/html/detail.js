// One case or one scenario: steps at the left, the console beside them; a click on a step marks its lines.

class Detail {
  constructor(data, element) {
    this.data = data;
    this.element = element;
    this.viewer = new Viewer((number) => this.link(number));
    this.device = "";
  }

  /** Shows the case or scenario at `anchor`; `device` and `line` choose a line of a console. */
  async show(anchor, device, line) {
    const { scenario, test } = this.data.places.get(anchor);
    this.anchor = anchor;
    this.scenario = scenario;
    this.headline = "";
    this.sources = this.data.run.properties;
    const parts = test ? this.caseParts(test) : this.scenarioParts(scenario);
    const left = h("div", null, ...parts, againBox(this.data.run, scenario, test), machineBox(scenario));
    const panes = h("div.panes", null, left, scenario.logs.length > 0 && this.viewer.element);
    if (!scenario.logs.length) panes.classList.add("alone");
    if (test?.attempts.length > 1) panes.classList.add("beside");
    this.element.replaceChildren(this.crumbs(scenario, test), this.head(scenario, test), panes);
    document.title = `${plain((test || scenario).name)} – ${document.title.split(" – ").at(-1)}`;
    if (line) await this.mark([{ device: device ?? scenario.logs[0]?.device ?? "", first: line, last: line }]);
    else if (test?.attempts.length) await this.attempt(test.attempts.at(-1), this.columns.at(-1));
    else await this.mark([]);
  }

  crumbs(scenario, test) {
    const { findings, scenarios } = this.data;
    const failing = findings.includes(this.anchor);
    const order = failing ? findings : test ? scenario.cases.map((other) => other.id) : scenarios.map((other) => other.slug);
    const at = order.indexOf(this.anchor);
    const what = failing ? "failure" : test ? "case" : "scenario";
    const link = (target, label) => target && h("a", { href: `#${target}` }, `${label} ${what}`);
    return h("nav.crumbs", { "aria-label": "Where you are" },
      h("a", { href: "#/overview" }, "← All results"), h("span.sep", null, "/"),
      test ? h("a.name", { href: `#${scenario.slug}` }, plain(scenario.name)) : h("span", null, "Scenario"), h("span.spring"),
      order.length > 1 && h("span.note", null, `${what} ${at + 1} of ${order.length}`),
      h("span.pager", null, link(order[at - 1], "Previous"), link(order[at + 1], "Next")));
  }

  head(scenario, test) {
    const shown = test || scenario;
    const facts = [
      place(shown.source), duration(shown.seconds), plain(scenario.machine || scenario.target), ...shown.requirements.map(plain),
      ...Object.entries(scenario.parameters).map(([name, value]) => plain(`${name}=${value}`)),
    ];
    return h("header", null,
      h("div.title", null, sign(test ? look(test) : shown.verdict), h("h1.name", null, plain(shown.name), ...shown.tags.map((tag) => h("span.tag", null, plain(tag))))),
      h("p.about", null, ...facts.filter(Boolean).map((fact) => h("span", null, fact))));
  }

  scenarioParts(scenario) {
    const list = h("ol.step-list");
    inPortions(list, scenario.cases.map((test) => () => h(`li.v-${look(test)}`, null, caseLink(test))));
    return [
      scenario.failure && failureBox(scenario.failure, scenario.verdict, scenario.logs.length > 0, this.sources),
      scenario.doc && h("p.extra", null, plain(scenario.doc)),
      list, ...extras(scenario),
    ];
  }

  caseParts(test) {
    this.buttons = [];
    this.columns = test.attempts.map((attempt) => this.column(test, attempt));
    const many = test.attempts.length > 1 ? ".many" : "";
    const never = test.failure && !test.attempts.length ? [failureBox(test.failure, test.verdict, false, this.sources)] : [];
    return [
      test.skip_reason && h("p.extra", null, `Skipped: ${plain(test.skip_reason)}`),
      test.ticket && h("p.extra", null, `Expected to fail: ${plain(test.ticket)}`),
      test.quarantine && h("p.extra", null, plain(inQuarantine(test))), ...never,
      this.columns.length > 0 && h(`div.tries.in-detail${many}`, null, ...this.columns.map((column) => column.element)),
      ...extras(test),
    ];
  }

  /** An attempt; several stand beside each other, the console below follows the one that was touched last. */
  column(test, attempt) {
    const failure = attempt.failure || attempt.expected;
    const quoted = headline(failure);
    const buttons = attempt.steps.map((step) => this.step(step, attempt, quoted));
    this.buttons.push(...buttons);
    const list = h("ol.step-list", { "aria-label": `Steps of attempt ${attempt.number}` });
    inPortions(list, buttons.map((button) => () => h("li", { class: `v-${button.dataset.verdict}` }, button)));
    const turn = h("button", { type: "button", click: () => this.attempt(attempt, column) },
      sign(attempt.verdict), `Attempt ${attempt.number} ${attempt.verdict}, ${duration(attempt.seconds)}`);
    const column = { turn, buttons };
    column.element = h("section.try", null, test.attempts.length > 1 && turn,
      failure && failureBox(failure, attempt.verdict, this.scenario.logs.length > 0, this.sources),
      attempt.steps.length ? list : h("p.note.extra", null, "No step was recorded."));
    return column;
  }

  async attempt(attempt, column) {
    this.headline = headline(attempt.failure || attempt.expected);
    for (const other of this.columns) other.turn.setAttribute("aria-pressed", String(other === column));
    const failed = attempt.steps.findLastIndex((step) => bad(step.verdict) && filled(step.log));
    if (failed >= 0) return this.choose(attempt.steps[failed], column.buttons[failed]);
    this.current(null);
    return this.mark(attempt.log);
  }

  step(step, attempt, quoted) {
    const offset = Math.max(step.start - attempt.start, 0);
    const phase = step.phase === "case" ? "" : `${plain(step.phase)} · `;
    const made = h("button", { type: "button", class: `indent-${Math.min(step.depth, 4)}`, "data-verdict": step.verdict },
      sign(step.verdict), h("code", null, plain(step.summary)), h("span.seconds", null, duration(step.seconds)),
      h("span.small", null, `${phase}${place(step.source)} · at ${duration(offset)}`),
      step.failure && headline(step.failure) !== quoted && h("span.small.bad", null, plain(headline(step.failure))), spanRow(step, attempt));
    made.addEventListener("click", () => {
      this.headline = quoted;
      this.choose(step, made, true);
    });
    return made;
  }

  current(chosen) {
    for (const button of this.buttons) button.toggleAttribute("aria-current", false);
    chosen?.setAttribute("aria-current", "true");
  }

  async choose(step, button, clicked = false) {
    this.current(button);
    await this.mark(step.log);
    if (clicked && filled(step.log) && matchMedia("(max-width: 60rem)").matches) this.viewer.element.scrollIntoView({ block: "nearest" });
  }

  /** Shows the console that the first of `spans` with lines is of, and marks these. */
  async mark(spans) {
    const span = spans.find((one) => one.last >= one.first || one.whole) || { device: this.device, first: 1, last: 0 };
    const log = this.scenario.logs.find((one) => one.device === span.device) || this.scenario.logs[0];
    if (!log) return;
    this.device = log.device;
    this.tabs(spans.filter((one) => !one.whole));
    const [anchor, read] = [this.anchor, await readLog(this.data, log.path)];
    if (anchor !== this.anchor || this.device !== log.device) return; // somebody went on while it was unpacked
    this.viewer.show(read);
    this.viewer.mark(span.first, span.last, this.headline);
  }

  tabs(spans) {
    const several = this.scenario.logs.length > 1 ? this.scenario.logs : [];
    const turn = (device) => this.mark([...spans.filter((span) => span.device === device), { device, first: 1, last: 0, whole: true }]);
    this.viewer.tabs.replaceChildren(...several.map(({ device }) =>
      h("button", { type: "button", "aria-pressed": String(device === this.device), click: () => turn(device) }, plain(device) || "device")));
  }

  link(number) {
    const device = this.device ? `:${encodeURIComponent(this.device)}` : "";
    history.replaceState(null, "", `#${encodeURI(this.anchor)}${device}:${number}`);
    this.viewer.mark(number, number);
  }
}

const caseLink = (test) => h("a.case-link", { href: `#${test.id}` },
  sign(look(test)), h("span.name", null, plain(test.name)),
  h("span.seconds", null, test.attempts.length ? duration(test.seconds) : ""),
  test.failure && h("span.small.bad", null, plain(headline(test.failure))));

const headline = (failure) => (failure ? failure.message.split("\n", 1)[0] : "");

const filled = (spans) => spans.some((span) => span.last >= span.first);

// Console lines that a message quotes: they are in the console beside it. See excerpt.py.
const QUOTED = /^(?!output)[^\n]*:\n(?:(?: *\d+ \|| +… )[^\n]*(?:\n|$))+/gm;

function inQuarantine(test) {
  const { reason, ticket, until } = test.quarantine;
  const again = test.verdict === "passed" && !test.flaky ? "; it passes again: take it out of quarantine" : "";
  return `In quarantine until ${until}, ${ticket}: ${reason}${again}`;
}

function failureBox(failure, verdict, withConsole, sources) {
  const [headline, ...rest] = failure.message.split("\n");
  const message = headline.startsWith(`${failure.kind}: `) ? headline.slice(failure.kind.length + 2) : headline;
  const details = (withConsole ? rest.join("\n").replace(QUOTED, "") : rest.join("\n")).replace(/^\n+|\n+$/g, "");
  return h(`div.failure.v-${verdict}`, null,
    h("p.message", null, h("span.kind", null, failure.kind), " ", plain(message)),
    failure.code?.length > 0 && h("p.place", null, ...failure.code.slice(0, 3).map((one) => h("code.code", null, ...withPlaces(place(one.source), sources)))),
    details && h("pre.details", { tabindex: "0" }, ...withPlaces(plain(details), sources)));
}

const extra = (title, ...content) => h("section.extra", null, h("h2", null, title), ...content);

function extras(shown) {
  const metrics = (shown.metrics || []).map((metric) => h(outside(metric) ? "li.bad" : "li", null, h("code", null, plain(metric.name)),
    ` ${metric.value ?? "not a number"} ${plain(metric.unit)}${limits(metric)}`));
  const files = shown.artifacts.map(({ name, path }) => h("li", null, fileLink(path) ? h("a", { href: fileLink(path) }, plain(name)) : plain(name)));
  return [
    metrics.length > 0 && extra("Metrics", h("ul", null, ...metrics)),
    shown.notes.length > 0 && extra("Notes", h("ul", null, ...shown.notes.map((note) => h("li.text", null, plain(note))))),
    files.length > 0 && extra("Files", h("ul", null, ...files)),
  ];
}

const outside = ({ value, minimum, maximum }) => value === null || (minimum !== null && value < minimum) || (maximum !== null && value > maximum);

function limits({ minimum, maximum }) {
  const said = [minimum !== null && `≥ ${minimum}`, maximum !== null && `≤ ${maximum}`].filter(Boolean);
  return said.length ? ` (${said.join(", ")})` : "";
}
