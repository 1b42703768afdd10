// Where the page is, and how its parts are fetched again.

import { morphChildren } from "./morph.js";

export const here = { ...document.body.dataset };
const drafts = new Map();
const fetching = new Map();

export const base = () => `/as/${encodeURIComponent(here.user)}`;

export async function refresh(...names) {
  for (const name of names) await fetchPart(name);
}

// One request per part at a time; news that comes meanwhile makes it go once more.
async function fetchPart(name) {
  if (fetching.has(name)) {
    fetching.get(name).again = true;
    return fetching.get(name).done;
  }
  const job = { again: true };
  fetching.set(name, job);
  job.done = (async () => {
    try {
      while (job.again) {
        job.again = false;
        await show(name);
      }
    } finally {
      fetching.delete(name);
    }
  })();
  return job.done;
}

async function show(name) {
  const query = new URLSearchParams({ channel: here.channel, thread: here.thread });
  const answer = await fetch(`${base()}/part/${name}?${query}`).catch(() => null);
  if (!answer) return;
  if (answer.status >= 400) {
    location.reload();
    return;
  }
  const shell = document.createElement("div");
  shell.innerHTML = await answer.text();
  swap(name, shell);
}

function swap(name, shell) {
  const part = document.getElementById(`part-${name}`);
  const log = part.querySelector(".log");
  const atEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 90;
  const before = log?.dataset.channel;
  morphChildren(part, shell);
  const shown = part.querySelector(".log");
  if (shown && (atEnd || shown.dataset.channel !== before || shown !== log)) toEnd(shown);
  part.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
}

function toEnd(log) {
  log.scrollTop = log.scrollHeight;
}

export async function go(channel, thread = "", { push = true } = {}) {
  keepDrafts();
  const moved = here.channel !== channel;
  Object.assign(here, { channel, thread });
  document.body.dataset.drawer = "closed";
  if (push) history.pushState({ channel, thread }, "", address());
  await refresh(...(moved ? ["main", "thread", "sidebar"] : ["thread", "main"]));
  restoreDrafts();
  if (moved) document.querySelector("#part-main .composer textarea, #part-main .home")?.focus({ preventScroll: true });
}

function address() {
  if (!here.channel) return `${base()}/home`;
  const thread = here.thread ? `?thread=${encodeURIComponent(here.thread)}` : "";
  return `${base()}/c/${encodeURIComponent(here.channel)}${thread}`;
}

function keepDrafts() {
  for (const typed of document.querySelectorAll(".composer textarea")) drafts.set(typed.id, typed.value);
}

function restoreDrafts() {
  for (const typed of document.querySelectorAll(".composer textarea")) {
    if (!typed.value && drafts.get(typed.id)) typed.value = drafts.get(typed.id);
  }
}

export function start() {
  history.replaceState({ channel: here.channel, thread: here.thread }, "");
  window.addEventListener("popstate", ({ state }) => state && go(state.channel, state.thread, { push: false }));
  document.querySelectorAll(".log").forEach(toEnd);
}
