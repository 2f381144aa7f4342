// One panel: lists in its header choose what it shows; the key, the cursor and the names of regions are
// overlaid on the canvas.
import { find, fill, make, type Choice } from "./dom";
import { keyOf } from "./keys";
import type { Manifest, NetworkEntry } from "./manifest";
import type { View } from "./model";
import { anchors, outlined } from "./outlines";
import { labelled, QUANTITIES, quantity } from "./quantities";
import type { Slot } from "./slot";
import type { Stage } from "./stage";
import { mapOf, quantitiesOf, readoutsOf, subjectOf, SURFACES, type PanelState, type State } from "./state";

export const LETTERS = ["A", "B", "C", "D"];
const FIELDS = ["subject", "network", "tuned", "readout", "quantity", "layer", "surface", "minus"] as const;
type Field = (typeof FIELDS)[number];

const NAMES: Record<Field, string> = {
  subject: "Subject", network: "Network", tuned: "Fine-tuning", readout: "Readout", quantity: "Quantity",
  layer: "Layer", surface: "Surface", minus: "Difference",
};

/** The network that a fine-tuned network was derived from; otherwise the network itself. */
export function baseOf(networks: NetworkEntry[], id: string): string {
  const derived = networks.find((network) => network.id === id)?.derived;
  return derived && networks.some((network) => network.id === derived.base) ? derived.base : id;
}

function tunedLabel(network: NetworkEntry): string {
  const { finetune = "", step = null } = network.derived ?? {};
  return step === null ? finetune : `${finetune}, step ${step}`;
}

interface Label {
  element: HTMLElement;
  vertices: number[];
}

export class PanelElement {
  readonly root: HTMLElement;
  readonly frame: HTMLElement;
  private readonly selects = {} as Record<Field, HTMLSelectElement>;
  private readonly rows = {} as Record<Field, HTMLElement>;
  private readonly value: HTMLElement;
  private readonly key: HTMLElement;
  private readonly names: HTMLElement;
  private readonly ring: HTMLElement;
  private readonly note: HTMLElement;
  private labels: Label[] = [];

  constructor(
    private readonly manifest: Manifest,
    private readonly at: number,
    private readonly change: (panel: Partial<PanelState>) => void,
    private readonly choose: (roi: string) => void,
  ) {
    const letter = LETTERS[at];
    for (const field of FIELDS) {
      const id = `${field}-${letter}`;
      const select = make("select", { id, "aria-label": `${NAMES[field]} of panel ${letter}`, title: NAMES[field] });
      select.addEventListener("change", () => this.chosen(field, select.value));
      this.selects[field] = select;
      this.rows[field] = make("label", { class: `field ${field}`, for: id }, make("span", {}, NAMES[field]), select);
    }
    this.value = make("output", { class: "value", id: `value-${letter}` });
    this.note = make("p", { class: "note" });
    this.key = make("div", { class: "legend" });
    this.names = make("div", { class: "labels" });
    this.ring = make("div", { class: "ring", hidden: true });
    this.frame = make("div", { class: "frame", id: `frame-${letter}`, tabindex: 0, role: "application" },
      this.names, this.ring);
    this.root = make("section", { class: "panel", id: `panel-${letter}`, "aria-label": `Panel ${letter}` },
      make("header", {}, make("span", { class: "letter" }, letter), ...FIELDS.map((field) => this.rows[field])),
      make("div", { class: "picture" }, this.frame, this.key, this.note, this.value));
    find("panels").append(this.root);
  }

