// All choices of the user in one object, which is stored in the fragment of the address, so that an address
// restores a view. Names that the atlas does not contain fall back to ones that it does.
import type { Manifest, MapEntry } from "./manifest";
import { QUANTITIES, quantity } from "./quantities";

export const SURFACES = ["inflated", "pial", "sphere", "flat"] as const;
export type Surface = (typeof SURFACES)[number];
export const HEMISPHERES = ["both", "left", "right"] as const;
export type Hemispheres = (typeof HEMISPHERES)[number];
export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface PanelState {
  subject: string;
  network: string;
  readout: string;
  quantity: string;
  layer: number;
  surface: Surface;
  /** Index of the panel whose values are subtracted; -1 for none. */
  minus: number;
}

export interface Cursor {
  subject: string;
  row: number;
}

export interface State {
  layout: 1 | 2 | 4;
  active: number;
  panels: PanelState[];
  cursor: Cursor | null;
  picture: number;
  roi: string | null;
  hemispheres: Hemispheres;
  outlines: boolean;
  /** Viewing direction of the folded cortex, in radians, and zoom. */
  camera: [azimuth: number, polar: number, zoom: number];
  flat: [x: number, y: number, zoom: number];
  theme: Theme;
  table: string | null;
  sort: { column: string; down: boolean } | null;
}

const MAX_PANELS = 4;
// From behind and slightly below, facing visual cortex.
export const BEHIND: State["camera"] = [0, 1.75, 1];

export function subjectOf(manifest: Manifest, id: string) {
  return manifest.subjects.find((subject) => subject.id === id) ?? manifest.subjects[0];
}

export function networkOf(manifest: Manifest, id: string) {
  return manifest.networks.find((network) => network.id === id) ?? manifest.networks[0];
}

/** Maps of one network in one subject. */
export function mapsOf(manifest: Manifest, subject: string, network: string): MapEntry[] {
  return manifest.maps.filter((map) => map.subject === subject && map.network === network);
}

/** Readouts available for a panel's subject and network; the first is the default. */
export function readoutsOf(manifest: Manifest, panel: PanelState): string[] {
  const maps = mapsOf(manifest, panel.subject, panel.network);
  return [...new Set(maps.filter((map) => map.kind === "fit").map((map) => map.readout))];
}

/** The map of a kind that a panel reads: that of the panel's readout, otherwise the first; null if there is none. */
export function mapOf(manifest: Manifest, panel: PanelState, kind: string): MapEntry | null {
  const maps = mapsOf(manifest, panel.subject, panel.network).filter((map) => map.kind === kind);
  return maps.find((map) => map.readout === panel.readout) ?? maps[0] ?? null;
}

/** Identifiers of the quantities available for a panel's subject and network. */
export function quantitiesOf(manifest: Manifest, panel: PanelState): string[] {
  return QUANTITIES.filter(({ kind, array }) => {
    if (kind === "subject") {
      return subjectOf(manifest, panel.subject).arrays.some(({ name }) => name === array);
    }
    return mapOf(manifest, panel, kind)?.arrays.some(({ name }) => name === array);
  }).map(({ id }) => id);
}

export function defaultState(manifest: Manifest, wide: boolean): State {
  const first = manifest.maps[0];
  const flat = manifest.subjects[0]?.space ? "flat" : "inflated";
  const panel = (what: string, surface: Surface): PanelState => ({
    subject: first?.subject ?? "",
    network: first?.network ?? "",
    readout: first?.readout ?? "",
    quantity: what,
    layer: 0,
    surface,
    minus: -1,
  });
  return {
    layout: wide ? 2 : 1,
    active: 0,
    panels: [
      panel("layer", "inflated"),
      panel("layer", flat),
      panel("space", flat),
      panel("r2", flat),
    ],
    cursor: null,
    picture: 0,
    roi: null,
    hemispheres: "both",
    outlines: true,
    camera: [...BEHIND],
    flat: [0, 0, 1],
    theme: "auto",
    table: null,
    sort: null,
  };
}

function oneOf<T>(choices: readonly T[], value: unknown, otherwise: T): T {
  return choices.includes(value as T) ? (value as T) : otherwise;
}

function whole(text: string | null, highest: number, otherwise: number): number {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isInteger(value) && value >= 0 && value <= highest ? value : otherwise;
}

/** Replace whatever a panel names that the atlas does not contain. */
export function settle(manifest: Manifest, panel: PanelState): PanelState {
  const subject = subjectOf(manifest, panel.subject).id;
  const here = manifest.maps.filter((map) => map.subject === subject);
  const network = here.some((map) => map.network === panel.network)
    ? panel.network
    : (here[0]?.network ?? networkOf(manifest, panel.network)?.id ?? "");
  const settled = { ...panel, subject, network };
  const readouts = readoutsOf(manifest, settled);
  settled.readout = oneOf(readouts, panel.readout, readouts[0] ?? "");
  const quantities = quantitiesOf(manifest, settled);
  settled.quantity = oneOf(quantities, panel.quantity, quantities[0] ?? "");
  const layers = networkOf(manifest, network)?.layers.length ?? 1;
  settled.layer = Math.min(Math.max(0, panel.layer), layers - 1);
  if (settled.minus >= 0 && !quantity(settled.quantity)?.scalar) settled.minus = -1;
  return settled;
}

