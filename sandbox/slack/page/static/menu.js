// Menus behind buttons: ⋯ on a message, ⚡ at the composer, overflow elements.

import { float, step } from "./float.js";

const menuOf = (opener) => opener.parentElement.querySelector(":scope > [role=menu]");
const openers = () => document.querySelectorAll("[data-menu][aria-expanded=true]");

export function closeMenus({ refocus = false } = {}) {
  for (const opener of openers()) {
    opener.setAttribute("aria-expanded", "false");
    menuOf(opener).hidden = true;
    if (refocus) opener.focus();
  }
}

function open(opener) {
  closeMenus();
  opener.setAttribute("aria-expanded", "true");
  float(menuOf(opener), opener);
  menuOf(opener).querySelector("[role=menuitem]")?.focus();
}

export function start() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-menu]");
    if (opener && opener.getAttribute("aria-expanded") !== "true") open(opener);
    else closeMenus();
    for (const peek of document.querySelectorAll("details.peek[open], details.switch-person[open]")) {
      if (!peek.contains(event.target)) peek.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("[role=menu]");
    if (!menu) return;
    const next = step([...menu.querySelectorAll("[role=menuitem]")], event.target, event.key);
    if (next) next.focus();
    else if (event.key === "Escape") closeMenus({ refocus: true });
    else if (event.key === "Tab") closeMenus();
    if (next || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  document.addEventListener("scroll", (event) => event.target.matches?.("[role=menu]") || closeMenus(), true);
}
