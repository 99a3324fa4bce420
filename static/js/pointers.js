// The map under mouse, touch and pen: drag to move, wheel or two fingers to zoom, press to select, twice to open.

/** @param {import("./map.js").FloorMap} map */
export function pointers(map) {
  const held = new Map();
  let moved = 0;
  map.stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    map.stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
    moved = 0;
  });
  map.stage.addEventListener("pointermove", (event) => {
    const box = map.stage.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    const before = held.get(event.pointerId);
    if (!before) {
      map.stage.classList.toggle("over", map.hit(...at) !== null);
      map.dispatchEvent(new CustomEvent("hover", { detail: { px: at[0], py: at[1] } }));
      return;
    }
    moved += Math.abs(at[0] - before[0]) + Math.abs(at[1] - before[1]);
    if (held.size === 2) {
      const other = [...held].find(([id]) => id !== event.pointerId)[1];
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]) || 1;
      const is = Math.hypot(at[0] - other[0], at[1] - other[1]);
      map.move(() => map.view.zoom(is / was, (at[0] + other[0]) / 2, (at[1] + other[1]) / 2));
    } else if (moved > 4) {
      map.stage.classList.add("dragging");
      map.move(() => map.view.pan(at[0] - before[0], at[1] - before[1]));
    }
    held.set(event.pointerId, at);
  });
  const up = (event) => {
    const at = held.get(event.pointerId);
    held.delete(event.pointerId);
    map.stage.classList.remove("dragging");
    if (at && moved <= 4 && event.type === "pointerup") map.press(...at);
  };
  map.stage.addEventListener("pointerup", up);
  map.stage.addEventListener("pointercancel", up);
  map.stage.addEventListener("dblclick", (event) => {
    const robot = map.hit(event.offsetX, event.offsetY);
    const known = robot === null ? null : map.roster.get(robot);
    if (known) location.assign(`/robots/${known.id}/`);
  });
  map.stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = map.stage.getBoundingClientRect();
    const factor = Math.exp(-event.deltaY * 0.0015);
    map.move(() => map.view.zoom(factor, event.clientX - box.left, event.clientY - box.top));
  }, { passive: false });
}
