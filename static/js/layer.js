// A canvas between floor and robots. While the view moves its last picture is shifted and stretched with it; it is drawn
// anew when the view has come to rest, or when it says so (`due`): at five hundred robots a picture takes a while.

const REST_MS = 120;

export class Layer {
  constructor(before, draw) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "layer";
    before.before(this.canvas);
    this.draw = draw;
    this.due = true;
    this.at = null; // the view of the last picture
  }

  /** The canvas lost its picture, as it does when its size is set. */
  clear() {
    this.at = null;
    this.due = true;
  }

  /** @param {import("./view.js").View} view `movedAt`, `now`: in ms, when it last moved */
  show(view, colour, movedAt, now) {
    if (!this.due) return;
    if (this.at && now - movedAt < REST_MS) {
      const k = view.scale / this.at.scale;
      this.canvas.style.transform = `translate(${view.left - k * this.at.left}px, ${view.top - k * this.at.top}px) scale(${k})`;
      return;
    }
    this.due = false;
    this.at = { left: view.left, top: view.top, scale: view.scale };
    this.canvas.style.transform = "";
    const ctx = this.canvas.getContext("2d");
    ctx.clearRect(0, 0, view.width, view.height);
    this.draw(ctx, view, colour);
  }
}
