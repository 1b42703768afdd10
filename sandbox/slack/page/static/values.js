// What stands in the fields, in the shape that the simulator wants.

const STATELESS = new Set(["button", "workflow_button", "overflow"]);

export function valueOf(element) {
  const type = element.dataset.type;
  if (element.matches(".select")) {
    const chosen = [...element.querySelectorAll("[role=option][aria-selected=true]")].map((option) => option.dataset.value);
    return "many" in element.dataset ? chosen : (chosen[0] ?? null);
  }
  if (type === "checkboxes") return [...element.querySelectorAll("input:checked")].map((box) => box.value);
  if (type === "radio_buttons") return element.querySelector("input:checked")?.value ?? null;
  if (type === "datetimepicker") return element.value ? { wall: element.value } : null;
  if (type === "file_input") return JSON.parse(element.dataset.files || "[]");
  return element.value === "" ? null : element.value;
}

// Block id to value, for every input block of a modal, a message or the Home.
export function gather(container) {
  const values = {};
  for (const block of container.querySelectorAll("[data-block-type=input]")) {
    const element = block.querySelector("[data-element]");
    if (element && !STATELESS.has(element.dataset.type)) values[element.dataset.blockId] = valueOf(element);
  }
  return values;
}

export function spotOf(node) {
  const container = node.closest("[data-spot]");
  const { spot, channel, ts, viewId } = container.dataset;
  if (spot === "message") return { container, spot: { kind: "message", channel, ts } };
  if (spot === "modal") return { container, spot: { kind: "modal", view_id: viewId } };
  return { container, spot: { kind: "home" } };
}
