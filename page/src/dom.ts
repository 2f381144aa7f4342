// Elements are made here and nowhere else: text from the data is only ever text.

type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string | null | undefined;

/** An element with attributes and children; strings become text nodes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // States of aria are words; other attributes of truth values are there or not.
    if (typeof value === "boolean" && !name.startsWith("aria-")) element.toggleAttribute(name, value);
    else if (value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child != null));
  return element;
}

export function find<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page lacks the element ${id}.`);
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

/** Fill a select anew, keeping the element (and with it the focus). */
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

/** A number with its full value beside the rounded text, for scripts and copying. */
export function number(value: number, digits = 3, unit = ""): HTMLElement {
  if (!Number.isFinite(value)) return make("span", { class: "unknown" }, "unknown");
  return make("data", { value }, rounded(value, digits) + unit);
}

/** A rounded number as print has it: with a minus sign, and without one before nothing. */
export function rounded(value: number, digits = 3): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

export function announce(text: string): void {
  find("announcer").textContent = text;
}
