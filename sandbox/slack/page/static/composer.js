// Writing: Enter sends, Shift + Enter starts a line, a slash or an at sign brings suggestions.

import { complain, pending, post } from "./deeds.js";
import { fill, light, lit, move } from "./pick.js";
import { go, here, refresh } from "./place.js";

const formOf = (node) => node.closest?.("[data-composer]");
const parts = (form) => ({ typed: form.querySelector("textarea"), list: form.querySelector(".suggest") });

// The word before the caret that wants suggestions: a command at the very start, or a mention anywhere.
function wanted(typed) {
  const before = typed.value.slice(0, typed.selectionStart);
  const command = /^\/([\w-]*)$/.exec(before);
  if (command) return { source: "#command-source", query: before, from: 0 };
  const mention = /(?:^|\s)@([\w.-]*)$/.exec(before);
  return mention && { source: "#mention-source", query: mention[1], from: before.length - mention[1].length - 1 };
}

function suggest(form) {
  const { typed, list } = parts(form);
  const wish = wanted(typed);
  const count = wish ? fill(list, [...document.querySelectorAll(`${wish.source} > li`)], wish.query, 8) : 0;
  list.hidden = !count;
  light(list, typed, count ? list.firstElementChild : null);
}

function insert(form, item) {
  const { typed, list } = parts(form);
  const { from } = wanted(typed) ?? { from: typed.selectionStart };
  typed.setRangeText(`${item.dataset.insert} `, from, typed.selectionStart, "end");
  list.hidden = true;
  light(list, typed, null);
  typed.focus();
}

function grow(typed) {
  typed.style.height = "auto";
  typed.style.height = `${Math.min(typed.scrollHeight, 220)}px`;
}

async function send(form) {
  const { typed, list } = parts(form);
  const text = typed.value;
  if (!text.trim()) return;
  list.hidden = true;
  typed.value = "";
  grow(typed);
  const { channel, thread } = form.dataset;
  const answer = await pending(form, () => post("say", { channel, text, thread: thread || null }));
  if (answer.ignored || answer.failed) typed.value ||= text;
  complain(answer.failed, form);
  const part = form.closest("#part-thread") ? "thread" : "main";
  await refresh(part);
  const log = document.querySelector(`#part-${part} .log`);
  if (log) log.scrollTop = log.scrollHeight;
}

function keyed(event) {
  const form = formOf(event.target);
  if (!form || event.target.nodeName !== "TEXTAREA" || event.isComposing) return;
  const { typed, list } = parts(form);
  if (!list.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) move(list, typed, event.key);
  else if (!list.hidden && lit(list) && ["Enter", "Tab"].includes(event.key) && !complete(typed, lit(list))) insert(form, lit(list));
  else if (!list.hidden && event.key === "Escape") list.hidden = true;
  else if (event.key === "Enter" && !event.shiftKey) send(form);
  else return;
  event.preventDefault();
}

const complete = (typed, item) => typed.value === item.dataset.insert;

async function shortcut(order) {
  complain((await post("shortcut", order)).failed);
  await refresh("modal");
}

export function start() {
  document.addEventListener("keydown", keyed);
  document.addEventListener("input", (event) => {
    const form = formOf(event.target);
    if (form) [suggest(form), grow(event.target)];
  });
  document.addEventListener("submit", (event) => {
    if (!formOf(event.target)) return;
    event.preventDefault();
    send(formOf(event.target));
  });
  document.addEventListener("mousedown", (event) => event.target.closest(".suggest") && event.preventDefault());
  document.addEventListener("focusout", (event) => formOf(event.target) && (parts(formOf(event.target)).list.hidden = true));
  document.addEventListener("click", (event) => clicked(event.target));
}

function clicked(target) {
  const suggested = target.closest(".suggest [role=option]");
  if (suggested) insert(formOf(suggested), suggested);
  const { globalShortcut, messageShortcut, typeCommand } = target.closest("[role=menuitem]")?.dataset ?? {};
  if (globalShortcut) shortcut({ callback_id: globalShortcut });
  if (messageShortcut) {
    const { channel, ts } = target.closest("[data-ts]").dataset;
    shortcut({ callback_id: messageShortcut, channel, ts });
  }
  if (typeCommand) {
    const { typed } = parts(formOf(target));
    typed.value = `${typeCommand} `;
    typed.focus();
  }
  const thread = target.closest("[data-open-thread]");
  if (thread) go(here.channel, thread.dataset.openThread);
}
