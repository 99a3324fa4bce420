// The map as tables: the same data in words, for screen readers and for who would rather read.
import { MARK } from "./frames.js";
import { WORDS, decimal } from "./words.js";

/** @param {import("./map.js").FloorMap} map */
export function fillRobots(map) {
  const body = map.table?.querySelector("tbody");
  if (!body) return;
  const rows = [...map.tracks].map(([index, { to, robot }]) => {
    const known = map.roster.get(index);
    const marks = Object.entries(MARK).filter(([, bit]) => robot.marks & bit).map(([word]) => WORDS.marks[word]);
    const cells = [
      WORDS.status[robot.status] ?? WORDS.unknown, marks.join(", "), [to.x, to.y].map((m) => decimal(m)).join(WORDS.decimal === "," ? "; " : ", "),
      robot.battery === null ? WORDS.unknown : `${robot.battery} %`, ...(map.traffic?.cells(index) ?? []),
    ];
    const link = document.createElement("a");
    link.href = known ? `/robots/${known.id}/` : "#";
    link.textContent = known?.name ?? WORDS.robot(index);
    return [known?.name ?? "", row(link, cells)];
  });
  if (body.contains(document.activeElement)) return; // do not pull a row from under the keyboard
  body.replaceChildren(...rows.sort((a, b) => a[0].localeCompare(b[0], "en", { numeric: true })).map(([, made]) => made));
}

/** Zones, doors and obstacles that are not as the layout has them. */
export function fillPlaces(map) {
  const places = map.table?.querySelector(".places");
  if (!places) return;
  const rows = map.traffic?.rows() ?? [];
  places.hidden = !rows.length;
  places.querySelector("tbody").replaceChildren(...rows.map(([name, ...cells]) => row(name, cells)));
}

function row(head, cells) {
  const made = document.createElement("tr");
  const first = document.createElement("th");
  first.scope = "row";
  first.append(head);
  made.append(first, ...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
  return made;
}
