// Deeds are POSTs; what Slack would say went wrong is shown where the person looks.

import { base } from "./place.js";

export async function post(deed, order) {
  try {
    const answer = await fetch(`${base()}/${deed}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-sandbox-page": "1" },
      body: JSON.stringify(order),
    });
    return await answer.json();
  } catch {
    return { failed: "The sandbox does not answer. Is it still running?", errors: {} };
  }
}

// While the app thinks, the control says so; a second press meanwhile is not sent.
export async function pending(control, work) {
  if (control.getAttribute("aria-busy") === "true") return { ignored: true };
  control.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    control.removeAttribute("aria-busy");
  }
}

export function complain(text, near) {
  if (!text) return;
  const dialog = near?.closest("dialog[open]") ?? document.querySelector("dialog[data-modal][open]");
  const banner = dialog?.querySelector("[data-failed]");
  if (banner) banner.textContent = text;
  else toast(text);
}

export function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-btn";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  close.onclick = () => note.remove();
  note.append(close);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 12000);
}
