// The composer: preview while typing, nothing sent to a robot by typing or by Enter alone.
import { post, show, toast, typing } from "./page.js";
import { StepForm } from "./stepform.js";

const DEBOUNCE_MS = 250;
const READING_MS = 300;
const OFFER_FORM_MS = 3000;
const RENEWALS = 5;
const HISTORY = 30;
// "stop" and its translations, matched without a model: the sooner the button is there, the better
const STOP_WORDS = new RegExp(
  "^\\s*(please\\s+|bitte\\s+)?(stop|stopp|halt|freeze|anhalten|stehen\\s?bleiben|arr[eê]te[rz]?|alto|para|parar|pare|det[eé]n(te|er)?|" +
  "ferma(re|ti|te)?|fermi|zatrzymaj|dur|pysäytä|stanna|stoppen|zastav|стоп|стой|停|停止|止まれ|멈춰)(?![\\p{L}])", "iu",
);

export class Composer {
  constructor(form, map) {
    this.form = form;
    this.map = map;
    this.text = form.querySelector("textarea");
    this.box = document.getElementById("preview");
    this.stopBox = document.getElementById("stop-words");
    this.sequence = 0;
    this.past = this.read();
    this.at = this.past.length;
    this.steps = new StepForm(this);
    this.listen();
    if (this.text.value.trim()) this.preview();
  }

  get reading() {
    return this.box.querySelector(".preview");
  }

