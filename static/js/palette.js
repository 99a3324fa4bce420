// Ctrl+K: go to a robot, a mission or a screen. It only navigates; nothing is ever sent to a robot from here.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector('[role="listbox"]');
let sequence = 0;
let chosen = 0;

function mark() {
  const rows = [...list.children];
  rows.forEach((row, index) => row.setAttribute("aria-selected", index === chosen ? "true" : "false"));
  const row = rows[chosen];
  if (row) {
    input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }
}

async function search() {
  sequence += 1;
  const mine = sequence;
  const reply = await fetch(`${dialog.dataset.source}?q=${encodeURIComponent(input.value)}`);
  if (!reply.ok || mine !== sequence) return;
  const { results } = await reply.json();
  list.replaceChildren(
    ...results.map((result, index) => {
      const row = document.createElement("div");
      row.id = `palette-${index}`;
      row.setAttribute("role", "option");
      row.dataset.url = result.url;
      const name = document.createElement("span");
      name.textContent = result.name;
      const kind = document.createElement("span");
      kind.className = "small";
      kind.textContent = result.kind;
      row.append(name, kind);
      return row;
    }),
  );
  chosen = 0;
  mark();
}

export function openPalette() {
  if (!dialog || dialog.open) return;
  input.value = "";
  dialog.showModal();
  search();
}

export function ready() {
  if (!dialog) return;
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const count = list.children.length || 1;
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      mark();
    } else if (event.key === "Enter" && list.children[chosen]) {
      location.assign(list.children[chosen].dataset.url);
    }
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-url]");
    if (row) location.assign(row.dataset.url);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
    }
  });
}
