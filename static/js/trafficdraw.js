// How traffic is drawn: held places hatched in the holder's colour, base solid, horizon dashed; abnormal places of the floor.
import { tracePolygon } from "./floor.js";
import { clockTime } from "./time.js";
import { WORDS } from "./words.js";

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const GOLDEN = 137.508;
const NAMED_FROM = 24; // px per metre from which every way carries its robot's name
const WORDS_FROM = 8; // below that, words of doors and obstacles would cover each other; the panel says the same
const OVERLAPS_FROM = 10; // crossings are narrower than a pixel or two below that
const patterns = new Map();
const discs = { size: 0, made: new Map() };

/** "node:n12" -> ["node", "n12"] */
export function split(resource) {
  const at = resource.indexOf(":");
  return [resource.slice(0, at), resource.slice(at + 1)];
}

/** The robot's own colour, the same on every page and every day: neighbours in number are far apart on the wheel. */
export function hue(index) {
  return Math.round((index * GOLDEN) % 360);
}

export function colourOf(index, dark) {
  return `hsl(${hue(index)} ${dark ? "50% 66%" : "58% 36%"})`;
}

const isDark = (colour) => {
  const hex = colour.bg.replace("#", "");
  return Number.parseInt(hex.slice(0, 2), 16) + Number.parseInt(hex.slice(2, 4), 16) + Number.parseInt(hex.slice(4, 6), 16) < 384;
};

/** Diagonal lines in one colour; the direction differs with the robot, so that neighbours differ without colour too. */
function hatch(ctx, colour, falling) {
  const ratio = devicePixelRatio || 1;
  const key = `${colour}/${falling}/${ratio}`;
  let pattern = patterns.get(key);
  if (!pattern) {
    const size = Math.round(7 * ratio);
    const tile = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const brush = tile.getContext("2d");
    brush.strokeStyle = colour;
    brush.lineWidth = 1.5 * ratio;
    brush.beginPath();
    for (const shift of [-size, 0, size]) {
      brush.moveTo(shift, falling ? 0 : size);
      brush.lineTo(shift + size, falling ? size : 0);
    }
    brush.stroke();
    pattern = ctx.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / ratio));
    if (patterns.size > 1200) patterns.clear();
    patterns.set(key, pattern);
  }
  return pattern;
}

/** A hatched disc, drawn once for each robot and size: filling three thousand patterns anew would take too long. */
function disc(ctx, ink, falling, r) {
  const ratio = devicePixelRatio || 1;
  const size = Math.ceil(2 * r + 3);
  if (discs.size !== size) {
    discs.size = size;
    discs.made.clear();
  }
  const key = `${ink}/${falling}/${ratio}`;
  let made = discs.made.get(key);
  if (!made) {
    made = Object.assign(document.createElement("canvas"), { width: size * ratio, height: size * ratio });
    const brush = made.getContext("2d");
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.beginPath();
    brush.arc(size / 2, size / 2, r, 0, 7);
    brush.fillStyle = hatch(ctx, ink, falling);
    brush.fill();
    brush.strokeStyle = ink;
    brush.lineWidth = 1.2;
    brush.stroke();
    discs.made.set(key, made);
  }
  return made;
}

export function drawGrants(ctx, view, colour, { map, robots, selected, hovered }) {
  const dark = isDark(colour);
  const chosen = selected ?? hovered ?? null;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  for (const robot of robots.values()) {
    const base = places(map, robot.base);
    const holds = robot.holds.map(split);
    if (!seen(view, base) && !holds.some(([kind, name]) => kind === "node" && seen(view, places(map, [name])))) continue;
    const ink = colourOf(robot.index, dark);
    ctx.globalAlpha = chosen === null || chosen === robot.index ? 1 : 0.4;
    drawHolds(ctx, view, map, holds, ink, robot.index % 2 === 1);
    const track = map.tracks.get(robot.index);
    drawWay(ctx, view, track ? [track.to, ...base.slice(1)] : base, places(map, robot.horizon), base, ink);
    if (base.length > 1 && (view.scale > NAMED_FROM || chosen === robot.index)) {
      const end = base.at(-1);
      if (end) word(ctx, view, map.roster.get(robot.index)?.name ?? WORDS.robot(robot.index), view.x(end.x) + 9, view.y(end.y) + 14, ink, colour);
    }
  }
  ctx.globalAlpha = 1;
}

const places = (map, ids) => ids.map((id) => map.nodes.get(id)).filter(Boolean);

const seen = (view, points) =>
  points.some((p) => {
    const [x, y] = [view.x(p.x), view.y(p.y)];
    return x > -40 && y > -40 && x < view.width + 40 && y < view.height + 40;
  });