  listen() {
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.review();
    });
    this.box.addEventListener("click", (event) => this.click(event));
    document.getElementById("open-form")?.addEventListener("click", () => this.steps.open(this.reading?.dataset.id ?? ""));
    this.box.addEventListener("toggle", (event) => placeMenu(event.target), true);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey && event.key === "Enter" && !typing(event.target)) this.review();
      const question = this.box.querySelector(".question");
      const answers = document.activeElement === this.text || !typing(document.activeElement);
      if (question && answers && /^[1-4]$/.test(event.key) && !event.ctrlKey && !event.altKey && this.untouched) {
        const option = question.querySelector(`[data-option="${event.key}"]`);
        if (option) {
          event.preventDefault();
          option.click();
        }
      }
    });
  }

  key(event) {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      this.review();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault(); // Enter alone only asks for the preview now
      this.preview();
    } else if (event.key === "ArrowUp" && this.text.selectionStart === 0 && this.at > 0) {
      event.preventDefault();
      this.recall(this.at - 1);
    } else if (event.key === "ArrowDown" && this.at < this.past.length && this.text.selectionStart === this.text.value.length) {
      event.preventDefault();
      this.recall(this.at + 1);
    } else if (event.key === "Escape") {
      if (!this.closeConfirm()) this.clear();
    }
  }

  recall(at) {
    this.at = at;
    this.text.value = this.past[at] ?? "";
    this.typed();
    this.text.setSelectionRange(0, 0);
  }

  typed() {
    this.untouched = false;
    clearTimeout(this.timer);
    clearTimeout(this.renewal);
    this.renewals = 0;
    this.reading?.setAttribute("data-old", "");
    this.closeConfirm();
    const stop = STOP_WORDS.test(this.text.value);
    this.stopBox.hidden = !stop;
    if (stop) this.box.replaceChildren();
    if (!this.text.value.trim()) this.clear();
    else if (!stop) this.timer = setTimeout(() => this.preview(), DEBOUNCE_MS);
  }

  clear() {
    this.sequence += 1;
    this.stopBox.hidden = true;
    this.box.replaceChildren();
    this.map?.highlight([]);
    clearTimeout(this.renewal);
  }

  insert(words) {
    const gap = this.text.value && !this.text.value.endsWith(" ") ? " " : "";
    this.text.value += gap + words;
    this.text.focus();
    this.typed();
  }

  preview() {
    clearTimeout(this.timer);
    const text = this.text.value.trim();
    if (text) return this.ask(this.form.dataset.preview, { text });
  }

  /** Ask the server to read; only the newest answer is shown. */
  async ask(url, fields) {
    this.sequence += 1;
    const mine = this.sequence;
    this.abort?.abort();
    this.abort = new AbortController();
    const status = document.getElementById("reading");
    const notices = [
      setTimeout(() => (status.textContent = "reading…"), READING_MS),
      setTimeout(() => (status.textContent = "still reading; “Edit as form” works without it"), OFFER_FORM_MS),
    ];
    try {
      const reply = await post(url, fields, { signal: this.abort.signal });
      const html = await reply.text();
      if (mine !== this.sequence) return;
      if (reply.redirected || !html.includes('class="preview"')) throw new Error(String(reply.status));
      this.arrived(html);
    } catch (error) {
      if (error.name !== "AbortError" && mine === this.sequence) {
        toast("The text could not be read just now. Nothing was sent.", { level: "error" });
      }
    } finally {
      notices.forEach(clearTimeout);
      if (mine === this.sequence) status.textContent = "";
    }
  }

  arrived(html) {
    const accepted = new Set([...this.box.querySelectorAll(".chip[data-accepted]")].map((chip) => chip.dataset.key));
    show(this.box, html);
    this.untouched = true;
    const reading = this.reading;
    for (const chip of this.box.querySelectorAll(".chip")) if (accepted.has(chip.dataset.key)) chip.dataset.accepted = "";
    this.steps.ready();
    if (!reading) return;
    reading.removeAttribute("data-old");
    this.map?.highlight(reading.dataset.places ? reading.dataset.places.split(",") : []);
    const life = Number(reading.dataset.ttl || 0) * 1000;
    for (const element of reading.querySelectorAll("[data-countdown]")) {
      element.dataset.expires = new Date(Date.now() + life).toISOString();
    }
    clearTimeout(this.renewal);
    if (life > 0 && reading.dataset.by !== "form") this.renewal = setTimeout(() => this.renew(), Math.max(1000, life - 3000));
    this.gate();
  }

  renew() {
    this.renewals = (this.renewals ?? 0) + 1;
    if (document.hidden || this.renewals > RENEWALS) {
      this.reading?.setAttribute("data-old", "");
      this.reading?.setAttribute("data-expired", "");
      this.gate();
    } else {
      this.closeConfirm();
      this.preview();
    }
  }

  /** Whether the reading on the page may be dispatched now; else why not. */
  obstacle() {
    const reading = this.reading;
    if (!reading || reading.hasAttribute("data-old")) return "The text is still being read.";
    if (reading.dataset.dispatchable !== "yes") return reading.dataset.obstacle || "This cannot be dispatched.";
    if (document.body.dataset.link === "lost") return "Not live: dispatching waits until the connection is back.";
    const open = this.box.querySelectorAll('.chip[data-mark="?"]:not([data-accepted])').length;
    if (reading.dataset.level === "medium" && open) return `Accept or change ${open === 1 ? "the part" : `the ${open} parts`} marked “?” first.`;
    return "";
  }

  gate() {
    const why = this.obstacle();
    const button = this.box.querySelector("[data-review]");
    if (button) button.disabled = Boolean(why);
    const note = this.box.querySelector("[data-obstacle-note]");
    if (note) note.textContent = why;
  }

  review() {
    if (this.reading?.hasAttribute("data-expired")) {
      this.renewals = 0;
      this.preview();
      return;
    }
    const confirm = this.box.querySelector(".confirm");
    const why = this.obstacle();
    if (why || !confirm) {
      this.gate();
      if (this.reading && why) toast(why);
      else if (!this.reading) this.preview();
      return;
    }
    if (confirm.hidden) {
      confirm.hidden = false;
      confirm.querySelector("[data-back]").focus();
      confirm.scrollIntoView({ block: "nearest" });
    } else {
      this.dispatch();
    }
  }

  closeConfirm() {
    const confirm = this.box.querySelector(".confirm");
    if (!confirm || confirm.hidden) return false;
    confirm.hidden = true;
    return true;
  }

  async dispatch() {
    const reading = this.reading;
    if (this.sending || this.obstacle()) return;
    this.sending = true;
    const accepted = [...this.box.querySelectorAll(".chip[data-accepted]")].map((chip) => chip.dataset.slot).join(",");
    try {
      const reply = await post(this.form.action, { interpretation_id: reading.dataset.id, hash: reading.dataset.hash, accepted });
      const answer = await reply.json();
      if (reply.status === 201) this.dispatched(answer);
      else if (reply.status === 409) this.changed(answer);
      else toast(answer.detail ?? "It was not accepted. Nothing was sent.", { level: "error", seconds: 8 });
    } catch {
      toast("No answer. Look at the queue before you try again: it may have been dispatched.", { level: "error", seconds: 10 });
    } finally {
      this.sending = false;
    }
  }

  dispatched(answer) {
    this.past = [...this.past.filter((text) => text !== this.text.value), this.text.value].slice(-HISTORY);
    this.at = this.past.length;
    try {
      localStorage.setItem(`composer:${document.body.dataset.site}`, JSON.stringify(this.past));
    } catch {
      // a full or forbidden storage only costs the history
    }
    this.text.value = "";
    this.clear();
    this.text.focus();
    toast(`${answer.label} dispatched.`, {
      action: {
        label: "Cancel it",
        run: async () => {
          const reply = await post(answer.cancel_url, { reason: "Cancelled right after dispatch" });
          toast(reply.ok ? `${answer.label}: cancel asked for.` : `${answer.label} could not be cancelled; open its page.`);
        },
      },
    });
  }

  changed(answer) {
    this.closeConfirm();
    toast(`Not dispatched: ${answer.difference?.join(" ") || answer.detail}`, { level: "error", seconds: 9 });
    this.preview();
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(`composer:${document.body.dataset.site}`)) ?? [];
    } catch {
      return [];
    }
  }

  click(event) {
    const at = (name) => event.target.closest(`[data-${name}]`);
    if (at("review")) this.review();
    else if (at("dispatch")) this.dispatch();
    else if (at("back")) this.closeConfirm();
    else if (at("accept")) {
      at("accept").closest(".chip").dataset.accepted = "";
      this.gate();
    } else if (at("replace")) this.replace(at("replace"));
    else if (at("form")) this.steps.open(this.reading?.dataset.id ?? "");
    else if (at("close")) this.clear();
  }

  /** Another candidate for a chip, or the answer to the question: it replaces its words in the text. */
  replace(choice) {
    const [start, end] = choice.dataset.span ? choice.dataset.span.split(",").map(Number) : [null, null];
    const words = choice.dataset.replace;
    const typed = [...this.text.value.trim()];
    this.text.value = start === null ? `${typed.join("")} ${words}` : [...typed.slice(0, start), words, ...typed.slice(end)].join("");
    this.text.focus();
    this.typed();
  }
}

function placeMenu(details) {
  if (!details.open) return;
  const menu = details.querySelector(".menu");
  const box = details.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.left - 60, innerWidth - 240))}px`;
  menu.style.bottom = `${innerHeight - box.top + 4}px`;
}
