// The static layer: floor, zones, racks, lanes, stations, walls and doors. Redrawn only when the view or the theme changes.
import { WORDS } from "./words.js";

const KIND_ORDER = ["dock", "receiving", "packing", "staging", "inspection", "storage", "charger", "rack", "parking"];
const ZONE_COLOUR = { human_only: "zone-human", closed: "zone-closed", speed: "zone-speed", area: "zone-area" };
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

export function drawFloor(ctx, view, layout, colour) {
  ctx.clearRect(0, 0, view.width, view.height);
  ctx.fillStyle = colour.bg;
  ctx.fillRect(0, 0, view.width, view.height);
  ctx.fillStyle = colour.floor;
  const w = layout.width || extent(layout, "x");
  const h = layout.height || extent(layout, "y");
  ctx.fillRect(view.x(0), view.y(h), w * view.scale, h * view.scale);
  for (const zone of layout.zones) drawZone(ctx, view, zone, colour);
  drawLanes(ctx, view, layout, colour);
  drawRacks(ctx, view, layout, colour);
  drawWalls(ctx, view, layout, colour);
  drawStations(ctx, view, layout, colour);
}

export function extent(layout, axis) {
  return Math.max(10, ...layout.nodes.map((node) => node[axis] + 2));
}

export function tracePolygon(ctx, view, polygon) {
  ctx.beginPath();
  polygon.forEach(([x, y], i) => (i ? ctx.lineTo(view.x(x), view.y(y)) : ctx.moveTo(view.x(x), view.y(y))));
  ctx.closePath();
}

function drawZone(ctx, view, zone, colour) {
  const stroke = colour[ZONE_COLOUR[zone.kind] ?? "zone-area"];
  ctx.save();
  tracePolygon(ctx, view, zone.polygon);
  ctx.strokeStyle = stroke;
  ctx.lineWidth = zone.kind === "area" ? 1 : 1.5;
  ctx.setLineDash(zone.kind === "area" ? [2, 4] : [7, 4]);
  if (zone.kind === "human_only" || zone.kind === "closed") {
    ctx.globalAlpha = 0.55;
    ctx.clip();
    const xs = zone.polygon.map((p) => view.x(p[0]));
    const ys = zone.polygon.map((p) => view.y(p[1]));
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let x = x0 - (y1 - y0); x < x1; x += 9) {
      ctx.moveTo(x, y1);
      ctx.lineTo(x + (y1 - y0), y0);
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
    tracePolygon(ctx, view, zone.polygon);
    ctx.lineWidth = 2.5;
    ctx.stroke();
  } else {
    ctx.stroke();
  }
  ctx.restore();
}

function drawLanes(ctx, view, layout, colour) {
  const at = new Map(layout.nodes.map((node) => [node.id, node]));
  ctx.strokeStyle = colour.lane;
  ctx.lineWidth = Math.max(1, Math.min(3, view.scale * 0.12));
  ctx.beginPath();
  for (const edge of layout.edges) {
    const [a, b] = [at.get(edge.start), at.get(edge.end)];
    if (!a || !b) continue;
    ctx.moveTo(view.x(a.x), view.y(a.y));
    ctx.lineTo(view.x(b.x), view.y(b.y));
  }
  ctx.stroke();
  if (view.scale < 16) return;
  ctx.fillStyle = colour.node;
  for (const edge of layout.edges) arrow(ctx, view, at.get(edge.start), at.get(edge.end));
  for (const node of layout.nodes) {
    ctx.beginPath();
    ctx.arc(view.x(node.x), view.y(node.y), 2, 0, 7);
    ctx.fill();
  }
}

function arrow(ctx, view, a, b) {
  if (!a || !b) return;
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  const [x, y] = [view.x(a.x + (b.x - a.x) * 0.62), view.y(a.y + (b.y - a.y) * 0.62)];
  ctx.beginPath();
  for (const turn of [0, 2.5, -2.5]) ctx.lineTo(x + 5 * Math.cos(angle + turn), y - 5 * Math.sin(angle + turn));
  ctx.fill();
}

function drawRacks(ctx, view, layout, colour) {
  ctx.fillStyle = colour.rack;
  ctx.strokeStyle = colour["rack-line"];
  ctx.lineWidth = 1;
  for (const rack of layout.racks) {
    const [x, y] = [view.x(rack.x), view.y(rack.y + rack.height)];
    const [w, h] = [rack.width * view.scale, rack.height * view.scale];
    ctx.fillRect(x, y, w, h);
    ctx.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  }
}

