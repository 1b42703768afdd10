// Selects: type to filter, arrows to move, Enter to choose, Backspace to take back.

import { complain, post } from "./deeds.js";
import { float, step } from "./float.js";
import { spotOf } from "./values.js";

const parts = (select) => ({
  box: select.querySelector("[role=combobox]"),
  list: select.querySelector("[role=listbox]"),
  options: [...select.querySelectorAll("[role=option]")],
});
const chosen = (select) => parts(select).options.filter((option) => option.getAttribute("aria-selected") === "true");
const shown = (select) => parts(select).options.filter((option) => !option.hidden);
let asked = 0;

function open(select, query = "") {
  const { box, list } = parts(select);
  if ("external" in select.dataset) ask(select, query);
  filter(select, query);
  box.setAttribute("aria-expanded", "true");
  float(list, select.querySelector(".select-box"), { wide: true });
  light(select, chosen(select)[0] ?? shown(select)[0]);
}

function close(select) {
  const { box, list } = parts(select);
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
  list.hidden = true;
  if ("many" in select.dataset) box.value = "";
  else box.value = chosen(select)[0]?.dataset.text ?? "";
}

function filter(select, query) {
  const wanted = query.trim().toLowerCase();
  const { list, options } = parts(select);
  for (const option of options) option.hidden = !("external" in select.dataset) && !option.textContent.toLowerCase().includes(wanted);
  list.querySelectorAll(".group, .none").forEach((line) => line.remove());
  let group = null;
  for (const option of shown(select)) {
    if (option.dataset.group && option.dataset.group !== group) option.before(line("group", option.dataset.group));
    group = option.dataset.group;
  }
  if (!shown(select).length) list.append(line("none", "external" in select.dataset ? "Keep typing to find options" : "Nothing matches"));
}

function line(kind, text) {
  const made = document.createElement("li");
  made.className = kind;
  made.role = "presentation";
  made.textContent = text;
  return made;
}

function light(select, option) {
  const { box, options } = parts(select);
  for (const one of options) one.classList.toggle("lit", one === option);
  if (!option) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function ask(select, query) {
  if (query.length < Number(select.dataset.minQuery || 0)) return;
  const turn = ++asked;
  const { blockId: block_id, actionId: action_id } = select.dataset;
  const answer = await post("options", { spot: spotOf(select).spot, block_id, action_id, query });
  if (turn !== asked) return;
  if (answer.failed) return complain(answer.failed, select);
  const kept = chosen(select);
  const { list, box } = parts(select);
  list.innerHTML = answer.html;
  for (const option of kept) {
    const again = [...list.children].find((one) => one.dataset.value === option.dataset.value);
    if (again) again.setAttribute("aria-selected", "true");
    else list.append(option);
  }
  filter(select, query);
  if (box.getAttribute("aria-expanded") === "true") {
    float(list, select.querySelector(".select-box"), { wide: true });
    light(select, shown(select)[0]);
  }
}

function choose(select, option) {
  const many = "many" in select.dataset;
  const was = option.getAttribute("aria-selected") === "true";
  if (many && !was && chosen(select).length >= Number(select.dataset.max || Infinity)) return;
  if (!many) chosen(select).forEach((one) => one.setAttribute("aria-selected", "false"));
  option.setAttribute("aria-selected", many && was ? "false" : "true");
  settled(select);
  if (!many) close(select);
  else parts(select).box.value = "";
}

function settled(select) {
  select.dataset.dirty = "yes";
  if ("many" in select.dataset) drawChips(select);
  select.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
}

function drawChips(select) {
  select.querySelector(".chips").replaceChildren(
    ...chosen(select).map((option) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.dataset.value = option.dataset.value;
      const remove = document.createElement("button");
      Object.assign(remove, { type: "button", className: "chip-x", textContent: "×" });
      remove.setAttribute("aria-label", `Remove ${option.dataset.text}`);
      chip.append(option.dataset.text, remove);
      return chip;
    }),
  );
}

function take(select, value) {
  const option = parts(select).options.find((one) => one.dataset.value === value);
  option?.setAttribute("aria-selected", "false");
  settled(select);
}

function keyed(event, select) {
  const { box } = parts(select);
  const isOpen = box.getAttribute("aria-expanded") === "true";
  const lit = parts(select).options.find((option) => option.classList.contains("lit"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (isOpen) light(select, step(shown(select), lit, event.key));
    else open(select);
  } else if (event.key === "Enter" && isOpen) {
    if (lit && !lit.hidden) choose(select, lit);
  } else if (event.key === "Escape" && isOpen) {
    close(select);
    event.stopPropagation();
  } else if (event.key === "Backspace" && box.value === "" && "many" in select.dataset) {
    const last = chosen(select).at(-1);
    if (last) take(select, last.dataset.value);
    return;
  } else return;
  event.preventDefault();
}

export function start() {
  const selectOf = (event) => event.target.closest?.(".select");
  document.addEventListener("keydown", (event) => selectOf(event) && event.target.role === "combobox" && keyed(event, selectOf(event)));
  document.addEventListener("input", (event) => selectOf(event) && typed(selectOf(event)));
  document.addEventListener("focusout", (event) => {
    const select = selectOf(event);
    if (select && !select.contains(event.relatedTarget)) close(select);
  });
  document.addEventListener("scroll", ({ target }) => target.role === "listbox" || follow(), true);
  document.addEventListener("mousedown", (event) => event.target.closest(".select [role=listbox]") && event.preventDefault());
  document.addEventListener("click", (event) => {
    const select = selectOf(event);
    if (!select) return;
    const option = event.target.closest("[role=option]");
    const chip = event.target.closest(".chip-x");
    if (option) choose(select, option);
    else if (chip) take(select, chip.parentElement.dataset.value);
    else if (!event.target.closest("[role=listbox]")) clicked(select);
  });
}

// An open list stays with its field while the form scrolls.
function follow() {
  const select = document.querySelector("[role=combobox][aria-expanded=true]")?.closest(".select");
  if (select) float(parts(select).list, select.querySelector(".select-box"), { wide: true });
}

function clicked(select) {
  const { box } = parts(select);
  box.focus();
  if (!("many" in select.dataset)) box.select();
  if (box.getAttribute("aria-expanded") !== "true") open(select);
}

function typed(select) {
  const { box } = parts(select);
  if (box.value === "" && !("many" in select.dataset) && chosen(select).length) {
    chosen(select).forEach((one) => one.setAttribute("aria-selected", "false"));
    settled(select);
  }
  open(select, box.value);
  light(select, shown(select)[0]);
}
