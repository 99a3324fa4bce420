// The live socket: one per page, binary frames in, age of the picture out. Reconnects with back-off and a full snapshot.
import { decode, following } from "./frames.js";

const SLOW_MS = 1000;
const STALE_MS = 3000;
const GIVE_UP_MS = 10000;

export class Live extends EventTarget {
  constructor(site) {
    super();
    this.site = site;
    this.robots = new Map();
    this.sequence = null;
    this.at = 0; // server time of the newest frame
    this.heard = null; // performance.now() of the last frame
    this.heardAt = null; // wall clock of the last frame, for people
    this.retries = 0;
    this.state = "connecting";
    this.open();
    setInterval(() => this.judge(), 250);
    document.addEventListener("visibilitychange", () => this.rate());
  }

  open() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/live/${this.site}/`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.retries = 0;
      this.rate();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.judge();
      if (event.code === 4401 || event.code === 4403) return; // signed out: trying again cannot help
      const wait = Math.min(15000, 500 * 2 ** this.retries) * (0.5 + Math.random());
      this.retries += 1;
      this.timer = setTimeout(() => this.open(), wait);
    };
    this.socket = socket;
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  rate() {
    this.send({ hz: document.hidden ? 1 : 5 });
  }

  receive(data) {
    if (!(data instanceof ArrayBuffer)) return;
    const frame = decode(data);
    if (frame.at > this.at) {
      // a snapshot read again says nothing new: the age is that of the newest frame
      this.at = frame.at;
      this.heard = performance.now();
      this.heardAt = new Date();
    }
    if (!frame.snapshot && !this.follows(frame)) {
      this.judge();
      return;
    }
    this.sequence = frame.sequence;
    if (frame.snapshot) {
      this.asked = null;
      const present = new Set(frame.robots.map((robot) => robot.index));
      for (const index of this.robots.keys()) if (!present.has(index)) this.robots.delete(index);
    }
    for (const robot of frame.robots) this.robots.set(robot.index, robot);
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    this.judge();
  }

  /** Whether the frame's changes can be added to what is known. A gap asks for the snapshot, at most once a second. */
  follows(frame) {
    if (this.sequence !== null) {
      if (frame.sequence === following(this.sequence)) return true;
      const behind = (this.sequence - frame.sequence) >>> 0;
      if (behind < 50) return false; // the heartbeat of a quiet site, or a frame from before our snapshot
    }
    if (!this.asked || performance.now() - this.asked > 1000) {
      this.asked = performance.now();
      this.send({ snapshot: true });
    }
    return false;
  }

  get age() {
    return this.heard === null ? null : performance.now() - this.heard;
  }

  judge() {
    const age = this.age;
    let state = "live";
    if (age === null) state = this.socket ? "connecting" : "lost";
    else if (!this.socket && (age > STALE_MS || this.retries > 1)) state = "lost";
    else if (age > GIVE_UP_MS) state = "lost";
    else if (age > STALE_MS) state = "stale";
    else if (age > SLOW_MS) state = document.hidden ? "live" : "slow";
    const changed = state !== this.state;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, age, changed, since: this.heardAt } }));
  }
}
