// All cases, by scenario, with a filter. Groups draw their cases when they open, and long lists in portions.

const OPEN_AT_ONCE = 60; // cases: a run as small as this needs no clicks

class Explorer {
  constructor(data) {
    this.data = data;
    this.state = "all";
    this.input = h("input", {
      type: "search", id: "filter", placeholder: "Filter by name, tag, file, requirement, message, log text", "aria-label": "Filter cases",
      autocomplete: "off", spellcheck: "false", input: () => this.draw(),
    });
    this.states = h("div.states", { role: "group", "aria-label": "Show" }, ...this.chips());
    this.order = h("select", { "aria-label": "Order", change: () => this.draw() },
      h("option", { value: "run" }, "In order"), h("option", { value: "slow" }, "Slowest first"));
    this.told = h("p.unseen", { role: "status" });
    this.groups = h("div.groups");
    this.logs = new LogSearch(data);
    this.element = h("div", null, h("div.explore", null, this.input, this.states, this.order), this.told, this.groups, this.logs.element);
    this.draw();
  }

  chips() {
    const { counts } = this.data.run;
    const all = [["all", "All", counts.total], ["failed", "Failed", counts.failed], ["error", "Error", counts.error],
      ["quarantined", "Quarantined", counts.quarantined], ["passed", "Passed", counts.passed], ["skipped", "Skipped", counts.skipped], ["flaky", "Flaky", counts.flaky]];
    return all.filter(([state, , number]) => number || state === "all").map(([state, label, number]) =>
      h("button", { type: "button", "data-state": state, "aria-pressed": String(state === this.state), click: () => this.choose(state) },
        state !== "all" && sign(state), `${label} `, h("b", null, String(number))));
  }

  choose(state) {
    this.state = this.state === state ? "all" : state;
    for (const chip of this.states.children) chip.setAttribute("aria-pressed", String(chip.dataset.state === this.state));
    this.draw();
  }

  /** The cases that the filter lets through: every word must be found. */
  chosen() {
    const words = this.words;
    return this.data.cases.filter((entry) => this.wants(entry) && words.every((word) => entry.text.includes(word)));
  }

  get words() {
    return this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
  }

  wants({ test }) {
    return this.state === "all" || look(test) === this.state || (this.state === "passed" && test.flaky);
  }

  get filtered() {
    return this.state !== "all" || this.input.value.trim() !== "";
  }

  draw() {
    const chosen = this.chosen();
    this.told.textContent = `${count(chosen.length, "case")} shown`;
    if (this.order.value === "slow") this.drawFlat(chosen.toSorted((a, b) => b.test.seconds - a.test.seconds));
    else this.drawGroups(chosen);
    this.logs.look(this.words, (entry) => (entry ? this.wants(entry) : this.state === "all"));
  }

  drawFlat(entries) {
    const list = h("ul.cases");
    this.groups.replaceChildren(list, ...this.nothing(entries));
    inPortions(list, entries.map((entry) => () => caseRow(entry, true)));
  }

  drawGroups(chosen) {
    const byScenario = Map.groupBy ? Map.groupBy(chosen, (entry) => entry.scenario) : grouped(chosen);
    const shown = this.data.scenarios.filter((scenario) => byScenario.has(scenario) || !this.filtered);
    const open = this.filtered ? chosen.length <= 2 * PORTION : this.data.cases.length <= OPEN_AT_ONCE;
    this.groups.replaceChildren(...this.nothing(shown));
    inPortions(this.groups, shown.map((scenario) => () => this.group(scenario, byScenario.get(scenario) || [], open)));
  }

  nothing(entries) {
    if (entries.length) return [];
    return [h("p.none-found", null, this.filtered ? "No case matches the filter." : "No case.")];
  }

  group(scenario, entries, open) {
    const list = h("ul.cases");
    const draw = () => {
      if (list.childElementCount) return;
      const whole = () => h("li", null, h("a.open-scenario", { href: `#${scenario.slug}` }, "Scenario and its console"));
      inPortions(list, [whole, ...entries.map((entry) => () => caseRow(entry, false))]);
    };
    if (open) draw();
    return h("details.group", { open, toggle: (event) => event.target.open && draw() }, groupHead(scenario, this.data.run), list);
  }
}

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.scenario, [...(groups.get(entry.scenario) || []), entry]);
  return groups;
}

function groupHead(scenario, run) {
  const failing = scenario.cases.filter((test) => bad(look(test))).length;
  const tally = failing ? `${failing} of ${count(scenario.cases.length, "case")} not passed` : count(scenario.cases.length, "case");
  const parameters = Object.entries(scenario.parameters).map(([name, value]) => h("span.tag", null, plain(`${name}=${value}`)));
  return h("summary", null, sign(scenario.verdict),
    h("span.title", null, h("span.name", null, plain(scenario.name)), ...parameters, " ", h("span.tally", null, tally)),
    h("span.aside", null, plain(scenario.machine || scenario.target)), lane(scenario, run), h("span.seconds", null, duration(scenario.seconds)));
}

/** When the scenario ran, within the run: shows at a glance what ran side by side. */
function lane(scenario, run) {
  const total = Math.max(run.seconds, 1e-3);
  const start = Math.min((100 * (scenario.start ?? 0)) / total, 100);
  const width = Math.min(Math.max((100 * scenario.seconds) / total, 0.8), 100 - start);
  const rail = svg("rect", { class: "rail", y: 2, width: 100, height: 2 });
  const span = svg("rect", { class: "span", x: start, width: Math.max(width, 0), height: 6 });
  const shown = scenario.start === null ? [rail] : [rail, span];
  return svg("svg", { class: `lane v-${scenario.verdict}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, ...shown);
}

function expected(test) {
  const failure = test.attempts.at(-1)?.expected;
  return failure ? `expected failure, ${test.ticket}: ${failure.message.split("\n", 1)[0]}` : "";
}

function quarantined(test) {
  return test.quarantined ? `quarantined until ${test.quarantine.until}, ${test.quarantine.ticket}: ` : "";
}

function caseRow({ scenario, test }, withScenario) {
  const why = quarantined(test) + (test.failure ? test.failure.message.split("\n", 1)[0] : test.skip_reason || expected(test));
  return h("li", null, h("a", { href: `#${test.id}` },
    sign(look(test)),
    h("span", null, h("span.name", null, plain(test.name)), ...test.tags.map((tag) => h("span.tag", null, plain(tag)))),
    h("span.seconds", null, test.attempts.length ? duration(test.seconds) : ""),
    withScenario && h("span.why", null, plain(scenario.name)),
    why && h("span.why", null, plain(why).slice(0, 300))));
}
