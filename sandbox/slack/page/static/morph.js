// Makes old DOM look like new DOM with as few changes as can be: focus, scroll and typed text stay.

const KEPT = new Set(["open", "hidden", "aria-expanded", "aria-activedescendant", "aria-busy", "data-dirty", "style"]);

export function morphChildren(old, fresh) {
  const keyed = new Map();
  for (const child of old.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = match(place, wanted, keyed);
    if (!found) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else old.insertBefore(found, place);
    morph(found, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function match(place, wanted, keyed) {
  const key = keyOf(wanted);
  if (key) {
    const found = keyed.get(key);
    keyed.delete(key);
    return found && found.nodeName === wanted.nodeName ? found : null;
  }
  return place && !keyOf(place) && place.nodeName === wanted.nodeName ? place : null;
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id : "";
}

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.isEqualNode(fresh) || chosenHere(old, fresh)) return;
  morphAttributes(old, fresh);
  if (old.nodeName === "TEMPLATE") old.innerHTML = fresh.innerHTML;
  else if (!old.matches("ul.suggest")) morphChildren(old, fresh);
}

// A select in which somebody has chosen keeps the choice, unless the app offers other options now.
function chosenHere(old, fresh) {
  if (!old.matches(".select[data-dirty]") || !fresh.matches(".select")) return false;
  const values = (select) => [...select.querySelectorAll("[role=option]")].map((option) => option.dataset.value).join("\n");
  const same = old.hasAttribute("data-external") || values(old) === values(fresh);
  if (same) mirrorErrors(old, fresh);
  else delete old.dataset.dirty;
  return same;
}

function mirrorErrors(old, fresh) {
  const [mine, theirs] = [old.querySelector("[role=combobox]"), fresh.querySelector("[role=combobox]")];
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (theirs.hasAttribute(name)) mine.setAttribute(name, theirs.getAttribute(name));
    else mine.removeAttribute(name);
  }
}

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!KEPT.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!KEPT.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
