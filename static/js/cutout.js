// The map on a mission's or robot's page: the same map, around one robot.
import { live } from "./app.js";
import { FloorMap } from "./map.js";
import { way } from "./page.js";

const root = document.getElementById("map");
const map = new FloorMap(root, live);

let pointed = ""; // a node or edge of an error's references that somebody wants to see

function follow() {
  const part = document.querySelector("[data-affected]");
  const list = (name) => (part?.dataset[name] ? part.dataset[name].split(",") : []);
  map.highlight(pointed ? [pointed] : list("affected"));
  const index = part?.dataset.robot ? map.indexOf(part.dataset.robot) : null;
  if (index !== null && map.selected !== index) map.select(index);
  const own = { planned: way(part?.dataset.planned), next: way(part?.dataset.next) };
  map.showPath({ base: list("base"), horizon: list("horizon"), holds: list("holds"), ...own });
}

document.body.addEventListener("htmx:wsAfterMessage", follow);
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-node], [data-edge]");
  if (!link) return;
  pointed = link.dataset.node ?? link.dataset.edge;
  map.point(pointed);
});
/** What matters here, with some floor around it. */
function frame() {
  const track = map.tracks.get(map.selected);
  const stations = map.layout?.stations.filter((station) => map.affected.includes(station.id)) ?? [];
  const nodes = [...(map.path?.base ?? []), ...(map.path?.horizon ?? [])].map((id) => map.nodes.get(id)).filter(Boolean);
  const points = [...stations, ...nodes, ...(track ? [track.to] : [])];
  if (!points.length) return;
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)];
  map.move(() => map.view.fit(Math.min(...xs) - 5, Math.min(...ys) - 5, Math.max(...xs) + 5, Math.max(...ys) + 5, 8, 8, 8));
}

map.ready.then(() => {
  follow();
  frame();
  if (!map.tracks.size) live?.addEventListener("frame", () => setTimeout(() => (follow(), frame()), 0), { once: true });
});
