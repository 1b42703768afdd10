// Interactive elements in messages, modals and the Home: pressing, choosing, confirming.

import { complain, pending, post } from "./deeds.js";
import { confirmed } from "./dialogs.js";
import { refresh } from "./place.js";
import { gather, spotOf, valueOf } from "./values.js";

const dispatches = (element) => "dispatch" in element.dataset;

async function press(element, control, value) {
  if (!(await confirmed(confirmOf(element)))) return takeBack(element);
  const { container, spot } = spotOf(element);
  const { blockId: block_id, actionId: action_id } = element.dataset;
  const answer = await pending(control, () => post("press", { spot, block_id, action_id, value, values: gather(container) }));
  complain(answer.failed, element);
}

// A field has no children: its template stands beside it.
function confirmOf(element) {
  const beside = element.nextElementSibling;
  return element.querySelector(":scope > template[data-confirm]") ?? (beside?.matches("template[data-confirm]") ? beside : null);
}

// What was chosen and then not confirmed goes back to what the server knows.
function takeBack(element) {
  delete element.dataset.dirty;
  for (const box of element.querySelectorAll("input[type=checkbox], input[type=radio]")) box.checked = box.defaultChecked;
  refresh("main", "modal", "thread");
}

function changed(element) {
  if (dispatches(element)) press(element, element, valueOf(element));
}

const later = new Map();
function typing(element) {
  if (!dispatches(element) || !element.dataset.dispatchOn?.includes("on_character_entered")) return;
  clearTimeout(later.get(element));
  later.set(element, setTimeout(() => changed(element), 300));
}

async function uploaded(element) {
  const ids = [];
  for (const file of element.files) {
    const answer = await fetch(`/as/${encodeURIComponent(document.body.dataset.user)}/upload?name=${encodeURIComponent(file.name)}`, {
      method: "POST",
      headers: { "x-sandbox-page": "1" },
      body: file,
    }).then((response) => response.json());
    if (answer.file) ids.push(answer.file);
    else complain(answer.failed, element);
  }
  element.dataset.files = JSON.stringify(ids);
}

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-element][data-type$=button]");
    if (button) press(button, button, null);
    const item = event.target.closest(".overflow [role=menuitem]");
    if (item) press(item.closest("[data-element]"), item.closest(".overflow").querySelector("[data-menu]"), item.dataset.value);
  });
  document.addEventListener("chosen", (event) => changed(event.target.closest("[data-element]")));
  document.addEventListener("change", (event) => {
    const element = event.target.closest("[data-element]");
    if (!element || element.matches(".select")) return;
    if (element.type === "file") pending(element, () => uploaded(element));
    else if (!/input$/.test(element.dataset.type)) changed(element);
  });
  document.addEventListener("input", (event) => event.target.matches("[data-element]") && typing(event.target));
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || !field.matches("input[data-element][data-type$=input]") || !dispatches(field)) return;
    event.preventDefault();
    changed(field);
  });
}