function drawWalls(ctx, view, layout, colour) {
  ctx.strokeStyle = colour.wall;
  ctx.lineWidth = Math.max(2, view.scale * 0.2);
  ctx.lineCap = "square";
  ctx.beginPath();
  for (const wall of layout.walls) {
    ctx.moveTo(view.x(wall.x1), view.y(wall.y1));
    ctx.lineTo(view.x(wall.x2), view.y(wall.y2));
  }
  ctx.stroke();
  ctx.lineCap = "butt";
  for (const door of layout.doors) {
    ctx.lineWidth = Math.max(4, view.scale * 0.35);
    ctx.strokeStyle = colour.floor;
    line(ctx, view, door);
    ctx.strokeStyle = colour.door;
    ctx.lineWidth = 2;
    ctx.setLineDash([5, 3]);
    line(ctx, view, door);
    ctx.setLineDash([]);
  }
}

function line(ctx, view, part) {
  ctx.beginPath();
  ctx.moveTo(view.x(part.x1), view.y(part.y1));
  ctx.lineTo(view.x(part.x2), view.y(part.y2));
  ctx.stroke();
}

function drawStations(ctx, view, layout, colour) {
  const size = Math.min(9, Math.max(5, view.scale * 0.55));
  ctx.strokeStyle = colour.station;
  ctx.fillStyle = colour.station;
  ctx.lineWidth = 1.5;
  for (const station of layout.stations) {
    const [x, y] = [view.x(station.x), view.y(station.y)];
    ctx.strokeRect(x - size / 2, y - size / 2, size, size);
    if (station.kind === "charger") {
      ctx.fillRect(x - size / 2 + 2, y - 0.75, size - 4, 1.5);
      ctx.fillRect(x - 0.75, y - size / 2 + 2, 1.5, size - 4);
    }
  }
  labels(ctx, view, layout, colour, size);
}

/** Names where they fit, the most useful kinds first; none is drawn over another. */
function labels(ctx, view, layout, colour, size) {
  const taken = [];
  const free = (box) => !taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
  const put = (text, px, y, style, font) => {
    ctx.font = font;
    const w = ctx.measureText(text).width;
    if (px < 0 || px > view.width) return;
    const x = Math.max(w / 2 + 4, Math.min(px, view.width - w / 2 - 4));
    for (const [dx, dy] of [[-w / 2, size + 11], [-w / 2, -size - 1], [size + 3, 4], [-w - size - 3, 4]]) {
      const box = [x + dx - 2, y + dy - 11, x + dx + w + 2, y + dy + 3];
      if (!free(box)) continue;
      taken.push(box);
      ctx.lineWidth = 3;
      ctx.strokeStyle = colour.floor;
      ctx.lineJoin = "round";
      ctx.strokeText(text, x + dx, y + dy);
      ctx.fillStyle = style;
      ctx.fillText(text, x + dx, y + dy);
      return;
    }
  };
  for (const zone of layout.zones) {
    if (zone.kind === "area" && view.scale < 14) continue;
    const cx = zone.polygon.reduce((sum, p) => sum + p[0], 0) / zone.polygon.length;
    const cy = zone.polygon.reduce((sum, p) => sum + p[1], 0) / zone.polygon.length;
    const word = WORDS.zones[zone.kind] ? `${zone.name} (${WORDS.zones[zone.kind]})` : zone.name;
    put(word, view.x(cx), view.y(cy) - 8, colour[ZONE_COLOUR[zone.kind] ?? "zone-area"], `600 12px ${FONT}`);
  }
  if (view.scale < 7) return;
  const order = (kind) => (KIND_ORDER.indexOf(kind) + KIND_ORDER.length) % (KIND_ORDER.length + 1);
  for (const station of [...layout.stations].sort((a, b) => order(a.kind) - order(b.kind))) {
    if (station.kind === "parking" && view.scale < 18) continue;
    put(station.name, view.x(station.x), view.y(station.y), colour["station-text"], `11px ${FONT}`);
  }
  for (const door of layout.doors) {
    put(door.name, view.x((door.x1 + door.x2) / 2), view.y((door.y1 + door.y2) / 2), colour["station-text"], `11px ${FONT}`);
  }
}
