// The map: a static canvas, layers that are redrawn only when they say so or the view has moved, a robot canvas at 20 fps
// between the last two frames, and a few real buttons on top.
import { drawFloor, extent } from "./floor.js";
import { Layer } from "./layer.js";
import { fillPlaces, fillRobots } from "./maptable.js";
import { drawLabel, drawRobot, isAlarm } from "./symbols.js";
import { pointers } from "./pointers.js";
import { Traffic } from "./traffic.js";
import { View, beside, colours, within } from "./view.js";
import { WORDS } from "./words.js";

const DRAW_MS = 50;
const BLEND_MS = 220; // one frame period and a little: the picture is that old, and never ahead of the robots
const CELL = 2;
const MOST_PINS = 50;

export class FloorMap extends EventTarget {
  constructor(root, live) {
    super();
    this.root = root;
    this.live = live;
    this.view = new View();
    this.tracks = new Map(); // live index -> {from, to, at, robot}
    this.roster = new Map();
    this.selected = null; // live index
    this.affected = [];
    this.layers = [];
    this.stage = root.querySelector(".view");
    [this.floor, this.blips] = root.querySelectorAll("canvas");
    this.overlay = root.querySelector(".overlay");
    this.svg = this.overlay.querySelector("svg");
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.colour = colours();
    this.listen();
    this.ready = this.load();
    if (root.dataset.traffic) this.traffic = new Traffic(this);
  }

  /** Put a canvas between floor and robots; `draw(ctx, view, colour)` is called when `due` is set or the view moved. */
  addLayer(draw) {
    const layer = new Layer(this.blips, draw);
    this.layers.push(layer);
    this.resize();
    return layer;
  }

  async load() {
    const [layout] = await Promise.all([this.json(this.root.dataset.layout), this.loadRoster()]);
    this.layout = layout;
    this.nodes = new Map((layout?.nodes ?? []).map((node) => [node.id, node]));
    this.edges = new Map((layout?.edges ?? []).map((edge) => [edge.id, edge]));
    this.root.querySelector(".waiting")?.toggleAttribute("hidden", Boolean(layout));
    if (this.live) for (const robot of this.live.robots.values()) this.take(robot);
    this.resize();
    this.fit();
    this.dispatchEvent(new Event("ready"));
    requestAnimationFrame((now) => this.loop(now));
  }

  /** Asked again for as long as the server is away: without its layout the map would stay empty after that. */
  async json(url, wait = 500) {
    let reply = null;
    try {
      reply = await fetch(url, { credentials: "same-origin" });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
      return this.json(url, Math.min(2 * wait, 8000));
    }
    if (!reply.ok) {
      const words = this.root.querySelector(".waiting");
      if (words) words.textContent = reply.status === 404 ? WORDS.noLayout : WORDS.layoutFailed;
      return null;
    }
    return reply.json();
  }

  async loadRoster() {
    const roster = await this.json(this.root.dataset.roster);
    for (const row of roster?.robots ?? []) this.roster.set(row.index, row);
  }

