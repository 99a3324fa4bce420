// The binary live frame of robots/core/frames.py. Little-endian: header of 16 bytes, then 10 bytes a robot.

const HEADER = 16;
const ROBOT = 10;

export const MARK = { stale: 0x10, disconnected: 0x20, loaded: 0x40, attention: 0x80 };

/**
 * @param {ArrayBuffer} buffer
 * @returns {{snapshot: boolean, sequence: number, at: number, robots: Array<object>}}
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < HEADER || view.getUint8(0) !== 1) throw new Error("not a live frame of version 1");
  const count = view.getUint16(14, true);
  const robots = new Array(count);
  for (let i = 0, at = HEADER; i < count; i += 1, at += ROBOT) {
    const bits = view.getUint8(at + 8);
    const battery = view.getUint8(at + 9);
    robots[i] = {
      index: view.getUint16(at, true),
      x: view.getUint16(at + 2, true) / 100,
      y: view.getUint16(at + 4, true) / 100,
      heading: view.getInt16(at + 6, true) / 1000,
      status: bits & 0x0f,
      marks: bits & 0xf0,
      battery: battery === 255 ? null : battery,
    };
  }
  return {
    snapshot: (view.getUint8(1) & 1) === 1,
    sequence: view.getUint32(2, true),
    at: Number(view.getBigUint64(6, true)),
    robots,
  };
}

/** The number that must follow `sequence`. */
export function following(sequence) {
  return (sequence + 1) >>> 0;
}
