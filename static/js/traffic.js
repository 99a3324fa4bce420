// The traffic layer: who holds what, what is granted and planned, closed zones, taken doors, obstacles. Zones, doors and
// obstacles are always drawn; the robots' part is asked for only while the layer or the table is shown.
import { drawFloorState, drawGrants, split } from "./trafficdraw.js";
import { clockTime } from "./time.js";
import { WORDS } from "./words.js";

const ON_MS = 1000;
const OFF_MS = 5000;
const FULL_EVERY = 30; // a robot that traffic has lost is in no change: now and then everything is asked for again
const KEPT = "yardmaster.traffic";

export class Traffic {
  /** @param {import("./map.js").FloorMap} map */
  constructor(map) {
    this.map = map;
    this.url = map.root.dataset.traffic;
    this.robots = new Map(); // live index -> grants
    this.places = { known: true, zones: [], doors: [], blocks: [], misplaced: [] };
    this.button = map.root.querySelector('[data-map="traffic"]');
    this.tip = map.root.querySelector(".map-tip");
    this.on = localStorage.getItem(KEPT) === "on";
    this.rounds = 0;
    this.layer = map.addLayer((ctx, view, colour) => this.draw(ctx, view, colour));
    this.show(this.on);
    map.root.addEventListener("click", (event) => {
      if (event.target.closest('[data-map="traffic"]')) this.show(!this.on);
    });
    map.addEventListener("hover", ({ detail }) => this.hover(detail.px, detail.py));
    map.addEventListener("select", () => (this.layer.due = true));
    document.addEventListener("visibilitychange", () => this.soon());
    map.ready.then(() => this.ask());
  }

  get wanted() {
    return this.on || this.map.tableShown;
  }

  show(on) {
    this.on = on;
    localStorage.setItem(KEPT, on ? "on" : "off");
    this.button?.setAttribute("aria-pressed", String(on));
    this.layer.due = true;
    if (!on) this.tip.hidden = true;
    this.soon();
  }

  /** Asked again at once: something here was just changed, or is shown from now on. */
  soon() {
    clearTimeout(this.timer);
    if (this.map.layout) this.timer = setTimeout(() => this.ask(), 0);
  }

  async ask() {
    clearTimeout(this.timer);
    if (!document.hidden && !this.asking) {
      this.asking = true;
      try {
        const wanted = this.wanted;
        const reply = await fetch(wanted ? `${this.url}?robots=1${this.after()}` : this.url, { credentials: "same-origin" });
        if (reply.ok) this.take(await reply.json(), wanted);
      } catch {
        this.cursor = null; // the server was away: what changed meanwhile is unknown
      } finally {
        this.asking = false;
      }
    }
    this.timer = setTimeout(() => this.ask(), this.wanted ? ON_MS : OFF_MS);
  }

  after() {
    this.rounds += 1;
    return this.cursor && this.rounds % FULL_EVERY ? `&after=${encodeURIComponent(this.cursor)}` : "";
  }

  take(found, robots) {
    const before = this.said;
    if (robots) {
      this.cursor = found.cursor;
      if (found.full) this.robots.clear();
      for (const robot of found.robots) this.robots.set(robot.index, robot);
      if (found.full || found.robots.length) {
        this.index();
        this.layer.due = true;
        this.map.dirty = true;
      }
    } else {
      this.cursor = null;
    }
    const { known, zones, doors, blocks, misplaced } = found;
    this.places = { known, zones, doors, blocks, misplaced };
    this.said = JSON.stringify(this.places);
    if (this.said !== before) {
      this.layer.due = true;
      this.map.dirty = true;
    }
    if (this.map.tableShown) this.map.fillTable();
  }

  /** node -> live indexes of the robots that hold it, for the pointer. */
  index() {
    this.holders = new Map();
    for (const robot of this.robots.values()) {
      for (const resource of robot.holds) {
        const [kind, name] = split(resource);
        if (kind === "node") this.holders.set(name, [...(this.holders.get(name) ?? []), robot.index]);
      }
    }
  }

  draw(ctx, view, colour) {
    const { map } = this;
    if (!map.layout) return;
    if (this.on) drawGrants(ctx, view, colour, { map, robots: this.robots, selected: map.selected, hovered: this.hovered });
    drawFloorState(ctx, view, colour, { map, places: this.places });
  }

  hover(px, py) {
    if (!this.on || !this.holders) return;
    const [x, y] = this.map.view.world(px, py);
    const reach = Math.max(0.6, 10 / this.map.view.scale);
    let best = null;
    for (const node of this.holders.keys()) {
      const at = this.map.nodes.get(node);
      if (!at || Math.abs(at.x - x) > reach || Math.abs(at.y - y) > reach) continue;
      const distance = Math.hypot(at.x - x, at.y - y);
      if (distance <= reach && (best === null || distance < best[1])) best = [node, distance];
    }
    const hovered = best ? this.holders.get(best[0])[0] : null;
    if (hovered !== this.hovered) {
      this.hovered = hovered;
      this.layer.due = true;
      this.map.dirty = true;
    }
    this.tip.hidden = !best;
    if (!best) return;
    const robot = this.robots.get(hovered);
    this.tip.textContent = WORDS.heldBy(best[0], this.name(hovered)) + (robot?.wait ? ` · ${this.waits(robot)}` : "");
    this.tip.style.transform = `translate(${Math.min(px + 14, this.map.view.width - 240)}px, ${py + 14}px)`;
  }

  name(index) {
    return this.map.roster.get(index)?.name ?? WORDS.robot(index);
  }

  waits(robot) {
    if (!robot?.wait) return "";
    const since = robot.wait.since ? ` (${WORDS.since(clockTime(new Date(robot.wait.since)))})` : "";
    const { holder: who, text } = robot.wait;
    const holder = who && !text.includes(who) ? `: ${who}` : "";
    return (robot.wait.known ? "" : `${WORDS.unknown}; `) + robot.wait.text + holder + since;
  }

  /** The cells of one robot's row in the table. */
  cells(index) {
    const robot = this.robots.get(index);
    if (!robot) return ["", "", "", ""];
    const names = (list) => list.join(", ");
    return [this.waits(robot), names(robot.base), names(robot.horizon), names(robot.holds.map((r) => split(r)[1]))];
  }

  /** Rows of the second table: zones, doors, obstacles. */
  rows() {
    const layout = this.map.layout;
    const named = (list, id) => list?.find((part) => part.id === id)?.name || id;
    const time = (moment) => (moment ? clockTime(new Date(moment)) : "");
    return [
      ...this.places.zones.map((z) => [named(layout?.zones, z.id), WORDS.zoneState[z.state], z.inside.join(", "), ""]),
      ...this.places.doors.map((d) => [named(layout?.doors, d.id), d.overdue ? WORDS.overdue : WORDS.taken, d.owner, time(d.until)]),
      ...this.places.blocks.map((b) => [b.name, WORDS.obstacle, b.by, time(b.until)]),
      ...this.places.misplaced.map((m) => [m.nodes.join(", "), WORDS.misplaced, m.name, ""]),
    ];
  }
}
