// The line that runs one case again, as again.py and repeat.py say it, and the buttons that copy such lines.

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`);

/** "" for names that no command line can hold. */
function runAgain(run, scenario, test) {
  const suite = scenario.name.replace(/ \[\d+\/\d+\]$/, "");
  const name = test ? `${suite}/${test.part_of || test.name}` : suite;
  const { file } = scenario.source;
  if (plain(file + name) !== file + name || /[\t\n]/.test(file + name)) return "";
  const words = ["testarena", "run", file.startsWith("-") ? `./${file}` : file, "--case", name];
  return [words.map(quoted).join(" "), plain(run.properties.flags || "")].filter(Boolean).join(" ");
}

function againBox(run, scenario, test) {
  const line = runAgain(run, scenario, test);
  const { properties } = run;
  const needs = [
    ["in", properties.folder], ["with --set", properties.values_not_shown], ["commit", (properties.commit || "").slice(0, 10)],
    ["target", scenario.target], ["machine", scenario.machine], ["emulator", properties.qemu], ["shuffled by seed", properties.shuffle],
  ].filter(([, value]) => value);
  return line && h("section.again", null, h("h2", null, "Run it again"),
    h("div.command", null, h("code", null, line), h("button.copy", { type: "button" }, "Copy")),
    h("p.needs", null, ...needs.flatMap(([name, value]) => [h("span", null, `${name} `, h("b.name", null, plain(value))), " "])));
}

function machineBox(scenario) {
  if (!scenario.command.length) return null;
  return h("details.machine", null, h("summary", null, "Command of the machine"),
    h("div.command", null, h("code", null, scenario.command.map((word) => plain(quoted(word))).join(" ")), h("button.copy", { type: "button" }, "Copy")));
}

function startCopying() {
  document.addEventListener("click", async ({ target }) => {
    if (!target.matches?.(".copy")) return;
    const code = target.parentElement.querySelector("code");
    getSelection().selectAllChildren(code); // for the browser that lets no page write to the clipboard
    try {
      await navigator.clipboard.writeText(code.textContent);
      target.textContent = "Copied";
    } catch {
      target.textContent = "Selected";
    }
  });
}