  listen() {
    new ResizeObserver(() => this.resize()).observe(this.root);
    this.live?.addEventListener("frame", (event) => this.frame(event.detail));
    this.live?.addEventListener("state", (event) => {
      this.root.dataset.link = event.detail.state;
      if (event.detail.changed) this.dirty = true;
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    document.addEventListener("visibilitychange", () => (this.dirty = true));
    pointers(this);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => {
      const act = event.target.closest("[data-map]")?.dataset.map;
      if (act === "fit") this.fit();
      else if (act === "in") this.move(() => this.view.zoom(1.3));
      else if (act === "out") this.move(() => this.view.zoom(1 / 1.3));
      else if (act === "table") this.toggleTable(event.target.closest("button"));
    });
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, .table")) return;
    const step = 60;
    const acts = {
      "+": () => this.view.zoom(1.3), "=": () => this.view.zoom(1.3), "-": () => this.view.zoom(1 / 1.3),
      ArrowLeft: () => this.view.pan(step, 0), ArrowRight: () => this.view.pan(-step, 0),
      ArrowUp: () => this.view.pan(0, step), ArrowDown: () => this.view.pan(0, -step),
    };
    if (event.key === "Escape") this.select(null);
    if (!acts[event.key]) return;
    event.preventDefault();
    this.move(acts[event.key]);
  }

  move(change) {
    change();
    this.fitted = false;
    this.touch();
  }

  touch() {
    this.floorDue = true;
    this.movedAt = performance.now();
    for (const layer of this.layers) layer.due = true;
    this.dirty = true;
  }

  repaint() {
    this.colour = colours();
    this.touch();
  }

  resize() {
    const ratio = devicePixelRatio || 1;
    const { width, height } = this.root.getBoundingClientRect();
    const first = this.view.width === 1;
    const grown = !first && (width !== this.view.width || height !== this.view.height);
    [this.view.width, this.view.height] = [Math.max(1, width), Math.max(1, height)];
    for (const canvas of [this.floor, this.blips, ...this.layers.map((layer) => layer.canvas)]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    for (const layer of this.layers) layer.clear();
    if (grown && this.fitted) this.fit();
    else this.touch();
  }

  fit() {
    if (!this.layout) return;
    this.move(() => this.view.fit(0, 0, this.layout.width || extent(this.layout, "x"), this.layout.height || extent(this.layout, "y")));
    this.fitted = true;
  }

  take(robot, now = performance.now()) {
    const track = this.tracks.get(robot.index);
    const from = track ? this.where(track, now) : robot;
    this.tracks.set(robot.index, { from, to: robot, at: now, robot });
  }

  frame(frame) {
    const now = performance.now();
    for (const robot of frame.robots) this.take(robot, now);
    if (frame.snapshot) {
      const present = new Set(frame.robots.map((robot) => robot.index));
      for (const index of [...this.tracks.keys()]) if (!present.has(index)) this.tracks.delete(index);
    }
    if (frame.robots.some((robot) => !this.roster.has(robot.index)) && !this.asking) {
      this.asking = true;
      this.loadRoster().finally(() => setTimeout(() => (this.asking = false), 5000));
    }
    this.dirty = true;
    this.tell();
  }

  where(track, now) {
    const share = this.still.matches ? 1 : Math.min(1, (now - track.at) / BLEND_MS);
    if (share >= 1) return track.to;
    const { from, to } = track;
    if (Math.hypot(to.x - from.x, to.y - from.y) > 4) return to; // put somewhere else, not driven there
    const turn = Math.atan2(Math.sin(to.heading - from.heading), Math.cos(to.heading - from.heading));
    return {
      x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, heading: from.heading + turn * share,
    };
  }

  loop(now) {
    requestAnimationFrame((next) => this.loop(next));
    if (document.hidden || now - (this.drawn ?? 0) < DRAW_MS) return;
    if (this.floorDue && this.layout) {
      this.floorDue = false;
      drawFloor(this.floor.getContext("2d"), this.view, this.layout, this.colour);
      this.drawScale();
    }
    if (this.layout) for (const layer of this.layers) layer.show(this.view, this.colour, this.movedAt, now);
    const moving = !this.still.matches && [...this.tracks.values()].some((t) => now - t.at < BLEND_MS);
    if (!this.dirty && !moving) return;
    this.drawn = now;
    this.dirty = moving;
    this.drawRobots(now);
    this.drawOverlay(now);
  }

  drawRobots(now) {
    const ctx = this.blips.getContext("2d");
    ctx.clearRect(0, 0, this.view.width, this.view.height);
    for (const [index, track] of this.tracks) {
      const at = this.where(track, now);
      const known = this.roster.get(index);
      drawRobot(ctx, this.view, track.robot, at.x, at.y, at.heading, known, this.colour);
      if (known && (this.view.scale > 15 || index === this.selected || isAlarm(track.robot))) {
        drawLabel(ctx, this.view, known.name, at.x, at.y, this.colour);
      }
    }
  }

  drawScale() {
    const scale = this.root.querySelector(".scale");
    const metres = [1, 2, 5, 10, 20, 50].find((m) => m * this.view.scale > 60) ?? 100;
    scale.style.width = `${metres * this.view.scale}px`;
    scale.textContent = `${metres} m`;
  }

  drawOverlay(now) {
    const pins = new Set();
    for (const [index, track] of this.tracks) {
      const wanted = index === this.selected || isAlarm(track.robot);
      if (!wanted || pins.size >= MOST_PINS) continue;
      pins.add(index);
      const at = this.where(track, now);
      this.pin(index, track.robot).style.transform = `translate(${this.view.x(at.x)}px, ${this.view.y(at.y)}px)`;
    }
    for (const pin of this.overlay.querySelectorAll(".pin")) if (!pins.has(Number(pin.dataset.index))) pin.remove();
    this.drawPaths();
  }

  pin(index, robot) {
    let pin = this.overlay.querySelector(`.pin[data-index="${index}"]`);
    if (!pin) {
      pin = document.createElement("button");
      pin.type = "button";
      pin.dataset.index = index;
      pin.addEventListener("click", () => this.select(index));
      this.overlay.append(pin);
    }
    pin.className = index === this.selected ? "pin" : "pin alarm";
    const name = this.roster.get(index)?.name ?? WORDS.robot(index);
    const words = `${name}, ${WORDS.status[robot.status] ?? WORDS.unknown}${isAlarm(robot) ? `, ${WORDS.needsAttention}` : ""}`;
    if (pin.getAttribute("aria-label") !== words) pin.setAttribute("aria-label", words);
    return pin;
  }

  drawPaths() {
    const parts = [];
    const points = (ids) => ids.map((id) => this.nodes?.get(id)).filter(Boolean).map((n) => `${this.view.x(n.x)},${this.view.y(n.y)}`);
    const path = this.path;
    if (path && this.layout) {
      for (const id of path.holds) {
        const edge = this.edges.get(id);
        const node = this.nodes.get(id);
        if (node) parts.push(["circle", { class: "holds", cx: this.view.x(node.x), cy: this.view.y(node.y), r: Math.max(6, this.view.scale * 0.7) }]);
        if (edge) parts.push(["polyline", { class: "holdline", points: points([edge.start, edge.end]).join(" ") }]);
      }
      const track = this.tracks.get(this.selected);
      const start = track ? [`${this.view.x(track.to.x)},${this.view.y(track.to.y)}`] : [];
      parts.push(["polyline", { class: "base", points: [...start, ...points(path.base)].join(" ") }]);
      const from = path.base.length ? points(path.base.slice(-1)) : start;
      if (path.horizon.length) parts.push(["polyline", { class: "horizon", points: [...from, ...points(path.horizon)].join(" ") }]);
      for (const [name, kind] of [["planned", "own"], ["next", "next"]]) {
        const way = (path[name] ?? []).map(([x, y]) => `${this.view.x(x)},${this.view.y(y)}`);
        if (way.length > 1) parts.push(["polyline", { class: kind, points: way.join(" ") }]);
      }
    }
    for (const id of this.affected) {
      const station = this.layout?.stations.find((s) => s.id === id);
      const zone = this.layout?.zones.find((z) => z.id === id);
      if (station) parts.push(["circle", { class: "affected", cx: this.view.x(station.x), cy: this.view.y(station.y), r: Math.max(12, this.view.scale) }]);
      const node = !station && this.nodes?.get(id);
      const edge = this.edges?.get(id);
      if (node) parts.push(["circle", { class: "affected", cx: this.view.x(node.x), cy: this.view.y(node.y), r: Math.max(10, this.view.scale * 0.8) }]);
      if (edge) parts.push(["polyline", { class: "affected", points: points([edge.start, edge.end]).join(" ") }]);
      if (zone) parts.push(["polygon", { class: "affected", points: zone.polygon.map(([x, y]) => `${this.view.x(x)},${this.view.y(y)}`).join(" ") }]);
    }
    this.svg.replaceChildren(
      ...parts.map(([name, attributes]) => {
        const element = document.createElementNS("http://www.w3.org/2000/svg", name);
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        return element;
      }),
    );
  }

  grid() {
    const cells = new Map();
    for (const [index, track] of this.tracks) {
      const key = `${Math.floor(track.to.x / CELL)},${Math.floor(track.to.y / CELL)}`;
      cells.set(key, [...(cells.get(key) ?? []), index]);
    }
    return cells;
  }

  /** The live index of the robot at a pixel, or null. */
  hit(px, py) {
    const [x, y] = this.view.world(px, py);
    const reach = Math.max(0.8, 12 / this.view.scale);
    const cells = this.grid();
    const span = Math.ceil(reach / CELL);
    let best = null;
    for (let i = -span; i <= span; i += 1) {
      for (let j = -span; j <= span; j += 1) {
        for (const index of cells.get(`${Math.floor(x / CELL) + i},${Math.floor(y / CELL) + j}`) ?? []) {
          const { to } = this.tracks.get(index);
          const distance = Math.hypot(to.x - x, to.y - y);
          if (distance <= reach && (best === null || distance < best[1])) best = [index, distance];
        }
      }
    }
    return best === null ? null : best[0];
  }

  press(px, py) {
    const index = this.hit(px, py);
    if (index !== null) {
      this.select(index);
      return;
    }
    const [x, y] = this.view.world(px, py);
    const near = 10 / this.view.scale;
    const station = this.layout?.stations.find((s) => Math.hypot(s.x - x, s.y - y) < Math.max(near, 0.5));
    const zone = this.layout?.zones.find((z) => within(z.polygon, x, y));
    const door = this.layout?.doors.find((d) => beside(d, x, y) < near);
    const node = this.nodeAt(x, y, Math.max(near, 0.5));
    this.dispatchEvent(new CustomEvent("place", { detail: { station, zone, door, node, px, py } }));
  }

  nodeAt(x, y, reach) {
    let best = null;
    for (const node of this.layout?.nodes ?? []) {
      const distance = Math.hypot(node.x - x, node.y - y);
      if (distance <= reach && (best === null || distance < best[1])) best = [node, distance];
    }
    return best?.[0] ?? null;
  }

  select(index, { centre = false } = {}) {
    this.selected = index;
    this.showPath(null);
    const track = this.tracks.get(index);
    if (centre && track) this.move(() => this.view.centre(track.to.x, track.to.y));
    this.dirty = true;
    this.dispatchEvent(new CustomEvent("select", { detail: { robot: index === null ? null : this.roster.get(index) ?? null } }));
  }

  indexOf(id) {
    for (const [index, row] of this.roster) if (row.id === id) return index;
    return null;
  }

  showPath(path) {
    this.path = path;
    this.dirty = true;
    const legend = this.root.querySelector(".ways");
    if (!legend) return;
    for (const item of legend.children) item.hidden = !path?.[item.dataset.way]?.length;
    legend.hidden = [...legend.children].every((item) => item.hidden);
  }

  /** Bring a node or edge that is named on the page into view, and mark it. */
  point(id) {
    const edge = this.edges?.get(id);
    const nodes = [this.nodes?.get(edge?.start ?? id), this.nodes?.get(edge?.end ?? id)].filter(Boolean);
    if (!nodes.length) return;
    this.move(() => this.view.centre(nodes.reduce((sum, n) => sum + n.x, 0) / nodes.length, nodes.reduce((sum, n) => sum + n.y, 0) / nodes.length));
    this.highlight([id]);
  }

  highlight(places) {
    this.affected = places;
    this.dirty = true;
  }

  /** The same picture in words, and as rows. */
  tell() {
    const now = performance.now();
    if (this.told && now - this.told < 2000) return;
    this.told = now;
    const alarms = [...this.tracks.values()].filter((t) => isAlarm(t.robot)).length;
    const words = WORDS.map(this.tracks.size, alarms);
    this.blips.setAttribute("aria-label", words);
    if (this.tableShown) this.fillTable();
  }

  get tableShown() {
    return Boolean(this.table) && !this.table.hidden;
  }

  toggleTable(button) {
    this.table ??= this.root.querySelector(".table");
    this.table.hidden = !this.table.hidden;
    button.setAttribute("aria-pressed", String(!this.table.hidden));
    if (!this.table.hidden) this.fillTable();
    this.traffic?.soon();
  }

  fillTable() {
    fillRobots(this);
    fillPlaces(this);
  }
}
