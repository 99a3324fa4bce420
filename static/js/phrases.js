// The composer's memory: the arrow keys through one's own last texts, and templates with placeholders.
import { post, show, toast } from "./page.js";
import { WORDS } from "./words.js";

const KEPT = 30;
const PLACEHOLDER = /\{([^{}\n]{1,40})\}/g;

export const placeholders = (text) => [...new Set([...text.matchAll(PLACEHOLDER)].map((found) => found[1].trim()).filter(Boolean))];

export class History {
  constructor(texts) {
    this.past = texts;
    this.at = texts.length;
  }

  add(text) {
    this.past = [...this.past.filter((other) => other !== text), text].slice(-KEPT);
    this.at = this.past.length;
  }

  /** The text one step before (-1) or after (+1), "" beyond the newest, null where there is none. */
  step(by) {
    const at = this.at + by;
    if (at < 0 || at > this.past.length) return null;
    this.at = at;
    return this.past[at] ?? "";
  }
}

export class Templates {
  constructor(composer) {
    this.composer = composer;
    this.box = document.getElementById("templates");
    this.opener = document.getElementById("open-templates");
    this.opener?.addEventListener("click", () => (this.box.hidden ? this.open() : this.close()));
    this.box?.addEventListener("click", (event) => this.click(event));
    this.box?.addEventListener("submit", (event) => this.submit(event));
    this.box?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      if (event.key !== "Enter" || !event.target.matches("[data-placeholder]")) return;
      event.preventDefault();
      this.use(event.target.closest("[data-template]"));
    });
  }

  async open(focus = "") {
    const reply = await fetch(this.composer.form.dataset.templates, { credentials: "same-origin" }).catch(() => null);
    if (!reply?.ok) return toast(WORDS.noTemplates, { level: "error" });
    show(this.box, await reply.text());
    this.box.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.box.querySelector(focus || "input, button[data-use-template]")?.focus();
  }

  close() {
    this.box.hidden = true;
    this.box.replaceChildren();
    this.opener.setAttribute("aria-expanded", "false");
    this.composer.text.focus();
  }

  click(event) {
    if (event.target.closest("[data-close-templates]")) this.close();
    const use = event.target.closest("[data-use-template]");
    if (use) this.use(use.closest("[data-template]"));
  }

  use(row) {
    const values = {};
    for (const field of row.querySelectorAll("[data-placeholder]")) values[field.dataset.placeholder] = field.value.trim();
    const empty = [...row.querySelectorAll("[data-placeholder]")].find((field) => !field.value.trim());
    if (empty) return empty.focus();
    const text = row.dataset.text.replace(PLACEHOLDER, (all, name) => values[name.trim()] || all);
    this.close();
    this.composer.put(text);
  }

  async submit(event) {
    const form = event.target.closest("[data-template-form]");
    if (!form) return;
    event.preventDefault();
    const fields = new FormData(form);
    if (form.hasAttribute("data-new-template")) {
      const text = this.composer.text.value.trim();
      if (!text) return toast(WORDS.nothingToSave);
      fields.set("text", text);
    }
    const reply = await post(form.action, fields).catch(() => null);
    const html = reply ? await reply.text() : "";
    if (!html.includes('class="preview"')) return toast(WORDS.noTemplates, { level: "error" });
    this.box.replaceChildren();
    show(this.box, html);
  }
}
