// Puts the page together: the theme, the address, the keys.

const overview = byId("/overview");
const detailPane = byId("detail");
const chrome = document.querySelectorAll(".top, .sections, main:first-of-type");

function startTheme() {
  const saved = (() => { try { return localStorage.getItem("testarena-theme"); } catch { return null; } })();
  if (saved === "light" || saved === "dark") document.documentElement.dataset.theme = saved;
  byId("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("testarena-theme", document.documentElement.dataset.theme); } catch { /* a page opened from a file may have no storage */ }
  });
}

/** `#scenario/case:device:12` as its parts; null for the overview and its sections. */
function addressed(data) {
  let hash = location.hash.slice(1);
  try { hash = decodeURIComponent(hash); } catch { /* not encoded: take it as it is */ }
  const [, anchor, device, line] = /^(.*?)(?::([^:]*))?:(\d+)$/.exec(hash) || [null, hash];
  if (data.places.has(hash)) return { anchor: hash };
  return data.places.has(anchor) ? { anchor, device, line: line && Number(line) } : null;
}

function startRouter(data, detail) {
  const title = document.title;
  let returnTo = 0;
  const route = async () => {
    const wanted = addressed(data);
    if (wanted && detailPane.hidden) returnTo = scrollY;
    const returning = !wanted && !detailPane.hidden;
    for (const part of chrome) part.hidden = Boolean(wanted);
    detailPane.hidden = !wanted;
    if (wanted) {
      scrollTo(0, 0);
      await detail.show(wanted.anchor, wanted.device, wanted.line);
      detailPane.focus({ preventScroll: true });
    } else if (returning) {
      document.title = title;
      const section = document.getElementById(location.hash.slice(1));
      if (section && section !== overview) section.scrollIntoView();
      else scrollTo(0, returnTo);
    }
  };
  addEventListener("hashchange", route);
  return route();
}

function startKeys(data, explorer, detail) {
  const go = (by) => {
    const at = data.findings.indexOf(detailPane.hidden ? "" : detail.anchor);
    const next = data.findings[at < 0 ? (by > 0 ? 0 : data.findings.length - 1) : at + by];
    if (next) location.hash = next;
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") typing ? event.target.blur() : detailPane.hidden || (location.hash = "/overview");
    else if (typing) return;
    else if (event.key === "/") { event.preventDefault(); (detailPane.hidden ? explorer.input : detail.viewer.find).focus(); }
    else if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
  });
}

async function start() {
  startTheme();
  startCopying();
  startTimeline();
  const data = await readRun();
  const explorer = new Explorer(data);
  byId("explorer").replaceChildren(explorer.element);
  const detail = new Detail(data, detailPane);
  for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
  startKeys(data, explorer, detail);
  await startRouter(data, detail);
  document.documentElement.dataset.ready = "true";
}

addEventListener("beforeprint", () => {
  for (const steps of document.querySelectorAll(".card details")) steps.open = true;
});

start();
