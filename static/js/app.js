// On every page: the frame (link, clock, stop, palette, keys) and how pushed parts are swapped in.
import { Live } from "./live.js";
import { csrf, shortcutsOn, toast, typing } from "./page.js";
import * as palette from "./palette.js";
import * as stop from "./stop.js";
import * as time from "./time.js";
import { WORDS, decimal } from "./words.js";

function linkIndicator(live) {
  const box = document.getElementById("link");
  const text = document.getElementById("link-text");
  const bar = document.getElementById("lost-bar");
  live.addEventListener("state", ({ detail }) => {
    box.dataset.state = detail.state;
    const age = detail.age === null ? "" : ` ${decimal(detail.age / 1000)} s`;
    text.textContent = WORDS.link[detail.state] + age;
    document.body.dataset.link = detail.state;
    const lost = detail.state === "lost";
    if (lost) {
      const words = detail.since
        ? WORDS.notLiveSince(time.clockTime(detail.since))
        : WORDS.neverLive;
      if (bar.textContent !== words) bar.textContent = words;
    }
    bar.hidden = !lost;
  });
}

/** To the clipboard; where the browser refuses, the text is selected so that a person can copy it. */
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    toast(WORDS.copied);
  } catch {
    getSelection().selectAllChildren(source);
    toast(WORDS.selected);
  }
}

function pushedParts() {
  document.body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = csrf();
  });
  // A row must not move under the pointer: while it is over a list, the new list waits behind a bar.
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    if (!target.hasAttribute?.("data-hold-while-pointed") || !target.matches(":hover")) return;
    event.preventDefault();
    if (target.dataset.held) return;
    target.dataset.held = "1";
    const bar = document.createElement("button");
    bar.type = "button";
    bar.className = "held-update tiny";
    bar.textContent = WORDS.changed;
    const renew = () => {
      if (!target.dataset.held) return;
      delete target.dataset.held;
      bar.remove();
      window.htmx.ajax("GET", target.dataset.src, { target, swap: "morph" });
    };
    bar.addEventListener("click", renew);
    target.addEventListener("pointerleave", renew, { once: true });
    target.prepend(bar);
  });
  // A part that was pushed carries no token: every form gets this page's when it is sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    let field = form.querySelector('input[name="csrfmiddlewaretoken"]');
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "csrfmiddlewaretoken" });
      form.append(field);
    }
    field.value ||= csrf();
  }, true);
  // The second half of a double click sends nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]:not([data-floor-form])")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  // What a person has unfolded stays so when its part is renewed.
  window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node instanceof HTMLDetailsElement);
  document.addEventListener("click", (event) => {
    const source = document.getElementById(event.target.closest("[data-copy]")?.dataset.copy);
    if (source) copy(source);
  });
  document.querySelector("dialog[data-open-now]")?.showModal();
  document.body.addEventListener("htmx:responseError", () => {
    toast(WORDS.failed, { level: "error" });
  });
}

function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || !shortcutsOn()) return;
    if (event.key === "?") document.getElementById("help")?.showModal();
    if (event.key === "j" || event.key === "k") {
      const rows = [...document.querySelectorAll("main [data-row]")];
      const at = rows.indexOf(document.activeElement);
      rows[Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))]?.focus();
    }
    const part = { a: "attention", q: "queue" }[event.key];
    if (part) document.getElementById(part)?.focus();
    const shortcut = document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`);
    if (shortcut && !shortcut.disabled) {
      event.preventDefault();
      if (shortcut.matches("input, textarea")) shortcut.focus();
      else shortcut.click();
    }
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener?.dataset.open === "palette") palette.openPalette();
    else if (opener) document.getElementById(opener.dataset.open)?.showModal();
    const focus = event.target.closest("[data-focus]");
    if (focus) document.getElementById(focus.dataset.focus)?.focus();
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    for (const menu of document.querySelectorAll("details[open].who, .chip details[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-go]")) location.assign(event.target.value);
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
}

stop.ready(); // first: whatever fails below, stopping works
export const live = document.body.dataset.site ? new Live(document.body.dataset.site) : null;
if (live) linkIndicator(live);
pushedParts();
keys();
palette.ready();
time.ready();
