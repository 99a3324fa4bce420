// Times are stored in UTC and shown in the site's zone; relative ages tick here.

import { WORDS } from "./words.js";

const zone = () => document.body.dataset.zone || "UTC";

function ago(seconds) {
  if (seconds < 0) return WORDS.now;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return WORDS.days(Math.floor(seconds / 86400));
}

export function clockTime(date, seconds = true) {
  return new Intl.DateTimeFormat(WORDS.clock, {
    hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}), timeZone: zone(),
  }).format(date);
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-age]")) {
    const age = ago((now - Date.parse(element.dateTime)) / 1000);
    element.textContent = element.dataset.age === "ago" ? WORDS.ago(age) : age;
  }
  for (const element of document.querySelectorAll("[data-expires]")) {
    element.textContent = String(Math.max(0, Math.ceil((Date.parse(element.dataset.expires) - now) / 1000)));
  }
  const clock = document.getElementById("clock");
  if (clock) {
    const parts = new Intl.DateTimeFormat(WORDS.clock, {
      hour: "2-digit", minute: "2-digit", timeZone: zone(), timeZoneName: "short",
    }).format(now);
    clock.textContent = parts;
  }
}

export function ready() {
  tick();
  setInterval(tick, 1000);
  document.body.addEventListener("htmx:wsAfterMessage", tick);
}
