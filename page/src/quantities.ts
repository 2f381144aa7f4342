// Quantities that a panel can show: the array each is read from, its colours, and its value at each vertex.
import { depthColour, hexColour, mapColour, placeColour, type Colour, type Palette } from "./colours";
import type { Arrays } from "./data";
import type { NetworkEntry } from "./manifest";

const CONFIDENCE = "confidence";

/** What the colours of a panel mean. */
export type Key =
  | { type: "depth"; axis: string; layers: string[]; title: string; bright: string; top: string }
  | { type: "place" }
  | { type: "bar"; palette: Palette; low: number; high: number; title: string }
  | { type: "clusters"; colours: Colour[] };

export interface Painted {
  /** RGB, three bytes per vertex; black where `known` is 0. */
  rgb: Uint8Array;
  known: Uint8Array;
  /** One number per vertex, for histograms and differences; NaN where unknown. */
  values: Float32Array;
  unit: string;
  key: Key;
}

export interface Source {
  arrays: Arrays;
  network: NetworkEntry;
  layer: number;
  /** What the array "confidence" of a fit holds: "confidence" or "probability". */
  meaning?: string | undefined;
  /** Colours of the clusters, as written by the exporter. */
  colours?: string[] | undefined;
}

export interface Quantity {
  id: string;
  label: string;
  /** Kind of file that the quantity is read from, and the array that the file must hold. */
  kind: "fit" | "dictionary" | "clusters" | "subject";
  array: string;
  /** Name of the difference between two panels; null if a difference is meaningless. */
  scalar: string | null;
  paint: (source: Source) => Painted;
}

/** Index of the layer with the largest weight at a vertex. Stored separately, because rounded weights have ties. */
export function strongest(arrays: Arrays, row: number): number {
  return arrays.values("layer")[row];
}

/** Mean depth of the layers of each vertex, weighted by their weights: 0 is the first layer, 1 the last. */
export function meanDepth(weights: Float32Array, n: number): Float32Array {
  const depths = new Float32Array(weights.length / n);
  for (let row = 0; row < depths.length; row++) {
    let [sum, total] = [0, 0];
    for (let l = 0; l < n; l++) {
      sum += (weights[row * n + l] * l) / Math.max(1, n - 1);
      total += weights[row * n + l];
    }
    depths[row] = total > 0 ? sum / total : NaN;
  }
  return depths;
}

/** Upper end of a colour scale: the 99th percentile, rounded up to a multiple of 0.05. */
export function scaleTop(values: Float32Array): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (!known.length) return 0.05;
  const at = 0.99 * (known.length - 1);
  const low = known[Math.floor(at)];
  const highest = low + (at - Math.floor(at)) * (known[Math.ceil(at)] - low);
  return Math.max(0.05, Math.ceil(highest / 0.05 - 1e-6) * 0.05);
}

function coloured(values: Float32Array, colour: (row: number) => Colour | null) {
  const rgb = new Uint8Array(3 * values.length);
  const known = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const own = Number.isNaN(values[row]) ? null : colour(row);
    if (!own) continue;
    known[row] = 1;
    rgb.set(own, 3 * row);
  }
  return { rgb, known, values };
}

export function bar(
  values: Float32Array,
  palette: Palette,
  title: string,
  ends: [number, number] = [0, scaleTop(values)],
  unit = "",
): Painted {
  const [low, high] = ends;
  const colour = (row: number) => mapColour(palette, (values[row] - low) / (high - low));
  return {
    ...coloured(values, colour),
    unit,
    key: { type: "bar", palette, low, high, title },
  };
}

function paintLayer({ arrays, network, meaning = CONFIDENCE }: Source): Painted {
  const weights = arrays.values("layer_weights");
  const n = arrays.shape("layer_weights")[1];
  const confidence = arrays.has("confidence") ? arrays.values("confidence") : null;
  const { axis, layers } = network;
  const colour = (row: number) =>
    depthColour(strongest(arrays, row) / Math.max(1, n - 1), confidence?.[row] ?? 1, axis);
  return {
    ...coloured(meanDepth(weights, n), colour),
    unit: "depth",
    key: { type: "depth", axis, layers, title: "strongest", bright: meaning, top: "1" },
  };
}

