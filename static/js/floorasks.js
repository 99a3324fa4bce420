// Asking something of the floor: the dialogs of the Operations page, opened from the panel, the map or an address.
import { post, toast } from "./page.js";
import { WORDS } from "./words.js";

/** Open the dialog of `kind` with `target` filled in. */
export function openAsk(kind, target = "", name = "") {
  const dialog = document.getElementById(`floor-${kind}`);
  if (!dialog) return;
  const field = dialog.querySelector('[name="target"]');
  if (target || field.tagName === "SELECT") field.value = target;
  else if (field.type === "hidden") return;
  const title = dialog.querySelector("[data-floor-name]");
  if (title) title.textContent = name || target;
  dialog.querySelector(".errors").textContent = "";
  dialog.showModal();
}

/** `changed` is called after something was asked for. */
export function ready(changed) {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-floor]");
    if (!opener || opener.disabled) return;
    document.getElementById("place-menu")?.remove();
    openAsk(opener.dataset.floor, opener.dataset.target, opener.dataset.name);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-floor-form]");
    if (!form) return;
    event.preventDefault();
    send(form, changed);
  });
  const door = new URLSearchParams(location.search).get("give_back");
  if (door && document.querySelector("#floor [data-floor]:not([disabled])")) openAsk("give_back_door", door, door);
}

async function send(form, changed) {
  if (form.dataset.sending) return; // the second half of a double click
  form.dataset.sending = "1";
  const words = form.querySelector(".errors");
  try {
    const reply = await post(form.action, new FormData(form));
    const { detail } = await reply.json();
    if (reply.ok) {
      form.closest("dialog")?.close();
      form.reset();
      toast(detail);
    } else if (words) words.textContent = detail;
    else toast(detail, { level: "error" });
  } catch {
    if (words) words.textContent = WORDS.failed;
    else toast(WORDS.failed, { level: "error" });
  } finally {
    delete form.dataset.sending;
    changed();
  }
}
