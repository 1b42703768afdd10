// News from the server: fetch again what has changed.

import { base, here, refresh } from "./place.js";

const waiting = new Set();
let timer = 0;

let news = null;

// A browser opens six connections to one host, and each listening page holds one: hidden pages let go of theirs.
export function start() {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", listen);
  if (!document.hidden) listen();
}

function stop() {
  news?.close();
  news = null;
  document.body.dataset.live = "no";
}

function listen() {
  if (news) return;
  news = new EventSource(`${base()}/events`);
  news.addEventListener("hello", () => {
    document.body.dataset.live = "yes";
    want("main", "thread", "modal", "sidebar"); // what happened since the page was drawn, or while we were away
  });
  news.addEventListener("change", ({ data }) => heard(JSON.parse(data)));
  news.addEventListener("travel", () => want("main", "thread", "modal", "sidebar"));
  news.addEventListener("error", () => (document.body.dataset.live = "no"));
}

function heard({ kind, channel }) {
  const present = !channel || channel === here.channel;
  if (kind === "message") want(...(present ? ["main", "thread", "sidebar"] : ["sidebar"]));
  else if (kind === "channel") want(...(present ? ["main", "sidebar"] : ["sidebar"]));
  else if (kind === "view") want("modal");
  else if (kind === "home") want(...(here.channel ? [] : ["main"]));
  else want("main", "sidebar");
}

function want(...names) {
  names.forEach((name) => waiting.add(name));
  if (!timer) timer = setTimeout(fetchWanted, 25);
}

function fetchWanted() {
  timer = 0;
  const names = ["modal", "main", "thread", "sidebar"].filter((name) => waiting.has(name));
  waiting.clear();
  refresh(...names);
}
