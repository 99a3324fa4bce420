// Operations: the map with its selection, the place menu, and the parts that follow the selected robot.
import { live } from "./app.js";
import { Composer } from "./composer.js";
import { FloorMap } from "./map.js";
import { show } from "./page.js";
import { WORDS } from "./words.js";

const root = document.getElementById("map");
const slot = document.getElementById("card-slot");
const composerForm = document.getElementById("composer");
const map = new FloorMap(root, live);
const composer = composerForm ? new Composer(composerForm, map) : null;
const base = new URLSearchParams(document.getElementById("page-socket").getAttribute("ws-connect").split("?")[1]).get("show");
let socket = null;
let chosen = null;

function tellSocket() {
  socket?.send(JSON.stringify({ show: chosen ? `${base},card:${chosen}` : base }));
}

function followCard() {
  const card = document.getElementById("robot-card");
  const list = (name) => (card?.dataset[name] ? card.dataset[name].split(",") : []);
  map.showPath(card ? { base: list("base"), horizon: list("horizon"), holds: list("holds") } : null);
}

async function choose(robot) {
  chosen = robot?.id ?? null;
  tellSocket();
  if (!chosen) {
    slot.replaceChildren();
    followCard();
    return;
  }
  const reply = await fetch(root.dataset.card.replace("ROBOT", chosen), { credentials: "same-origin" });
  if (!reply.ok || chosen !== robot.id) return;
  show(slot, await reply.text());
  followCard();
}

document.body.addEventListener("htmx:wsOpen", (event) => {
  socket = event.detail.socketWrapper;
  tellSocket();
});
document.body.addEventListener("htmx:wsAfterMessage", followCard);
map.addEventListener("select", (event) => choose(event.detail.robot));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-unselect]")) map.select(null);
  const menu = document.getElementById("place-menu");
  if (menu && !menu.contains(event.target)) menu.remove();
  const use = event.target.closest("[data-use]");
  if (use) composer?.insert(use.dataset.use);
});

function menuButton(text, attributes) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  Object.assign(button.dataset, attributes);
  return button;
}

map.addEventListener("place", ({ detail }) => {
  document.getElementById("place-menu")?.remove();
  const { station, zone } = detail;
  if (!station && !zone) {
    map.select(null);
    return;
  }
  setTimeout(() => {
    const menu = document.createElement("div");
    menu.id = "place-menu";
    menu.className = "menu place-menu";
    menu.style.left = `${Math.min(detail.px, map.view.width - 230)}px`;
    menu.style.top = `${Math.min(detail.py, map.view.height - 130)}px`;
    const title = document.createElement("span");
    title.className = "small muted";
    const also = station?.aliases?.length ? WORDS.also(station.aliases.slice(0, 3).join(", ")) : "";
    title.textContent = (station?.name ?? zone.name) + also;
    menu.append(title);
    if (composer) menu.append(menuButton(WORDS.useInMission((station ?? zone).name), { use: (station ?? zone).name }));
    if (zone && document.getElementById("stop-form")) {
      menu.append(menuButton(WORDS.stopZone(zone.name), { stopZone: zone.id }));
    }
    root.append(menu);
    menu.querySelector("button")?.focus();
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.getElementById("place-menu")?.remove();
});

map.ready.then(() => {
  const wanted = new URLSearchParams(location.search).get("robot");
  const index = wanted ? map.indexOf(wanted) : null;
  if (index !== null) map.select(index);
});
