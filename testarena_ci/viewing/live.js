// Draws what the feed tells of the run. Rows that come replace those of the same name; elements stay, so that nobody loses their place.

const SHOWN_FAILURES = 200;
const SHOWN_LINES = 2000;
const LOOK_EVERY = 500; // milliseconds between two looks at a console
const WORDS = { waiting: "Waiting", running: "Running", reporting: "Making the reports", killed: "Killed", damaged: "Damaged", passed: "Passed", failed: "Failed", error: "Error", aborted: "Aborted" };

const run = { id: null, rows: new Map(), failures: new Map(), told: null, at: 0, live: false };
const shown = { rows: new Map(), failures: new Map(), consoles: new Map() };

const grouped = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");
const put = (id, ...children) => byId(id).replaceChildren(...children);
const say = (id, text) => { if (byId(id).textContent !== text) byId(id).textContent = text; };
const stateOf = (told) => (["running", "ended"].includes(told.phase) ? told.state : told.phase);
const signOf = (state) => sign({ killed: "aborted", damaged: "error", reporting: "running" }[state] || state);

function startTheme() {
  const root = document.documentElement.dataset;
  const keep = (theme) => { try { localStorage.setItem("testarena-theme", theme); } catch { /* no storage: not kept */ } };
  try { const saved = localStorage.getItem("testarena-theme"); if (saved === "light" || saved === "dark") root.theme = saved; } catch { /* as above */ }
  byId("theme").addEventListener("click", () => {
    const dark = root.theme ? root.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    keep(root.theme = dark ? "light" : "dark");
  });
}

function headline(told) {
  const { counts } = told;
  if (told.phase === "waiting") return "No run has begun here yet";
  if (told.phase === "damaged") return "The journal can't be followed";
  const wrong = counts.failed + counts.error;
  const parts = [`${grouped(counts.done)} of ${count(counts.total, "case")} done`];
  if (wrong) parts.push(`${grouped(wrong)} did not pass`);
  return parts.join(", ");
}

function reason(told) {
  if (told.phase === "killed") return "Nobody goes on with this run. testarena report makes its reports.";
  return told.problem || told.reason;
}

function drawHead(told) {
  const state = stateOf(told);
  byId("top").dataset.state = { reporting: "running", damaged: "error", killed: "aborted" }[state] || state;
  put("sign", signOf(state));
  byId("sign").firstElementChild.classList.add("big");
  say("state", [WORDS[state] || state, reason(told)].filter(Boolean).join(": "));
  say("headline", headline(told));
  document.title = `${WORDS[state] || state}: ${headline(told)}`;
  byId("ready").hidden = told.phase !== "ended";
  drawBar(told.counts);
  put("counts", ...["passed", "failed", "error", "skipped"].map((verdict) =>
    h(told.counts[verdict] ? "li" : "li.none", null, sign(verdict), h("b", null, String(told.counts[verdict])), ` ${verdict}`)),
    told.counts.quarantined ? h("li", null, sign("quarantined"), h("b", null, String(told.counts.quarantined)), " failed in quarantine") : "",
    told.counts.flaky ? h("li", null, sign("flaky"), h("b", null, String(told.counts.flaky)), " flaky") : "");
}

function drawBar(counts) {
  let x = 0;
  put("bar", ...["passed", "failed", "error", "quarantined", "skipped"].map((verdict) => {
    const width = counts.total ? (100 * counts[verdict]) / counts.total : 0;
    x += width;
    return svg("rect", { class: `v-${verdict}`, x: x - width, width, height: 1 });
  }));
}

/** A duration that grows while one looks: whole seconds, so that digits don't flicker. */
const ticking = (seconds) => (seconds < 59.5 ? `${Math.round(Math.max(0, seconds))} s` : duration(seconds));

const elapsed = () => run.told.elapsed + (run.live ? (performance.now() - run.at) / 1000 : 0);

