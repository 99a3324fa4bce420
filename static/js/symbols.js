// One symbol per robot. Grey is normal: hollow idle, solid working, hatched unknown; colour only when something is wrong.
import { MARK } from "./frames.js";

const HOLLOW = new Set([1, 4, 5, 6, 8]);
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

export function isAlarm(robot) {
  return robot.status === 7 || (robot.marks & MARK.attention) !== 0;
}

export function drawRobot(ctx, view, robot, x, y, heading, kind, colour) {
  const length = Math.max(13, (kind?.length ?? 1) * view.scale);
  const width = Math.max(9, (kind?.width ?? 0.7) * view.scale);
  const old = (robot.marks & (MARK.stale | MARK.disconnected)) !== 0 || robot.status === 0;
  const fault = robot.status === 7;
  ctx.save();
  ctx.translate(view.x(x), view.y(y));
  ctx.save();
  ctx.rotate(-heading);
  body(ctx, length, width);
  ctx.lineWidth = 1.8;
  ctx.strokeStyle = fault ? colour.high : old ? colour.faint : colour["robot-line"];
  if (old) {
    ctx.fillStyle = colour.floor;
    ctx.fill();
    hatch(ctx, length, width, colour.faint);
    ctx.setLineDash([3, 2]);
    body(ctx, length, width);
    ctx.stroke();
  } else {
    ctx.fillStyle = fault ? colour.high : HOLLOW.has(robot.status) ? colour.floor : colour.robot;
    ctx.fill();
    ctx.stroke();
  }
  if (robot.marks & MARK.loaded) {
    ctx.setLineDash([]);
    ctx.fillStyle = HOLLOW.has(robot.status) || old ? colour["robot-line"] : colour.floor;
    ctx.fillRect(-length * 0.28, -width * 0.22, length * 0.36, width * 0.44);
  }
  ctx.restore();
  glyph(ctx, robot, colour, Math.max(length, width) / 2);
  ctx.restore();
}

function body(ctx, length, width) {
  const [l, w] = [length / 2, width / 2];
  ctx.beginPath();
  ctx.moveTo(-l, -w);
  ctx.lineTo(l - w * 0.7, -w);
  ctx.lineTo(l, 0);
  ctx.lineTo(l - w * 0.7, w);
  ctx.lineTo(-l, w);
  ctx.closePath();
}

function hatch(ctx, length, width, stroke) {
  ctx.save();
  body(ctx, length, width);
  ctx.clip();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = -length; x < length; x += 4) {
    ctx.moveTo(x, width);
    ctx.lineTo(x + width * 2, -width);
  }
  ctx.stroke();
  ctx.restore();
}

/** Upright marks: held bars, charging cross, waiting dot, out cross, a broken link, an amber diamond for attention. */
function glyph(ctx, robot, colour, r) {
  const ink = colour["robot-line"];
  ctx.fillStyle = ink;
  ctx.strokeStyle = ink;
  ctx.lineWidth = 1.6;
  if (robot.status === 5) {
    ctx.fillRect(-3, -3.5, 2, 7);
    ctx.fillRect(1, -3.5, 2, 7);
  } else if (robot.status === 4) {
    ctx.fillRect(-3.5, -0.9, 7, 1.8);
    ctx.fillRect(-0.9, -3.5, 1.8, 7);
  } else if (robot.status === 6) {
    ctx.beginPath();
    ctx.arc(0, 0, 2.2, 0, 7);
    ctx.fill();
  } else if (robot.status === 8) {
    ctx.beginPath();
    ctx.moveTo(-3, -3);
    ctx.lineTo(3, 3);
    ctx.moveTo(3, -3);
    ctx.lineTo(-3, 3);
    ctx.stroke();
  }
  if (robot.marks & MARK.disconnected) {
    ctx.strokeStyle = colour.medium;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(r + 1, -r - 1, 3, 2.4, 5.2);
    ctx.moveTo(r + 8, -r + 1);
    ctx.arc(r + 6, -r - 1, 3, 5.6, 8.2);
    ctx.stroke();
  }
  if (robot.marks & MARK.attention && robot.status !== 7) {
    ctx.strokeStyle = colour.medium;
    ctx.lineWidth = 2.2;
    const d = r + 6;
    ctx.beginPath();
    ctx.moveTo(0, -d);
    ctx.lineTo(d, 0);
    ctx.lineTo(0, d);
    ctx.lineTo(-d, 0);
    ctx.closePath();
    ctx.stroke();
  }
}

export function drawLabel(ctx, view, name, x, y, colour) {
  ctx.font = FONT;
  const px = view.x(x) + Math.max(9, view.scale * 0.6);
  const py = view.y(y) - Math.max(7, view.scale * 0.4);
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  ctx.strokeStyle = colour.floor;
  ctx.strokeText(name, px, py);
  ctx.fillStyle = colour.text;
  ctx.fillText(name, px, py);
}
