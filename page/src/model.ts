// From the state to what is drawn: opens the data that a panel needs and assigns colours.
import { cortexOf, NO_ROW, type Cortex } from "./cortex";
import { open, type Arrays } from "./data";
import { rounded } from "./dom";
import type { Manifest, MapEntry } from "./manifest";
import { bar, labelled, quantity, scaleTop, type Painted } from "./quantities";
import { mapOf, networkOf, subjectOf, type PanelState, type State } from "./state";

export interface View {
  panel: PanelState;
  cortex: Cortex;
  painted: Painted;
  /** Name of the quantity, and a remark such as the panel that was subtracted. */
  title: string;
  note: string;
}

function unpainted(cortex: Cortex): Painted {
  const n = cortex.subject.n_vertices;
  return {
    rgb: new Uint8Array(3 * n),
    known: new Uint8Array(n),
    values: new Float32Array(n).fill(NaN),
    unit: "",
    key: { type: "bar", palette: "scores", low: 0, high: 1, title: "no data to show" },
  };
}

async function paint(manifest: Manifest, panel: PanelState, cortex: Cortex): Promise<Painted> {
  const wanted = quantity(panel.quantity);
  const network = networkOf(manifest, panel.network);
  if (!wanted || !network) return unpainted(cortex);
  if (wanted.kind === "subject") {
    return wanted.paint({ arrays: cortex.arrays, network, layer: panel.layer });
  }
  const map = mapOf(manifest, panel, wanted.kind);
  if (!map) return unpainted(cortex);
  const { colours, meaning } = map;
  return wanted.paint({ arrays: await open(map), network, layer: panel.layer, colours, meaning });
}

/** Values of one cortex at the rows of another on the same mesh (NaN where missing); null on different meshes. */
function carried(from: Cortex, values: Float32Array, to: Cortex): Float32Array | null {
  if (from === to) return values;
  if (!from.mesh || from.mesh !== to.mesh) return null;
  return Float32Array.from(to.vertexOf, (vertex) => {
    const row = from.rowOf[vertex];
    return row === NO_ROW ? NaN : values[row];
  });
}

async function difference(manifest: Manifest, panel: PanelState, other: PanelState, view: View): Promise<View> {
  const cortex = await cortexOf(manifest, subjectOf(manifest, other.subject));
  const { quantity: same, layer } = panel;
  const settledLayer = Math.min(layer, (networkOf(manifest, other.network)?.layers.length ?? 1) - 1);
  const theirs = await paint(manifest, { ...other, quantity: same, layer: settledLayer }, cortex);
  const values = carried(cortex, theirs.values, view.cortex);
  const letter = "ABCD"[panel.minus];
  if (!values) {
    return { ...view, painted: unpainted(view.cortex), note: `cannot subtract panel ${letter}: ${other.subject} is on a different mesh` };
  }
  const own = view.painted.values.map((value, row) => value - values[row]);
  const top = scaleTop(own.map(Math.abs));
  const name = `difference in ${quantity(same)?.scalar ?? same}`;
  const painted = bar(own, "changes", name, [-top, top], view.painted.unit);
  return { ...view, painted, note: `minus panel ${letter}: ${other.network}, ${other.subject}` };
}

/** Everything that one panel shows. */
export async function viewOf(manifest: Manifest, state: State, at: number): Promise<View> {
  const panel = state.panels[at];
  const cortex = await cortexOf(manifest, subjectOf(manifest, panel.subject));
  const painted = await paint(manifest, panel, cortex);
  const shown = quantity(panel.quantity);
  const title = shown ? labelled(shown, mapOf(manifest, panel, "fit")?.meaning) : "no data to show";
  const note = cortex.kind === "mesh" ? "" : cortex.kind === "points"
    ? "no cortical mesh: each recording site is shown as a point"
    : "no coordinates: sites are shown in the order of the data";
  const view = { panel, cortex, painted, title, note };
  return panel.minus < 0 ? view : difference(manifest, panel, state.panels[panel.minus], view);
}

/** Row of one cortex at the position of a row of another; NO_ROW if there is none. */
export function linked(from: Cortex, row: number, to: Cortex): number {
  if (from === to) return row;
  if (!from.mesh || !to.mesh) return NO_ROW;
  return to.rowOf[to.mesh.nearest(from.mesh, from.vertexOf[row])];
}

export async function arraysOf(manifest: Manifest, panel: PanelState, kind: string): Promise<{ map: MapEntry; arrays: Arrays } | null> {
  const map = mapOf(manifest, panel, kind);
  return map && { map, arrays: await open(map) };
}

/** The value of the shown quantity at a row, as text. */
export function spoken(view: View, row: number, layers: string[], best: number | null): string {
  const value = view.painted.values[row];
  if (row === NO_ROW || Number.isNaN(value)) return "no data here";
  const { key, unit } = view.painted;
  if (key.type === "clusters") return `cluster ${value + 1}`;
  const digits = rounded(value, key.type === "depth" ? 2 : 3);
  if (key.type === "depth") {
    const depth = view.panel.quantity === "layer" ? "mean depth" : "depth";
    return best === null ? `${depth} ${digits}` : `${layers[best]} · ${depth} ${digits}`;
  }
  if (key.type === "place") return `${digits} image widths from the centre`;
  return unit && unit !== "depth" ? `${digits} ${unit}` : digits;
}
