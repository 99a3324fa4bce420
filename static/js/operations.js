// Operations: the map with its selection, the place menu, and the parts that follow the selected robot.
import { live } from "./app.js";
import { Composer } from "./composer.js";
import * as floorasks from "./floorasks.js";
import { FloorMap } from "./map.js";
import { show, way } from "./page.js";
import { Pockets } from "./pockets.js";
import { WORDS } from "./words.js";

const root = document.getElementById("map");
const slot = document.getElementById("card-slot");
const composerForm = document.getElementById("composer");
const map = new FloorMap(root, live);
new Pockets(map);
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
  const own = { planned: way(card?.dataset.planned), next: way(card?.dataset.next) };
  map.showPath(card ? { base: list("base"), horizon: list("horizon"), holds: list("holds"), ...own } : null);
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

const mayAsk = () => document.querySelector('#floor [data-floor="close_zone"]:not([disabled])') !== null;

/** What can be asked of the floor where the map was pressed. */
function floorButtons({ zone, door, node }) {
  const { zones, doors, blocks } = map.traffic.places;
  const made = [];
  const add = (text, kind, target, name) => made.push(menuButton(text, { floor: kind, target, name }));
  if (zone && document.querySelector(`#f-close-target option[value="${CSS.escape(zone.id)}"]`)) {
    const shut = zones.some((z) => z.id === zone.id);
    add((shut ? WORDS.openZone : WORDS.closeZone)(zone.name), shut ? "open_zone" : "close_zone", zone.id, zone.name);
  }
  if (door && doors.some((d) => d.id === door.id)) add(WORDS.giveBack(door.name), "give_back_door", door.id, door.name);
  if (node) {
    const blocked = blocks.some((b) => b.name === node.id);
    add((blocked ? WORDS.obstacleGone : WORDS.reportObstacle)(node.id), blocked ? "clear" : "block", node.id, node.id);
  }
  return made;
}

floorasks.ready(() => {
  map.traffic?.soon();
  const panel = document.getElementById("floor");
  if (panel) window.htmx.ajax("GET", panel.dataset.src, { target: panel, swap: "morph" });
});

map.addEventListener("place", ({ detail }) => {
  document.getElementById("place-menu")?.remove();
  const { station, zone, door } = detail;
  const node = map.traffic?.on || station || door ? detail.node : null;
  const place = station ?? door ?? zone ?? (node ? { name: node.name || node.id } : null);
  if (!place) {
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
    title.textContent = place.name + also;
    menu.append(title);
    if (composer && (station ?? zone)) menu.append(menuButton(WORDS.useInMission((station ?? zone).name), { use: (station ?? zone).name }));
    if (zone && document.getElementById("stop-form")) {
      menu.append(menuButton(WORDS.stopZone(zone.name), { stopZone: zone.id }));
    }
    if (mayAsk()) menu.append(...floorButtons({ zone, door, node }));
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
