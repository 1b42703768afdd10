// Menus and lists that float above everything, beside what opened them.

export function float(panel, anchor, { wide = false } = {}) {
  const box = anchor.getBoundingClientRect();
  panel.hidden = false;
  Object.assign(panel.style, { position: "fixed", minWidth: wide ? `${box.width}px` : "", maxHeight: "" });
  const size = panel.getBoundingClientRect();
  const [below, above] = [innerHeight - box.bottom - 8, box.top - 8];
  const down = size.height <= below || below >= above;
  panel.style.maxHeight = `${Math.min(320, Math.max(80, down ? below : above))}px`;
  const height = Math.min(size.height, down ? below : above, 320);
  panel.style.top = `${down ? box.bottom + 4 : box.top - height - 4}px`;
  panel.style.left = `${Math.max(8, Math.min(wide ? box.left : box.right - size.width, innerWidth - size.width - 8))}px`;
}

export function step(items, current, key) {
  if (!items.length) return null;
  const at = items.indexOf(current);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[key];
  return to === undefined ? null : items[(to + items.length) % items.length];
}
