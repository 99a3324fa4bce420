// A layer of the operations map: the pockets of the layout in force, where one robot at a time may be.

const SHARE = 0.42; // of a pocket's dot in metres; it stays visible far out

export class Pockets {
  constructor(map) {
    this.map = map;
    this.button = map.root.querySelector('[data-map="pockets"]');
    this.source = map.root.dataset.pockets;
    if (!this.button || !this.source) return;
    this.button.hidden = false;
    this.found = null;
    this.layer = map.addLayer((ctx, view, colour) => this.draw(ctx, view, colour));
    this.button.addEventListener("click", () => this.toggle());
  }

  get on() {
    return this.button.getAttribute("aria-pressed") === "true";
  }

  async toggle() {
    this.button.setAttribute("aria-pressed", String(!this.on));
    if (this.on) {
      const reply = await fetch(this.source, { credentials: "same-origin" }).catch(() => null);
      if (reply?.ok) this.found = await reply.json();
      else if (!this.found) this.button.setAttribute("aria-pressed", "false");
    }
    this.layer.due = true;
  }

  draw(ctx, view, colour) {
    if (!this.on || !this.found) return;
    const width = Math.max(7, 2 * SHARE * view.scale);
    ctx.lineCap = ctx.lineJoin = "round";
    for (const pocket of this.found.pockets) this.mark(ctx, view, pocket, width, colour["zone-speed"]);
    this.mark(ctx, view, this.found.traps, width, colour["zone-closed"], [2, 3]);
  }

  /** Its nodes as dots and the lanes between them as bands, in one stroke so that nothing is painted twice. */
  mark(ctx, view, names, width, style, dash = []) {
    const inside = new Set(names);
    const { nodes, layout } = this.map;
    ctx.beginPath();
    for (const name of names) {
      const node = nodes.get(name);
      if (!node) continue;
      ctx.moveTo(view.x(node.x), view.y(node.y));
      ctx.lineTo(view.x(node.x) + 0.01, view.y(node.y));
    }
    for (const edge of names.length > 1 ? layout.edges : []) {
      if (!inside.has(edge.start) || !inside.has(edge.end)) continue;
      const [a, b] = [nodes.get(edge.start), nodes.get(edge.end)];
      ctx.moveTo(view.x(a.x), view.y(a.y));
      ctx.lineTo(view.x(b.x), view.y(b.y));
    }
    ctx.strokeStyle = style;
    ctx.globalAlpha = 0.5;
    ctx.lineWidth = width;
    ctx.setLineDash(dash);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }
}
