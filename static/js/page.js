// Small things every module needs: the CSRF token, posting, toasts, and a node from server-rendered HTML.

export const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

/** POST a form body; the reply is the Response, whatever its status. */
export function post(url, fields, options = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": csrf(), "X-Requested-With": "fetch" },
    credentials: "same-origin",
    ...options,
  });
}

/** Put HTML that our own server rendered into `element`, keeping focus where it is. */
export function show(element, html) {
  window.Idiomorph.morph(element, html, { morphStyle: "innerHTML" });
  window.htmx.process(element);
}

/** A toast only confirms one's own acts. `actions`: [{label, run, quiet}] for a few seconds. */
export function toast(text, { level = "info", actions = [], seconds = 5 } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.level = level;
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  for (const action of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = action.quiet ? "quiet tiny" : "tiny";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      box.remove();
      action.run();
    });
    box.append(button);
  }
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), seconds * 1000);
  return box;
}

/** A way as the server writes it into a part, "x,y;x,y" in m, as pairs of numbers. */
export const way = (text) => (text ? text.split(";").map((pair) => pair.split(",").map(Number)) : []);

export const typing = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export const shortcutsOn = () => document.body.dataset.shortcuts !== "off";
