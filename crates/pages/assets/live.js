// Keeps a page up to date: listens for news, fetches the page again, and puts in what has changed.
// Without this module the page works all the same, and reloads itself.

const QUIET_MS = 2000;
const AGAIN_MS = 3000;
const watch = document.body.dataset.watch;
const every = Number(document.body.dataset.every || 0);
const bar = document.getElementById("connection");
let lostSince = null;
let busy = false;
let again = false;
let source = null;
let out = false;

function clock(date) {
  return date.toISOString().slice(11, 19) + " UTC";
}

function lost() {
  if (out) return;
  if (lostSince === null) lostSince = new Date();
  bar.hidden = false;
  bar.textContent = `No answer since ${clock(lostSince)}. What you see is from then and may be stale. Traffic and the way back do not need this page: ripcord rollback works in a terminal.`;
}

function found() {
  if (lostSince === null) return;
  lostSince = null;
  bar.hidden = true;
  bar.textContent = "";
}

function signedOut() {
  out = true;
  bar.hidden = false;
  bar.textContent = "You are signed out. ";
  const link = document.createElement("a");
  link.href = "/login?to=" + encodeURIComponent(location.pathname);
  link.textContent = "Sign in";
  bar.append(link);
}

// Replaces what has changed. Regions hold no form and no fold, so nothing typed or opened is lost.
function put(page) {
  const present = document.querySelectorAll("[data-live]");
  const fresh = page.querySelectorAll("[data-live]");
  const same = present.length === fresh.length && [...present].every((region, at) => region.id === fresh[at].id);
  if (!same) {
    const open = new Set([...document.querySelectorAll("details[open]")].map((fold) => fold.id));
    for (const fold of page.querySelectorAll("details")) if (open.has(fold.id)) fold.open = true;
    document.querySelector("main").replaceWith(page.querySelector("main"));
    return;
  }
  present.forEach((region, at) => {
    const next = fresh[at];
    if (region.className !== next.className && !region.classList.contains("fresh")) region.className = next.className;
    if (region.innerHTML === next.innerHTML) return;
    const focused = document.activeElement && region.contains(document.activeElement) ? document.activeElement.id : "";
    region.className = next.className;
    region.innerHTML = next.innerHTML;
    if (region.dataset.live === "mark") {
      region.classList.add("fresh");
      setTimeout(() => region.classList.remove("fresh"), 200);
    }
    if (focused) document.getElementById(focused)?.focus();
  });
  document.title = page.title;
}

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (answer.redirected && new URL(answer.url).pathname === "/login") {
      source?.close();
      signedOut();
      return;
    }
    const text = await answer.text();
    if (answer.ok) put(new DOMParser().parseFromString(text, "text/html"));
    found();
  } catch {
    lost();
  } finally {
    busy = false;
    if (again) {
      again = false;
      setTimeout(refresh, 100);
    }
  }
}

function listen() {
  if (out) return;
  source = new EventSource(watch);
  source.addEventListener("open", found);
  source.addEventListener("status", (event) => {
    const over = ["complete", "cancelled", "rolled-back"].includes(JSON.parse(event.data).phase);
    if (over) source.close();
    refresh();
  });
  source.addEventListener("error", () => {
    source.close();
    lost();
    setTimeout(() => refresh().then(() => (lostSince === null ? listen() : setTimeout(listen, AGAIN_MS))), 500);
  });
}

if (watch) listen();
else if (every) setInterval(() => document.hidden || refresh(), Math.max(every * 1000, QUIET_MS));

// One key each, never while somebody types.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
});
