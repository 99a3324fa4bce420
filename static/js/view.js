// The map's camera: metres to pixels and back. x east, y north in the layout; y grows downward on the screen.

const LEAST = 2;
const MOST = 120;

export class View {
  constructor() {
    this.scale = 10; // px per metre
    this.left = 0;
    this.top = 0;
    this.width = 1;
    this.height = 1;
  }

  x(metres) {
    return this.left + metres * this.scale;
  }

  y(metres) {
    return this.top - metres * this.scale;
  }

  world(px, py) {
    return [(px - this.left) / this.scale, (this.top - py) / this.scale];
  }

  /** The whole rectangle, clear of the tools above and the legend below. */
  fit(x0, y0, x1, y1, margin = 14, above = 50, below = 50) {
    const w = Math.max(x1 - x0, 1);
    const h = Math.max(y1 - y0, 1);
    const free = Math.max(40, this.height - above - below);
    const scale = Math.min((this.width - 2 * margin) / w, free / h);
    this.scale = Math.min(MOST, Math.max(LEAST, scale));
    this.left = (this.width - w * this.scale) / 2 - x0 * this.scale;
    this.top = above + (free + h * this.scale) / 2 + y0 * this.scale;
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.world(px, py);
    this.scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    this.left = px - x * this.scale;
    this.top = py + y * this.scale;
  }

  pan(dx, dy) {
    this.left += dx;
    this.top += dy;
  }

  centre(x, y) {
    this.left = this.width / 2 - x * this.scale;
    this.top = this.height / 2 + y * this.scale;
  }
}

/** Every colour of the canvas comes from the style sheet, so that both themes hold. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = [
    "bg", "panel", "text", "muted", "faint", "line", "floor", "rack", "rack-line", "wall", "lane", "node", "station", "station-text",
    "zone-human", "zone-closed", "zone-speed", "zone-area", "door", "robot", "robot-idle", "robot-line", "high", "medium", "low-fill", "select",
  ];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** Whether a point (m) lies in a polygon. */
export function within(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    const [xi, yi] = polygon[i];
    const [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Metres from a point to a door's line. */
export function beside(door, x, y) {
  const [dx, dy] = [door.x2 - door.x1, door.y2 - door.y1];
  const along = dx || dy ? Math.max(0, Math.min(1, ((x - door.x1) * dx + (y - door.y1) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(door.x1 + along * dx - x, door.y1 + along * dy - y);
}
