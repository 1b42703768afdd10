// Ctrl or Cmd + K: jump to a channel or a person.

import { complain, post } from "./deeds.js";
import { fill, light, lit, move } from "./pick.js";
import { go } from "./place.js";

const dialog = document.getElementById("switcher");
const box = dialog.querySelector("input");
const list = document.getElementById("switch-list");

function show() {
  if (document.querySelector("dialog[open]")) return;
  box.value = "";
  search();
  dialog.showModal();
  box.focus();
}

function search() {
  fill(list, [...document.querySelectorAll("#switch-source > li")], box.value.replace(/^[#@]/, ""), 40);
  light(list, box, list.firstElementChild);
}

async function jump(item) {
  if (!item) return;
  dialog.close();
  if (item.dataset.meet) await meet(item.dataset.meet);
  else await go(item.dataset.goto);
}

export async function meet(other) {
  const answer = await post("meet", { other });
  if (answer.channel) await go(answer.channel);
  complain(answer.failed);
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else show();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-switcher]") && show());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    jump(event.target.closest("[role=option]"));
  });
  box.addEventListener("input", search);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") jump(lit(list));
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") move(list, box, event.key);
    else return;
    event.preventDefault();
  });
}