function drawTimes() {
  if (!run.told || !run.told.id) return put("facts");
  const fact = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value));
  const left = run.told.left === null ? null : run.told.left - (elapsed() - run.told.elapsed);
  put("facts", fact(run.live ? "Running for" : "Took", run.live ? ticking(elapsed()) : duration(elapsed())),
    run.live ? fact("Left, about", left === null ? "not known yet" : left < 1 ? "a moment" : ticking(left)) : "",
    fact("Started", run.told.started.replace("T", " ").replace(/\+00:00$/, " UTC")), fact("Run", run.told.id));
  for (const [slug, row] of run.rows) if (row.state === "running") shown.rows.get(slug).seconds.textContent = ticking(elapsed() - row.start);
}

function drawRow(row) {
  if (!shown.rows.has(row.slug)) {
    const made = { sign: h("span"), name: h("span.name", null, row.name), tally: h("span.tally"), seconds: h("span.seconds"), what: h("span.what") };
    made.button = h("button", { type: "button", click: () => chooseConsole(row.slug) }, "Console", h("span.unseen", null, ` of ${row.name}`));
    made.element = h("li", null, made.sign, made.name, made.tally, made.seconds, made.button, made.what);
    shown.rows.set(row.slug, made);
    byId("scenarios").append(made.element);
  }
  const made = shown.rows.get(row.slug);
  made.sign.replaceChildren(signOf(row.state));
  made.tally.textContent = `${row.done} of ${row.total}`;
  made.seconds.textContent = row.end === null ? "" : duration(row.end - row.start);
  const attempt = row.attempt > 1 && row.case ? ` (attempt ${row.attempt})` : "";
  made.what.textContent = row.state === "running" ? [row.case + attempt, row.step].filter(Boolean).join(" · ") : "";
  made.button.disabled = !row.logs.length;
  made.element.hidden = byId("few").checked && !row.bad && !["running", "failed", "error", "aborted"].includes(row.state);
}

function drawFailure(found) {
  const old = shown.failures.get(found.key);
  if (!old && shown.failures.size >= SHOWN_FAILURES) return;
  const verdict = found.quarantine && found.verdict === "failed" ? "quarantined" : found.verdict;
  const made = h("li", { class: `v-${verdict}` }, h("div", null, sign(verdict),
    h("span.name", null, [found.scenario, found.case].filter(Boolean).join(" › ")),
    found.quarantine ? h("span.tag", null, found.quarantine) : "",
    found.verdict === "flaky" ? h("span.tag", null, "passed when tried again") : found.attempt > 1 ? h("span.tag", null, `attempt ${found.attempt}`) : ""),
    h("p.message", null, h("span.kind", null, found.kind), " ", found.headline),
    h("p.place", null, ...[found.place, ...found.code].filter(Boolean).flatMap((where) => [h("code", null, where), " "])));
  if (old) old.replaceWith(made);
  else byId("failures").append(made);
  shown.failures.set(found.key, made);
}

function forget() {
  for (const part of [run.rows, run.failures, ...Object.values(shown)]) part.clear();
  for (const id of ["failures", "scenarios", "builds", "device"]) put(id);
  stopConsole();
}

function take(told) {
  const before = run.told && run.told.run === told.run ? run.told.phase : null;
  if (told.fresh) forget();
  Object.assign(run, { told, at: performance.now(), live: told.phase === "running" });
  for (const row of told.scenarios) { run.rows.set(row.slug, row); drawRow(row); }
  for (const found of told.failures) { run.failures.set(found.key, found); drawFailure(found); }
  put("builds", ...told.builds.map((build) => h("li", null, h("span.name", null, build.name), h("code", null, build.command))));
  byId("builds-part").hidden = !told.builds.length || !run.live;
  byId("failures-part").hidden = !run.failures.size;
  byId("scenarios-part").hidden = !run.rows.size;
  const more = run.failures.size - shown.failures.size;
  byId("failures-more").hidden = !more;
  say("failures-more", `${count(more, "failure")} more`);
  drawHead(told);
  drawTimes();
  announce(told);
  listConsoles();
  document.documentElement.dataset.ready = "true";
  if (told.phase === "ended" && before && before !== "ended" && byId("switch").checked) location.assign("./index.html");
}