function drawHolds(ctx, view, map, holds, ink, falling) {
  const r = Math.round(Math.max(6, Math.min(60, view.scale * 0.45)));
  const image = disc(ctx, ink, falling, r);
  const half = discs.size / 2;
  const pattern = hatch(ctx, ink, falling);
  ctx.fillStyle = pattern;
  ctx.strokeStyle = ink;
  ctx.lineWidth = 1.2;
  ctx.setLineDash([]);
  for (const [kind, name] of holds) {
    if (kind === "node") {
      const at = map.nodes.get(name);
      if (at) ctx.drawImage(image, view.x(at.x) - half, view.y(at.y) - half, discs.size, discs.size);
    } else if (kind === "zone") {
      const zone = map.layout.zones.find((part) => part.id === name);
      if (!zone) continue;
      tracePolygon(ctx, view, zone.polygon);
      ctx.fill();
      ctx.stroke();
    } else if (kind === "door") {
      const door = map.layout.doors.find((part) => part.id === name);
      if (door) band(ctx, view, door, pattern, Math.max(8, view.scale * 0.6));
    } else if (kind === "overlap" && view.scale >= OVERLAPS_FROM) {
      const [a, b] = name.split("|").map((id) => middle(map, id));
      if (a && b) band(ctx, view, { x1: a.x, y1: a.y, x2: b.x, y2: b.y }, pattern, Math.max(4, view.scale * 0.25));
    }
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.2;
  }
}

function band(ctx, view, line, style, width) {
  ctx.strokeStyle = style;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(view.x(line.x1), view.y(line.y1));
  ctx.lineTo(view.x(line.x2), view.y(line.y2));
  ctx.stroke();
}

/** Where a node or a lane is: a lane by its middle. */
function middle(map, id) {
  const node = map.nodes.get(id);
  if (node) return node;
  const edge = map.edges.get(id);
  const [a, b] = edge ? [map.nodes.get(edge.start), map.nodes.get(edge.end)] : [];
  return a && b ? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } : null;
}

function drawWay(ctx, view, granted, planned, base, ink) {
  ctx.strokeStyle = ink;
  trace(ctx, view, granted, 3, []);
  const last = base.at(-1) ?? granted.at(-1);
  if (planned.length && last) trace(ctx, view, [last, ...planned], 2, [6, 5]);
  ctx.setLineDash([]);
}

function trace(ctx, view, points, width, dash) {
  if (points.length < 2) return;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  points.forEach((p, i) => (i ? ctx.lineTo(view.x(p.x), view.y(p.y)) : ctx.moveTo(view.x(p.x), view.y(p.y))));
  ctx.stroke();
}

export function drawFloorState(ctx, view, colour, { map, places: floor }) {
  ctx.globalAlpha = floor.known ? 1 : 0.5;
  for (const { id, state } of floor.zones) {
    const zone = map.layout.zones.find((part) => part.id === id);
    if (!zone) continue;
    const ink = state === "closing" ? colour.medium : colour["zone-closed"];
    tracePolygon(ctx, view, zone.polygon);
    ctx.fillStyle = hatch(ctx, ink, false);
    ctx.save();
    ctx.globalAlpha *= 0.4;
    ctx.fill();
    ctx.restore();
    ctx.strokeStyle = ink;
    ctx.lineWidth = 2.5;
    ctx.setLineDash(state === "closing" ? [8, 5] : []);
    ctx.stroke();
    ctx.setLineDash([]);
    const x = zone.polygon.reduce((sum, p) => sum + p[0] / zone.polygon.length, 0);
    const top = Math.max(...zone.polygon.map((p) => p[1]));
    word(ctx, view, `${zone.name}: ${WORDS.zoneState[state]}`, view.x(x), view.y(top) - 6, ink, colour, "center");
  }
  for (const taken of floor.doors) {
    const door = map.layout.doors.find((part) => part.id === taken.id);
    if (!door) continue;
    const ink = taken.overdue ? colour.medium : colour.text;
    band(ctx, view, door, ink, Math.max(4, view.scale * 0.3));
    const until = taken.until ? clockTime(new Date(taken.until), false) : "";
    const text = taken.overdue ? WORDS.overdueBy(taken.owner, until) : WORDS.takenBy(taken.owner, until);
    if (view.scale >= WORDS_FROM) word(ctx, view, text, view.x((door.x1 + door.x2) / 2) + 8, view.y((door.y1 + door.y2) / 2) + 14, ink, colour);
  }
  for (const block of floor.blocks) {
    const at = middle(map, block.name);
    if (!at) continue;
    const [x, y] = [view.x(at.x), view.y(at.y)];
    ctx.strokeStyle = colour.medium;
    ctx.lineWidth = 3;
    ctx.beginPath();
    ctx.moveTo(x - 7, y - 7);
    ctx.lineTo(x + 7, y + 7);
    ctx.moveTo(x + 7, y - 7);
    ctx.lineTo(x - 7, y + 7);
    ctx.stroke();
    ctx.strokeRect(x - 10, y - 10, 20, 20);
    const until = block.until ? ` ${WORDS.until(clockTime(new Date(block.until), false))}` : "";
    if (view.scale >= WORDS_FROM) word(ctx, view, WORDS.obstacle + until, x + 14, y + 4, colour.medium, colour);
  }
  ctx.globalAlpha = 1;
}

/** A word with a halo, kept inside the picture where its place is inside. */
function word(ctx, view, text, px, y, ink, colour, align = "left") {
  ctx.font = `600 ${FONT}`;
  ctx.textAlign = align;
  const width = ctx.measureText(text).width;
  const inside = px >= 0 && px <= view.width;
  const [left, right] = align === "center" ? [width / 2 + 4, view.width - width / 2 - 4] : [4, view.width - width - 4];
  const x = inside ? Math.max(left, Math.min(px, right)) : px;
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  ctx.setLineDash([]);
  ctx.strokeStyle = colour.floor;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink;
  ctx.fillText(text, x, y);
  ctx.textAlign = "left";
}
