// The page's script. The server draws everything; this swaps parts, sends deeds and keeps the keyboard at home.

import * as blocks from "./blocks.js";
import * as composer from "./composer.js";
import { post, toast } from "./deeds.js";
import * as dialogs from "./dialogs.js";
import * as live from "./live.js";
import * as menu from "./menu.js";
import * as place from "./place.js";
import * as select from "./select.js";
import * as switcher from "./switcher.js";

const plain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);

// Slack tells the app whenever somebody opens its place.
let entered = null;
function enter() {
  const tabs = document.querySelector("#part-main .tabs");
  const spot = tabs ? place.here.channel || "home" : null;
  if (spot && spot !== entered) post("enter", { tab: place.here.channel ? "messages" : "home" });
  entered = spot;
}

function drawer(open) {
  document.body.dataset.drawer = open ? "open" : "closed";
  document.querySelector("button[data-drawer-toggle]").setAttribute("aria-expanded", String(open));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-goto], [data-meet], [data-open-thread], [data-close-thread]");
  if (link && plain(event) && !link.closest("dialog")) {
    event.preventDefault();
    if ("meet" in link.dataset) switcher.meet(link.dataset.meet);
    else if ("closeThread" in link.dataset) place.go(place.here.channel);
    else if ("goto" in link.dataset) place.go(link.dataset.goto);
  }
  const join = event.target.closest("[data-join]");
  if (join) post("join", { channel: join.dataset.join }).then(() => place.refresh("main", "sidebar"));
  if (event.target.closest("[data-drawer-toggle]")) drawer(document.body.dataset.drawer !== "open");
  const copied = event.target.closest("[data-copy-ts]");
  if (copied) navigator.clipboard?.writeText(copied.dataset.copyTs).then(() => toast("Copied."), () => toast(copied.dataset.copyTs));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.dataset.drawer === "open") drawer(false);
});
document.addEventListener("shown", (event) => event.target.id === "part-main" && enter());

for (const module of [place, menu, select, dialogs, blocks, composer, switcher, live]) module.start();
enter();
document.body.dataset.ready = "yes";