  /** Fill the lists with the available choices. */
  update(state: State): void {
    const panel = state.panels[this.at];
    const { networks, subjects } = this.manifest;
    this.root.hidden = this.at >= state.layout;
    this.root.classList.toggle("active", state.active === this.at && state.layout > 1);
    const own = new Set(this.manifest.maps.filter((map) => map.subject === panel.subject).map((map) => map.network));
    const base = baseOf(networks, panel.network);
    const here = networks.filter((network) => own.has(network.id));
    const bases = [...new Set(here.map((network) => baseOf(networks, network.id)))];
    const tuned = here.filter((network) => network.derived?.base === base);
    const ids = (list: string[]): Choice[] => list.map((value) => ({ value, label: value }));
    this.set("subject", ids(subjects.map(({ id }) => id)), panel.subject);
    this.set("network", ids(bases), base);
    const plain = own.has(base) ? [{ value: base, label: "not fine-tuned" }] : [];
    this.set("tuned", [...plain, ...tuned.map((network) => ({ value: network.id, label: tunedLabel(network) }))], panel.network, tuned.length === 0);
    const readouts = readoutsOf(this.manifest, panel);
    this.set("readout", ids(readouts), panel.readout, readouts.length < 2);
    const shown = quantitiesOf(this.manifest, panel);
    const meaning = mapOf(this.manifest, panel, "fit")?.meaning;
    const choices = QUANTITIES.filter(({ id }) => shown.includes(id));
    this.set("quantity", choices.map((each) => ({ value: each.id, label: labelled(each, meaning) })), panel.quantity);
    const layers = networks.find(({ id }) => id === panel.network)?.layers ?? [];
    this.set("layer", layers.map((label, i) => ({ value: String(i), label })), String(panel.layer), panel.quantity !== "weight");
    const flat = subjectOf(this.manifest, panel.subject).space === null;
    this.set("surface", ids([...SURFACES]), panel.surface, flat);
    const others = LETTERS.slice(0, state.layout).flatMap((label, i) => (i === this.at ? [] : [{ value: String(i), label: `minus ${label}` }]));
    this.set("minus", [{ value: "-1", label: "none" }, ...others], String(panel.minus),
      !others.length || !quantity(panel.quantity)?.scalar);
  }

  /** Show the key, the note, the names of regions and a description for screen readers. */
  show(view: View, state: State, slot: Slot): void {
    this.key.replaceChildren(keyOf(view.painted.key));
    this.note.textContent = view.note;
    this.frame.setAttribute("aria-label",
      `${view.title}, ${view.panel.network}, ${view.panel.subject}, ${view.panel.surface}. ` +
      "Arrow keys move the cursor; Shift and arrow keys rotate the cortex.");
    const wanted = state.outlines && slot.shape?.index;
    this.labels = wanted ? outlined(view.cortex).flatMap((region) => {
      return anchors(slot.shape!, region).map((vertex) => this.label(region.name, vertex, state.roi));
    }) : [];
    this.names.replaceChildren(...this.labels.map(({ element }) => element));
  }

  /** Place the cursor and the names of regions according to the current camera. */
  overlay(stage: Stage, slot: Slot, cursor: number | null, spoken: string): void {
    const taken: [number, number, number, number][] = [];
    for (const { element, vertices } of this.labels) {
      const spot = stage.project(slot, vertices[0]);
      const box = [0, 0, element.textContent!.length * 7 + 8, 16];
      const free = spot && !taken.some(([x, y, w, h]) => Math.abs(x - spot.x) < (w + box[2]) / 2 && Math.abs(y - spot.y) < (h + box[3]) / 2);
      const seen = !!(spot?.facing && free);
      element.hidden = !seen;
      if (!seen) continue;
      taken.push([spot.x, spot.y, box[2], box[3]]);
      element.style.transform = `translate(${spot.x}px, ${spot.y}px) translate(-50%, -50%)`;
    }
    const spot = cursor === null ? null : stage.project(slot, cursor);
    this.ring.hidden = !spot;
    if (spot) this.ring.style.transform = `translate(${spot.x}px, ${spot.y}px)`;
    this.ring.classList.toggle("behind", !!spot && !spot.facing);
    if (this.value.textContent !== spoken) this.value.textContent = spoken;
  }

  /** Labels of regions that are currently visible, for the saved image. */
  shownLabels(): HTMLElement[] {
    return this.labels.filter(({ element }) => !element.hidden).map(({ element }) => element);
  }

  private label(name: string, vertex: number, roi: string | null): Label {
    // Not in the tab order: the Region card lists all regions.
    const element = make("button", { type: "button", class: "region", tabindex: -1, "aria-pressed": name === roi }, name);
    element.addEventListener("click", () => this.choose(name));
    // Otherwise the camera controls would capture the pointer and the click would be lost.
    element.addEventListener("pointerdown", (event) => event.stopPropagation());
    return { element, vertices: [vertex] };
  }

  private set(field: Field, choices: Choice[], chosen: string, hidden = false): void {
    fill(this.selects[field], choices, chosen);
    this.rows[field].hidden = hidden;
  }

  private chosen(field: Field, value: string): void {
    const numeric = field === "layer" || field === "minus";
    this.change({ [field === "tuned" ? "network" : field]: numeric ? Number(value) : value });
  }
}
