// Modals, confirm dialogs and the page's own dialogs. The browser's <dialog> keeps the focus inside.

import { complain, pending, post } from "./deeds.js";
import { refresh } from "./place.js";
import { gather } from "./values.js";

let cameFrom = null;

// Shows the modal that the server has drawn, or gives the focus back once there is none.
export function sync() {
  const modal = document.querySelector("#part-modal dialog[data-modal]");
  if (modal && !modal.open) {
    const active = document.activeElement;
    if (active && active !== document.body && !active.closest("#part-modal")) cameFrom = active;
    document.querySelectorAll("#switcher[open], #about[open]").forEach((dialog) => dialog.close());
    modal.showModal();
    firstField(modal)?.focus();
  } else if (!modal && cameFrom) {
    if (cameFrom.isConnected) cameFrom.focus({ preventScroll: true });
    cameFrom = null;
  }
}

function firstField(modal) {
  const fields = ".modal-body :is(input, textarea, select, button, a[href]):not([tabindex='-1'])";
  return modal.querySelector("[autofocus]") ?? modal.querySelector(fields) ?? modal.querySelector(".modal-foot .btn:last-child");
}

async function submit(modal) {
  const button = modal.querySelector("[data-submit]");
  if (!button) return;
  modal.querySelector("[data-failed]").textContent = "";
  const order = { view_id: modal.dataset.viewId, values: gather(modal) };
  const answer = await pending(button, () => post("submit", order));
  if (answer.ignored) return;
  complain(answer.failed, modal);
  await refresh("modal");
  if (Object.keys(answer.errors ?? {}).length) document.querySelector("#part-modal [aria-invalid=true]")?.focus();
}

async function leave(modal, clear) {
  complain((await post("close", { view_id: modal.dataset.viewId, clear })).failed, modal);
  await refresh("modal");
}

// Resolves to true at once where nothing is to be confirmed.
export function confirmed(template) {
  if (!template) return Promise.resolve(true);
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.append(template.content.cloneNode(true));
  const heading = dialog.querySelector(".dialog-title");
  heading.id = "confirm-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.setAttribute("role", "alertdialog");
  document.body.append(dialog);
  return new Promise((decide) => {
    dialog.addEventListener("click", (event) => {
      if (event.target.closest("[data-agree]")) dialog.close("yes");
      if (event.target.closest("[data-deny]")) dialog.close("no");
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      decide(dialog.returnValue === "yes");
    });
    dialog.showModal();
    dialog.querySelector("[data-deny]").focus();
  });
}

export function start() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-submit-view]")) return;
    event.preventDefault();
    submit(event.target.closest("dialog"));
  });
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-close-view]");
    if (closer) leave(closer.closest("dialog"), closer.dataset.closeView === "all");
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
    if (event.target.closest("[data-about]")) {
      refresh("about");
      document.getElementById("about").showModal();
    }
  });
  document.addEventListener(
    "cancel",
    (event) => {
      if (!event.target.matches("[data-modal]")) return;
      event.preventDefault();
      leave(event.target, false);
    },
    true,
  );
  document.addEventListener("shown", (event) => event.target.id === "part-modal" && sync());
  sync();
}
