// The structured form: the same plan as fields. It works while no model answers.
import { show } from "./page.js";

export class StepForm {
  constructor(composer) {
    this.composer = composer;
    composer.box.addEventListener("submit", (event) => {
      if (!event.target.matches("#step-form")) return;
      event.preventDefault();
      const fields = new FormData(event.target);
      fields.set("text", composer.text.value.trim());
      composer.ask(event.target.action, fields);
    });
    composer.box.addEventListener("click", (event) => {
      if (event.target.closest("[data-add-step]")) this.add();
      const remove = event.target.closest("[data-remove-step]");
      if (remove && this.rows().length > 1) {
        remove.closest(".formrow").remove();
        this.number();
      }
    });
    composer.box.addEventListener("change", (event) => {
      if (event.target.matches("[name=decision]")) this.fitDecision();
      if (event.target.matches('[name$="_op"], [name$="_if"]')) this.fit(event.target.closest(".formrow"));
    });
  }

  async open(interpretation) {
    const reply = await fetch(`${this.composer.form.dataset.form}?from=${encodeURIComponent(interpretation)}`);
    if (!reply.ok) return;
    this.composer.settle(); // a reading that comes late must not take the form away
    show(this.composer.box, await reply.text());
    this.ready();
    this.composer.box.querySelector("select")?.focus();
  }

  rows() {
    return [...this.composer.box.querySelectorAll(".formrows .formrow")];
  }

  ready() {
    this.count = this.rows().length;
    this.rows().forEach((row) => this.fit(row));
    this.number();
    this.fitDecision();
  }

  /** Steps only where a plan would have been right. */
  fitDecision() {
    const decision = this.composer.box.querySelector("[name=decision]");
    if (decision) this.composer.box.querySelector("[data-if-plan]").hidden = decision.value !== "plan";
  }

  add() {
    const template = document.getElementById("step-template");
    const row = template.content.firstElementChild.cloneNode(true);
    for (const field of row.querySelectorAll("[name]")) {
      field.name = field.name.replace("sX_", `s${this.count}_`);
      field.id = field.id.replace("sX_", `s${this.count}_`);
    }
    for (const label of row.querySelectorAll("label")) label.htmlFor = label.htmlFor.replace("sX_", `s${this.count}_`);
    this.count += 1;
    this.composer.box.querySelector(".formrows").append(row);
    this.fit(row);
    this.number();
    row.querySelector("select").focus();
  }

  number() {
    this.rows().forEach((row, index) => (row.querySelector(".n").textContent = `${index + 1}.`));
  }

  /** Only the fields that this operation uses. */
  fit(row) {
    const op = row.querySelector('[name$="_op"]').value;
    for (const field of row.querySelectorAll("[data-ops]")) field.hidden = !field.dataset.ops.split(" ").includes(op);
    const condition = row.querySelector('[name$="_if"]').value;
    for (const field of row.querySelectorAll("[data-if]")) field.hidden = field.dataset.if !== condition;
  }
}
