// A list under a text field: shared by the quick switcher and the composer's suggestions.

import { step } from "./float.js";

export function fill(list, sources, query, limit = 12) {
  const wanted = query.toLowerCase();
  const fits = ({ dataset }) => dataset.words.toLowerCase().split(/\s+/).some((word) => word.startsWith(wanted)) || dataset.words.toLowerCase().startsWith(wanted);
  const found = sources.filter(fits).slice(0, limit);
  list.replaceChildren(
    ...found.map((source, index) => {
      const item = source.cloneNode(true);
      item.id = `${list.id}-${index}`;
      item.setAttribute("role", "option");
      return item;
    }),
  );
  return found.length;
}

export function light(list, box, item) {
  for (const one of list.children) {
    one.classList.toggle("lit", one === item);
    one.setAttribute("aria-selected", String(one === item));
  }
  if (!item) return box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

export const lit = (list) => list.querySelector(".lit");
export const move = (list, box, key) => light(list, box, step([...list.children], lit(list), key));
