// The timeline's keys: one stop a lane for Tab, the arrows go along it.

function startTimeline() {
  for (const lane of document.querySelectorAll(".tl-lane > svg")) {
    const bars = [...lane.querySelectorAll("a")];
    bars.forEach((bar, at) => bar.setAttribute("tabindex", at ? "-1" : "0"));
    lane.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = by && bars[bars.indexOf(document.activeElement) + by];
      if (!next) return;
      event.preventDefault();
      for (const bar of bars) bar.setAttribute("tabindex", bar === next ? "0" : "-1");
      next.focus();
    });
  }
}

/** When a step ran, within its attempt. */
function spanRow(step, attempt) {
  const total = Math.max(attempt.seconds, 1e-6);
  const x = Math.min(Math.max((100 * (step.start - attempt.start)) / total, 0), 99);
  const width = Math.min(Math.max((100 * step.seconds) / total, 0.8), 100 - x);
  return svg("svg", { class: `span-row v-${step.verdict}`, viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "rail", y: 1.5, width: 100, height: 1 }), svg("rect", { class: "span", x, width, height: 4 }));
}
