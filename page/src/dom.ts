// Elements are created only here, so that text from the data is never interpreted as markup.

type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string | null | undefined;

/** Create an element with attributes and children; strings become text nodes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // ARIA states are the words "true" and "false"; other boolean attributes are present or absent.
    if (typeof value === "boolean" && !name.startsWith("aria-")) element.toggleAttribute(name, value);
    else if (value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child != null));
  return element;
}

export function find<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element with the id ${id}.`);
  return element as T;
}

export function button(text: string, action: () => void, attributes: Attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", action);
  return element;
}

export interface Choice {
  value: string;
  label: string;
  group?: string;
}

/** Replace the options of a select, keeping the element and thereby the focus. */
export function fill(select: HTMLSelectElement, choices: Choice[], chosen: string): void {
  const signature = JSON.stringify(choices);
  if (select.dataset.choices !== signature) {
    select.dataset.choices = signature;
    const groups = new Map<string, HTMLOptGroupElement>();
    const nodes: Node[] = [];
    for (const { value, label, group } of choices) {
      const option = make("option", { value }, label);
      if (!group) nodes.push(option);
      else if (groups.has(group)) groups.get(group)!.append(option);
      else {
        const holder = make("optgroup", { label: group }, option);
        groups.set(group, holder);
        nodes.push(holder);
      }
    }
    select.replaceChildren(...nodes);
  }
  select.value = chosen;
}

/** A number as rounded text, with the full value as an attribute for scripts and copying. */
export function number(value: number, digits = 3, unit = ""): HTMLElement {
  if (!Number.isFinite(value)) return make("span", { class: "unknown" }, "unknown");
  return make("data", { value }, rounded(value, digits) + unit);
}

/** Round a number for display: with a typographic minus sign, and never "−0". */
export function rounded(value: number, digits = 3): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

export function announce(text: string): void {
  find("announcer").textContent = text;
}