/** For those who hear the page: when the state changes, and when something fails. */
function announce(told) {
  const last = [...run.failures.values()].at(-1);
  const text = WORDS[stateOf(told)] + (last ? `; ${count(run.failures.size, "failure")}, the last: ${last.case || last.scenario}` : "");
  say("told", text);
}

// ---- the console

const watched = { log: "", next: 0, timer: null, turn: null }; // `turn`: an answer to an earlier choice is too late

function listConsoles() {
  for (const [slug, row] of run.rows) for (const [device, log] of row.logs) {
    const key = JSON.stringify([slug, device]);
    if (shown.consoles.has(key)) continue;
    const option = Object.assign(h("option", null, device ? `${row.name}: ${device}` : row.name), { slug, log });
    shown.consoles.set(key, option);
    byId("device").append(option);
  }
  byId("console-part").hidden = !shown.consoles.size;
  if (!watched.turn && shown.consoles.size) watchConsole([...shown.consoles.values()].at(-1));
}

function chooseConsole(slug) {
  const option = [...shown.consoles.values()].find((one) => one.slug === slug);
  if (!option) return;
  watchConsole(option);
  byId("lines").focus({ preventScroll: true });
  byId("console-part").scrollIntoView();
}

function watchConsole(option) {
  stopConsole();
  option.selected = true;
  Object.assign(watched, { log: option.log, next: 0, turn: Symbol("turn") });
  byId("whole").href = fileLink(option.log) || "./";
  look(watched.turn);
}

function stopConsole() {
  clearTimeout(watched.timer);
  Object.assign(watched, { log: "", next: 0, turn: null });
  put("lines");
}

async function look(turn) {
  try {
    const answer = await fetch(`/live/console?since=${watched.next}&log=${encodeURIComponent(watched.log)}`, { signal: AbortSignal.timeout(10_000) });
    const piece = answer.ok ? await answer.json() : null;
    if (watched.turn !== turn) return;
    if (piece && piece.run === run.told.run) drawLines(piece);
  } catch { /* lost: the feed says so, and we ask again */ }
  if (watched.turn === turn) watched.timer = setTimeout(() => look(turn), run.live ? LOOK_EVERY : 10 * LOOK_EVERY);
}

function drawLines(piece) {
  const box = byId("lines");
  if (piece.first !== watched.next) box.replaceChildren();
  watched.next = piece.next;
  if (!piece.lines.length) return;
  box.append(...piece.lines.slice(-SHOWN_LINES).map(drawLine));
  while (box.childElementCount > SHOWN_LINES) box.firstElementChild.remove();
  if (byId("tail").checked) box.scrollTop = box.scrollHeight;
}

function drawLine(line) {
  const [, at, text] = /^ *(\d+\.\d{3}(?: @ *\d+\.\d{3})?) {2}(.*)$/.exec(line) || [null, "", line];
  const level = levelOf(text);
  const classes = ["line", text.startsWith("-- ") && "mark", level].filter(Boolean).join(".");
  return h(`div.${classes}`, null, h(at.includes("@") ? "span.at.own" : "span.at", null, at), h("span.text", null, coloured(text.slice(0, 4096))));
}

function start() {
  startTheme();
  byId("device").addEventListener("change", (event) => watchConsole(event.target.selectedOptions[0]));
  byId("few").addEventListener("change", () => { for (const row of run.rows.values()) drawRow(row); });
  const source = new EventSource("/live/events");
  source.addEventListener("message", (event) => take(JSON.parse(event.data)));
  source.addEventListener("open", () => { byId("lost").hidden = true; });
  source.addEventListener("error", () => { byId("lost").hidden = false; });
  setInterval(() => { if (run.live) drawTimes(); }, 1000);
}

start();
