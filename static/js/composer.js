// The composer: preview while typing, nothing sent to a robot by typing or by Enter alone.
import { Meaning } from "./meaning.js";
import { post, show, toast, typing } from "./page.js";
import { History, Templates, placeholders } from "./phrases.js";
import { StepForm } from "./stepform.js";
import { findStop } from "./stopwords.js";
import { WORDS } from "./words.js";

const DEBOUNCE_MS = 250;
const READING_MS = 300;
const OFFER_FORM_MS = 3000;
const RENEWALS = 5;
// For the ledger, which knows one language.
const CANCEL_REASON = "Cancelled right after dispatch";
// A digit typed right after a question appeared belongs to the text, not to the question.
const ANSWER_AFTER_MS = 700;

export class Composer {
  constructor(form, map) {
    this.form = form;
    this.map = map;
    this.text = form.querySelector("textarea");
    this.box = document.getElementById("preview");
    this.stopBox = document.getElementById("stop-words");
    this.sequence = 0;
    const begin = JSON.parse(document.getElementById("composer-begin").textContent);
    this.meaning = new Meaning(begin);
    this.history = new History(begin.history);
    this.steps = new StepForm(this);
    this.templates = new Templates(this);
    this.listen();
    if (begin.feedback) this.openForm(begin.feedback);
    else if (this.text.value.trim()) this.preview();
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
    for (const id of ["open-form", "offer-form"]) {
      document.getElementById(id)?.addEventListener("click", () => this.steps.open(this.reading?.dataset.id ?? ""));
    }
    this.box.addEventListener("toggle", (event) => placeMenu(event.target), true);
    this.box.addEventListener("change", (event) => {
      if (event.target.matches("[data-approve]")) this.gate();
    });
    this.box.addEventListener("pointerover", (event) => this.point(event.target.closest(".chip")));
    document.addEventListener("keydown", (event) => {
      const ticked = event.target.matches?.("[data-approve]");
      if (event.ctrlKey && event.key === "Enter" && (ticked || !typing(event.target))) this.review();
      else if (/^[1-4]$/.test(event.key) && !event.ctrlKey && !event.altKey) this.answer(event);
    });
  }

  /** 1 to 4 answer the question; in the text field only once it has been there for a moment. */
  answer(event) {
    const option = this.box.querySelector(`.question [data-option="${event.key}"]`);
    const inText = document.activeElement === this.text;
    // A reading that may be dispatched as it stands asks nothing: its text may simply go on with a number.
    const idle = option?.hasAttribute("data-alternative") && this.reading.dataset.dispatchable === "yes";
    if (!option || !this.untouched || (inText && (idle || performance.now() - this.shownAt < ANSWER_AFTER_MS))) return;
    if (!inText && typing(document.activeElement)) return;
    event.preventDefault();
    option.click();
  }

  /** The words of the chip under the pointer stand out in the text. */
  point(chip) {
    for (const words of this.box.querySelectorAll(".typed u")) words.toggleAttribute("data-pointed", words.dataset.of === chip?.dataset.slot);
  }