function paintWeight({ arrays, network, layer }: Source): Painted {
  const weights = arrays.values("layer_weights");
  const n = arrays.shape("layer_weights")[1];
  const own = Float32Array.from({ length: weights.length / n }, (_, row) => weights[row * n + layer]);
  return bar(own, "weights", `weight of ${network.layers[layer] ?? layer + 1}`);
}

function paintSpace({ arrays }: Source): Painted {
  const places = arrays.values("space");
  const centre = (row: number) => Math.hypot(places[2 * row], places[2 * row + 1]) / 2;
  const distance = Float32Array.from({ length: places.length / 2 }, (_, row) => centre(row));
  const colour = (row: number) => placeColour(places[2 * row], places[2 * row + 1]);
  return { ...coloured(distance, colour), unit: "image widths", key: { type: "place" } };
}

function paintClusters({ arrays, colours: hex = [] }: Source): Painted {
  const clusters = arrays.values("cluster");
  const colours = hex.map(hexColour);
  return {
    ...coloured(clusters, (row) => colours[clusters[row]] ?? null),
    unit: "cluster",
    key: { type: "clusters", colours },
  };
}

function paintUnitLayer({ arrays, network }: Source): Painted {
  const layer = arrays.values("layer");
  const similarity = arrays.values(arrays.has("held_out") ? "held_out" : "similarity");
  const top = scaleTop(similarity);
  const last = Math.max(1, network.layers.length - 1);
  const depth = layer.map((value) => value / last);
  const { axis, layers } = network;
  const colour = (row: number) => depthColour(depth[row], similarity[row] / top || 0, axis);
  return {
    ...coloured(depth, colour),
    unit: "depth",
    key: {
      type: "depth", axis, layers, title: "best unit's", bright: "similarity", top: top.toFixed(2),
    },
  };
}

/** A quantity that is a single array shown on a linear colour scale. */
function plain(
  id: string,
  label: string,
  array: string,
  palette: Palette,
  ends?: [number, number],
  kind: Quantity["kind"] = "fit",
): Quantity {
  const paint = ({ arrays }: Source) => bar(arrays.values(array), palette, label, ends);
  return { id, label, kind, array, scalar: label.replace(/ \(.*/, ""), paint };
}

export const QUANTITIES: Quantity[] = [
  { id: "layer", label: "layer and confidence", kind: "fit", array: "layer_weights",
    scalar: "mean depth", paint: paintLayer },
  { id: "weight", label: "weight of one layer", kind: "fit", array: "layer_weights",
    scalar: "weight", paint: paintWeight },
  { id: "space", label: "receptive-field centre", kind: "fit", array: "space",
    scalar: "eccentricity", paint: paintSpace },
  plain("scale", "scale (0 local, 1 global)", "scale", "scales", [0, 1]),
  plain("size", "receptive-field size", "size", "sizes"),
  plain("r2", "test R²", "r2", "scores"),
  plain("r2-over-ceiling", "R² / noise ceiling", "r2_over_ceiling", "scores", [0, 1]),
  plain("spread", "spread across seeds", "member_spread", "losses"),
  { id: "clusters", label: "channel clusters", kind: "clusters", array: "cluster",
    scalar: null, paint: paintClusters },
  { id: "sae-layer", label: "layer of the best unit", kind: "dictionary", array: "layer",
    scalar: "depth", paint: paintUnitLayer },
  plain("sae-similarity", "similarity to best unit", "held_out", "scores", undefined, "dictionary"),
  plain("ceiling", "noise ceiling", "ceiling", "ceilings", undefined, "subject"),
];

/** Label of a quantity, with "confidence" replaced by what the fit stores under that name. */
export function labelled({ label }: Quantity, meaning = CONFIDENCE): string {
  return label.replace(CONFIDENCE, meaning);
}

export function quantity(id: string): Quantity | undefined {
  return QUANTITIES.find((known) => known.id === id);
}
