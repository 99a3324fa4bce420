// What goes with a text without being in it: answers and changed chips, and which of its words nobody here typed.
// Positions count code points, as the server does.

const SAME = 12;

function common(before, after) {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { head, tail };
}

export class Meaning {
  /** `begin`: what the page began with: {text, origins, repeat, approve}. */
  constructor(begin) {
    this.repeat = begin.repeat ?? "";
    this.approve = begin.approve ?? "";
    this.foreign = begin.origins ?? [];
    this.text = [...begin.text.trim()];
    this.begun = this.text;
    this.edits = [];
  }

  clear() {
    this.repeat = this.approve = "";
    this.foreign = this.edits = [];
    this.text = this.begun = [];
  }

  /** The person typed: what they left untouched keeps its meaning and its origin. */
  typed(text) {
    const now = [...text.trim()];
    const { head, tail } = common(this.text, now);
    const shift = now.length - this.text.length;
    // Another sentence, in which the same word may mean something else.
    if (3 * (head + tail) < 2 * Math.max(now.length, this.text.length)) this.edits = [];
    const kept = (edit) =>
      edit.start === edit.end ? !shift && head === now.length : edit.end <= head && !/[\p{L}\p{N}]/u.test(now[edit.end] ?? "");
    this.edits = this.edits.flatMap((edit) => {
      if (kept(edit)) return [edit];
      const later = edit.start >= this.text.length - tail && edit.start < edit.end;
      return later ? [{ ...edit, start: edit.start + shift, end: edit.end + shift }] : [];
    });
    this.text = now;
    if (now.join("") !== this.begun.join("")) this.repeat = "";
    if (!now.length) this.clear();
  }

  /** The words [start, end) mean this record. */
  choose(start, end, id) {
    this.edits = [...this.edits.filter((edit) => edit.end <= start || edit.start >= end || edit.start === edit.end), { start, end, id }];
    this.edits = this.edits.filter((edit, at, all) => edit.start !== edit.end || all.findLastIndex((other) => other.start === other.end) === at);
    this.repeat = "";
  }

  undo(start, end) {
    this.edits = this.edits.filter((edit) => edit.start !== start || edit.end !== end);
  }

  /** The parts that nobody here typed, as far as they still stand. */
  origins() {
    if (!this.foreign.length) return [];
    const { head, tail } = common(this.begun, this.text);
    if (head + tail < Math.min(SAME, this.begun.length)) return [];
    const shift = this.text.length - this.begun.length;
    const before = this.foreign.map((part) => ({ ...part, end: Math.min(part.end, head) }));
    const after = this.foreign.map((part) => ({
      ...part, start: Math.max(part.start, this.begun.length - tail, head) + shift, end: part.end + shift,
    }));
    return [...before, ...(tail ? after : [])].filter((part) => part.start < part.end);
  }

  fields(text) {
    if (this.repeat) return { repeat: this.repeat };
    const origins = this.origins();
    return {
      text,
      ...(this.edits.length ? { edits: JSON.stringify(this.edits) } : {}),
      ...(origins.length ? { origins: JSON.stringify(origins) } : {}),
      ...(this.approve ? { approve: this.approve } : {}),
    };
  }
}