  key(event) {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      this.review();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault(); // Enter alone only asks for the preview now
      this.preview();
    } else if (event.key === "ArrowUp" && this.text.selectionStart === 0) {
      this.recall(event, -1);
    } else if (event.key === "ArrowDown" && this.text.selectionStart === this.text.value.length) {
      this.recall(event, 1);
    } else if (event.key === "Escape") {
      if (!this.closeConfirm()) this.clear();
    }
  }

  recall(event, by) {
    const text = this.history.step(by);
    if (text === null) return;
    event.preventDefault();
    this.put(text);
    const at = by < 0 ? 0 : text.length;
    this.text.setSelectionRange(at, at);
  }

  /** Another text in the place of what was there. */
  put(text) {
    this.meaning.clear();
    this.text.value = text;
    this.text.focus();
    this.typed();
  }

  typed() {
    this.untouched = false;
    this.meaning.typed(this.text.value);
    clearTimeout(this.timer);
    clearTimeout(this.renewal);
    this.renewals = 0;
    this.reading?.setAttribute("data-old", "");
    this.closeConfirm();
    const found = findStop(this.text.value);
    this.stopBox.hidden = !found.stop;
    if (found.stop) this.box.replaceChildren();
    if (!this.text.value.trim()) this.clear();
    else if (!found.only) this.timer = setTimeout(() => this.preview(), DEBOUNCE_MS);
  }

  clear() {
    this.settle();
    this.stopBox.hidden = true;
    this.box.replaceChildren();
    document.getElementById("composer-begins")?.remove();
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
    if (!text) return;
    const open = placeholders(text);
    if (open.length) this.say(WORDS.fill(open));
    else return this.ask(this.form.dataset.preview, this.meaning.fields(text));
  }

  say(words) {
    document.getElementById("reading").textContent = words;
  }

  /** Whatever is still being read is not waited for any more. */
  settle() {
    this.sequence += 1;
    clearTimeout(this.timer);
    this.notices?.forEach(clearTimeout);
    this.abort?.abort();
    this.quiet();
  }

  quiet() {
    this.say("");
    document.getElementById("offer-form")?.setAttribute("hidden", "");
  }

  /** Ask the server to read; only the newest answer is shown. */
  async ask(url, fields) {
    this.settle();
    const mine = this.sequence;
    this.abort = new AbortController();
    const notices = (this.notices = [
      setTimeout(() => this.say(WORDS.reading), READING_MS),
      setTimeout(() => {
        this.say(WORDS.stillReading);
        document.getElementById("offer-form")?.removeAttribute("hidden");
      }, OFFER_FORM_MS),
    ]);
    try {
      const reply = await post(url, fields, { signal: this.abort.signal });
      const html = await reply.text();
      if (mine !== this.sequence) return;
      if (reply.redirected || !html.includes('class="preview"')) throw new Error(String(reply.status));
      this.arrived(html);
    } catch (error) {
      if (error.name !== "AbortError" && mine === this.sequence) {
        toast(WORDS.notRead, { level: "error" });
      }
    } finally {
      notices.forEach(clearTimeout);
      if (mine === this.sequence) this.quiet();
    }
  }

  arrived(html) {
    const accepted = new Set([...this.box.querySelectorAll(".chip[data-accepted]")].map((chip) => chip.dataset.key));
    const approved = this.box.querySelector("[data-approve]")?.checked && this.box.querySelector(".tainted ul").textContent;
    show(this.box, html);
    this.untouched = true;
    this.shownAt = performance.now();
    const approve = this.box.querySelector("[data-approve]");
    if (approve) approve.checked = approved === this.box.querySelector(".tainted ul").textContent;
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
    if (life > 0 && reading.dataset.by !== "form" && !reading.hasAttribute("data-chosen")) this.renewal = setTimeout(() => this.renew(), Math.max(1000, life - 3000));
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
    if (!reading || reading.hasAttribute("data-old")) return WORDS.beingRead;
    if (reading.dataset.dispatchable !== "yes") return reading.dataset.obstacle || WORDS.cannot;
    if (document.body.dataset.link === "lost") return WORDS.notLive;
    const open = [...this.box.querySelectorAll(".chip:not([data-accepted]) [data-accept]")].length;
    if (open) return WORDS.accept(open);
    if (this.box.querySelector("[data-approve]:not(:checked)")) return WORDS.approve;
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
    const approved = this.box.querySelector("[data-approve]")?.checked ? "1" : "";
    try {
      const fields = { interpretation_id: reading.dataset.id, hash: reading.dataset.hash, accepted, approved };
      const reply = await post(this.form.action, fields);
      const answer = await reply.json();
      if (reply.status === 201) this.dispatched(answer);
      else if (reply.status === 409) this.changed(answer);
      else toast(answer.detail ?? WORDS.notAccepted, { level: "error", seconds: 8 });
    } catch {
      toast(WORDS.noAnswer, { level: "error", seconds: 10 });
    } finally {
      this.sending = false;
    }
  }

  dispatched(answer) {
    if (this.text.value.trim()) this.history.add(this.text.value.trim());
    this.meaning.clear();
    this.text.value = "";
    this.clear();
    this.text.focus();
    const cancel = async () => {
      const reply = await post(answer.cancel_url, { reason: CANCEL_REASON });
      toast(reply.ok ? WORDS.cancelAsked(answer.label) : WORDS.notCancelled(answer.label));
    };
    const actions = [{ label: WORDS.cancelIt, run: cancel }];
    if (answer.feedback_url) actions.push({ label: WORDS.notMeant, quiet: true, run: () => this.openForm(answer.feedback_url) });
    toast(WORDS.dispatched(answer.label), { actions, seconds: answer.feedback_url ? 10 : 5 });
  }

  /** A form of the server's in the place of the preview. */
  async openForm(url) {
    const reply = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (!reply?.ok) return toast(WORDS.notRead, { level: "error" });
    show(this.box, await reply.text());
    this.steps.ready();
    (this.box.querySelector("select") ?? this.box.querySelector("button"))?.focus();
  }

  changed(answer) {
    this.closeConfirm();
    toast(WORDS.notDispatched(answer.difference?.join(" ") || answer.detail), { level: "error", seconds: 9 });
    this.preview();
  }

  click(event) {
    const at = (name) => event.target.closest(`[data-${name}]`);
    if (at("review")) this.review();
    else if (at("dispatch")) this.dispatch();
    else if (at("back")) this.closeConfirm();
    else if (at("accept")) {
      at("accept").closest(".chip").dataset.accepted = "";
      this.gate();
    } else if (at("edit")) this.choose(at("edit"));
    else if (at("undo-edit")) {
      this.meaning.undo(...at("undo-edit").dataset.undoEdit.split(",").map(Number));
      this.again();
    } else if (at("alternative")) {
      this.ask(this.form.dataset.preview, { from: this.reading.dataset.id, alternative: at("alternative").dataset.alternative });
    } else if (at("decline")) this.decline(at("decline").dataset.decline);
    else if (at("save-template")) this.templates.open("#new-template");
    else if (at("replace")) this.replace(at("replace"));
    else if (at("form")) this.steps.open(this.reading?.dataset.id ?? "");
    else if (at("close")) this.clear();
  }

  /** Another candidate for a chip, or the answer to the question: it changes the meaning, not the text. */
  choose(choice) {
    const [start, end] = choice.dataset.span.split(",").map(Number);
    this.meaning.choose(start, end, choice.dataset.edit);
    this.again();
  }

  again() {
    this.reading?.setAttribute("data-old", "");
    this.text.focus();
    this.preview();
  }

  /** An answer that is no record of the site becomes words of the text. */
  replace(choice) {
    const [start, end] = choice.dataset.span.split(",").map(Number);
    const typed = [...this.text.value.trim()];
    const gap = start === end && start > 0 ? " " : "";
    this.text.value = [...typed.slice(0, start), gap, choice.dataset.replace, ...typed.slice(end)].join("");
    this.text.focus();
    this.typed();
  }

  async decline(id) {
    const reply = await post(this.form.dataset.decline, { interpretation_id: id }).catch(() => null);
    if (!reply?.ok) return toast(WORDS.notAccepted, { level: "error" });
    this.meaning.clear();
    this.text.value = "";
    this.clear();
    toast(WORDS.declined);
  }
}

function placeMenu(details) {
  if (!details.open) return;
  const menu = details.querySelector(".menu");
  const box = details.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.left - 60, innerWidth - 240))}px`;
  menu.style.bottom = `${innerHeight - box.top + 4}px`;
}