/** Replace whatever a state names that the atlas does not contain. */
export function settled(manifest: Manifest, state: State): State {
  const panels = state.panels.map((panel, i) => {
    const own = settle(manifest, panel);
    return own.minus === i || own.minus >= state.layout ? { ...own, minus: -1 } : own;
  });
  const subject = manifest.subjects.find(({ id }) => id === state.cursor?.subject);
  const known = state.cursor && subject && state.cursor.row < subject.n_vertices;
  return {
    ...state,
    panels,
    cursor: known ? state.cursor : null,
    active: Math.min(state.active, state.layout - 1),
    roi: manifest.subjects.some(({ rois }) => rois.includes(state.roi ?? "")) ? state.roi : null,
    table: manifest.tables.some(({ id }) => id === state.table) ? state.table : null,
  };
}

/** Encode a state as a fragment of the address. */
export function encode(state: State): string {
  const query = new URLSearchParams();
  query.set("panels", String(state.layout));
  query.set("active", String(state.active + 1));
  state.panels.slice(0, state.layout).forEach((panel, i) => {
    const at = i + 1;
    query.set(`subject${at}`, panel.subject);
    query.set(`network${at}`, panel.network);
    query.set(`readout${at}`, panel.readout);
    query.set(`quantity${at}`, panel.quantity);
    query.set(`surface${at}`, panel.surface);
    if (panel.quantity === "weight") query.set(`layer${at}`, String(panel.layer + 1));
    if (panel.minus >= 0) query.set(`minus${at}`, String(panel.minus + 1));
  });
  if (state.cursor) query.set("vertex", `${state.cursor.row}@${state.cursor.subject}`);
  if (state.roi) query.set("region", state.roi);
  query.set("camera", state.camera.map((value) => value.toFixed(3)).join(","));
  query.set("flat", state.flat.map((value) => value.toFixed(3)).join(","));
  if (state.picture) query.set("picture", String(state.picture));
  if (state.hemispheres !== "both") query.set("hemispheres", state.hemispheres);
  if (!state.outlines) query.set("outlines", "no");
  if (state.theme !== "auto") query.set("theme", state.theme);
  if (state.table) query.set("table", state.table);
  if (state.sort) query.set("sort", `${state.sort.down ? "-" : "+"}${state.sort.column}`);
  return query.toString();
}

function triple(text: string | null, otherwise: [number, number, number]) {
  const values = (text ?? "").split(",").map(Number);
  const fine = values.length === 3 && values.every(Number.isFinite) && values[2] > 0;
  return fine ? (values as [number, number, number]) : otherwise;
}

function decodedPanel(query: URLSearchParams, at: number, panel: PanelState): PanelState {
  const text = (name: string) => query.get(`${name}${at}`);
  return {
    subject: text("subject") ?? panel.subject,
    network: text("network") ?? panel.network,
    readout: text("readout") ?? panel.readout,
    quantity: text("quantity") ?? panel.quantity,
    surface: oneOf(SURFACES, text("surface"), panel.surface),
    layer: whole(text("layer"), 100_000, 1) - 1,
    minus: whole(text("minus"), MAX_PANELS, 0) - 1,
  };
}

function decodedCursor(text: string | null): Cursor | null {
  const [, row, subject] = /^(\d+)@(.*)$/s.exec(text ?? "") ?? [];
  return row === undefined ? null : { row: Number(row), subject };
}

/** Decode a fragment; whatever it does not name is taken from `start`. */
export function decode(manifest: Manifest, fragment: string, start: State): State {
  const query = new URLSearchParams(fragment.replace(/^#/, ""));
  const sort = query.get("sort");
  const layout = oneOf([1, 2, 4] as const, Number(query.get("panels")), start.layout);
  return settled(manifest, {
    layout,
    active: whole(query.get("active"), layout, 1) - 1,
    panels: start.panels.map((panel, i) => decodedPanel(query, i + 1, panel)),
    cursor: decodedCursor(query.get("vertex")),
    picture: whole(query.get("picture"), 1e6, start.picture),
    roi: query.get("region"),
    hemispheres: oneOf(HEMISPHERES, query.get("hemispheres"), start.hemispheres),
    outlines: query.get("outlines") !== "no",
    camera: triple(query.get("camera"), start.camera),
    flat: triple(query.get("flat"), start.flat),
    theme: oneOf(THEMES, query.get("theme"), start.theme),
    table: query.get("table"),
    sort: sort ? { down: sort[0] === "-", column: sort.slice(1) } : null,
  });
}
