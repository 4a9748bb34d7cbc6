// The data in the page: blocks of base64 of zlib streams. A log is unpacked when it is looked at.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

async function unpacked(id) {
  const stream = new Blob([bytesOf(byId(id).textContent)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

/** The run with its scenarios and cases, by anchor as well, and the cases that are not passed in the order of the run. */
async function readRun() {
  const { results, logs } = JSON.parse(await unpacked("results"));
  const places = new Map();
  const cases = [];
  for (const scenario of results.scenarios) {
    places.set(scenario.slug, { scenario });
    for (const test of scenario.cases) {
      const entry = { scenario, test, order: cases.length, text: haystack(scenario, test) };
      places.set(test.id, entry);
      cases.push(entry);
    }
  }
  const findings = [];
  for (const scenario of results.scenarios) {
    if (scenario.failure) findings.push(scenario.slug);
    findings.push(...scenario.cases.filter((test) => bad(test.verdict) && (test.attempts.length || !scenario.failure)).map((test) => test.id));
  }
  return { run: results.run, scenarios: results.scenarios, cases, places, findings, logs };
}

/** All that the filter looks at, in lower case. */
const haystack = (scenario, test) =>
  [
    test.name, scenario.name, scenario.target, ...test.tags, ...scenario.tags, ...test.requirements, ...scenario.requirements,
    place(test.source), test.failure ? `${test.failure.kind} ${test.failure.message}` : "", test.skip_reason,
    ...Object.entries(scenario.parameters).map(([name, value]) => `${name}=${value}`),
  ].join("\n").toLowerCase();

const kept = new Map(); // the last logs that were looked at, by path

/** A log's lines, and which are missing; `problem` where it isn't in the page. */
async function readLog(data, path) {
  const entry = data.logs[path] || { problem: "this page does not know it" };
  if (entry.problem) return { lines: [], head: 0, leftOut: 0, problem: entry.problem, path };
  if (!kept.has(path)) {
    const lines = (await unpacked(entry.block)).split("\n");
    if (lines.at(-1) === "") lines.pop();
    if (entry.left_out) lines.splice(entry.head, 0, `[... ${count(entry.left_out, "line")} left out ...]`);
    kept.set(path, { lines, head: entry.left_out ? entry.head : lines.length, leftOut: entry.left_out, path });
    if (kept.size > 4) kept.delete(kept.keys().next().value);
  }
  return kept.get(path);
}
