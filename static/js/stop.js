// Stopping the site from any page: one press, or Ctrl+. twice. The panel counts what the robots confirm, not what was sent.
import { post, show, toast } from "./page.js";
import { WORDS } from "./words.js";

const panel = () => document.getElementById("stop-panel");
let timer = null;

async function refresh(url) {
  try {
    const reply = await fetch(url, { credentials: "same-origin" });
    if (reply.ok) show(panel(), await reply.text());
  } catch {
    // the next turn tries again; the panel says how old its figures are
  }
  if (!panel().hidden) timer = setTimeout(() => refresh(url), 500);
}

export function watch(url) {
  clearTimeout(timer);
  panel().hidden = false;
  refresh(url);
}

/** Send a stop. `fields` may narrow it to a zone or a robot; without it the whole site stops. */
export async function stop(form, fields = null) {
  const body = new FormData(form);
  for (const [key, value] of Object.entries(fields ?? {})) body.set(key, value);
  try {
    const reply = await post(form.action, body);
    const html = await reply.text();
    panel().hidden = false;
    show(panel(), html);
    if (!reply.ok) toast(WORDS.stopRefused, { level: "error" });
    clearTimeout(timer);
    timer = setTimeout(() => refresh(form.dataset.status), 500);
  } catch {
    form.submit(); // the plain way: the browser's own form, no script in between
  }
}

export function ready() {
  const form = document.getElementById("stop-form");
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-stop]")) {
      panel().hidden = true;
      clearTimeout(timer);
    }
    const part = event.target.closest("[data-stop-zone], [data-hold]");
    if (!part || !form) return;
    event.preventDefault();
    if (part.dataset.stopZone) stop(form, { scope: "zone", zone: part.dataset.stopZone });
    else stop(form, { scope: "robot", robot: part.dataset.hold });
  });
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stop(form);
  });
  let armed = -Infinity; // 0 would make a single press in the first second of a page the second one
  document.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.key !== "." || event.repeat) return;
    event.preventDefault();
    const button = form.querySelector("button");
    if (performance.now() - armed < 1000) {
      armed = -Infinity;
      button.removeAttribute("data-armed");
      form.requestSubmit();
      return;
    }
    armed = performance.now();
    button.dataset.armed = "";
    setTimeout(() => button.removeAttribute("data-armed"), 1000);
  });
}
