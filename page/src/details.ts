// The card of one vertex, beside the panels.
import { css, depthColour, mapColour } from "./colours";
import { button, make, number } from "./dom";
import type { Arrays } from "./data";
import { shortened } from "./keys";
import type { Manifest, MapEntry } from "./manifest";
import { arraysOf, linked, spoken, type View } from "./model";
import { LETTERS } from "./panel";
import { examplesOf, picture } from "./pictures";
import { strongest } from "./quantities";
import { networkOf, type Cursor, type State } from "./state";
import { NO_ROW } from "./cortex";

const MANY_LAYERS = 16;
const SVG = "http://www.w3.org/2000/svg";

/** Actions that a card can trigger on the page. */
export interface Actions {
  chooseRegion: (roi: string) => void;
  choosePicture: (picture: number) => void;
}

function svg(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

export function section(title: string, ...children: (Node | string | null)[]): HTMLElement {
  return make("section", {}, make("h3", {}, title), ...children);
}

export function layerBars(weights: ArrayLike<number>, names: string[], axis: string, spread: ArrayLike<number> | null = null, what = "weights"): HTMLElement {
  const n = weights.length;
  const most = Math.max(...Array.from(weights, (weight, layer) => weight + (spread?.[layer] || 0)), 1e-6);
  const rows = Array.from({ length: n }, (_, at) => n - 1 - at).map((layer) => {
    const fill = make("i", {});
    fill.style.width = `${(100 * weights[layer]) / most}%`;
    fill.style.background = css(depthColour(layer / Math.max(1, n - 1), 1, axis));
    const between = spread?.[layer];
    const whisker = between === undefined || Number.isNaN(between) ? null : make("b", { class: "between", "data-spread": between, title: `standard deviation across seeds: ${between.toFixed(3)}` });
    if (whisker) {
      const low = Math.max(0, weights[layer] - between!);
      whisker.style.left = `${(100 * low) / most}%`;
      whisker.style.width = `${(100 * (weights[layer] + between! - low)) / most}%`;
    }
    return make("li", {}, make("span", { title: names[layer] ?? "" }, shortened(names[layer] ?? "", 13)),
      make("span", { class: "track" }, fill, whisker), number(weights[layer], 2));
  });
  return make("ol", { class: n > MANY_LAYERS ? "bars many" : "bars", "aria-label": `${what} of ${axis}s, last first` }, ...rows);
}

/**
 * Receptive field on one image: centre x and y, then the radii along x and y, with half the width and half the
 * height of the image as units. Without a fitted size (null), the radius is that of a cell of the token grid.
 */
function onPicture(frame: MapEntry["frame"], place: [number, number], size: number | null, width: number, height: number): [number, number, number, number] {
  const { fit, of } = frame ?? { fit: "squash", of: "picture" };
  const side = fit === "crop" ? Math.min(width, height) : Math.max(width, height);
  const [sx, sy] = fit === "squash" ? [1, 1] : [side / width, side / height];
  // Two standard deviations of the window, in half image widths. Without a size: the reach of the bilinear
  // interpolation between tokens, a cell of the 8 × 8 grid, which always covers the square input.
  const wide = size === null ? 0.25 * sx : Math.max(0.06, 4 * size * (of === "window" ? sx : 1));
  // A receptive field is round in the square input of the network.
  const high = (wide * sy) / sx;
  return of === "window" ? [place[0] * sx, place[1] * sy, wide, high] : [...place, wide, high];
}

/** The receptive field on an example image, which is darkened outside it. */
function field(manifest: Manifest, frame: MapEntry["frame"], subject: string, place: [number, number], size: number | null, scale: number, state: State, actions: Actions): HTMLElement | null {
  const examples = examplesOf(manifest, subject);
  if (!examples.length) return null;
  const at = state.picture % examples.length;
  const { width, height, image_id } = manifest.pictures!.items[examples[at]];
  const drawing = svg("svg", { viewBox: "-1 -1 2 2", preserveAspectRatio: "none", "aria-hidden": "true" });
  const [x, y, rx, ry] = onPicture(frame, place, size, width, height);
  // The more local the vertex, the darker the image outside its receptive field.
  const arc = (to: number) => `a${rx} ${ry} 0 1 0 ${to} 0`;
  const hole = `M-1-1H1V1H-1ZM${x - rx} ${y}${arc(2 * rx)}${arc(-2 * rx)}Z`;
  drawing.append(
    svg("path", { d: hole, "fill-rule": "evenodd", fill: "#000", opacity: 0.78 * (1 - scale) }),
    svg("ellipse", { cx: x, cy: y, rx, ry, class: "under" }),
    svg("ellipse", { cx: x, cy: y, rx, ry, class: "over" }),
    svg("path", { d: `M${x - 0.06} ${y}h.12M${x} ${y - 0.06}v.12`, class: "over" }),
  );
  const holder = make("div", { class: "image" }, picture(manifest, examples[at]));
  holder.style.aspectRatio = `${width} / ${height}`;
  holder.append(drawing);
  const step = (by: number) => actions.choosePicture((at + by + examples.length) % examples.length);
  return make("div", { class: "field-image" }, holder,
    make("div", { class: "stepper" },
      button("‹", () => step(-1), { "aria-label": "previous image", id: "picture-before" }),
      make("span", { title: image_id }, `${at + 1} of ${examples.length}`),
      button("›", () => step(1), { "aria-label": "next image", id: "picture-next" })));
}

function balance(scale: number): HTMLElement {
  const mark = make("i", {});
  mark.style.left = `${100 * scale}%`;
  return make("div", { class: "balance" },
    make("span", {}, "local"), make("div", { class: "scale" }, mark), make("span", {}, "global"), number(scale, 2));
}

function score(arrays: Arrays, row: number, ceiling: number): HTMLElement {
  const at = (name: string) => (arrays.has(name) ? arrays.values(name)[row] : NaN);
  const [r2, low, high] = [at("r2"), at("r2_low"), at("r2_high")];
  const ends = [r2, high, ceiling].filter((value) => Number.isFinite(value));
  const start = Math.min(0, Number.isFinite(low) ? low : 0, Number.isFinite(r2) ? r2 : 0);
  const top = Math.max(0.1, ...ends) * 1.05;
  const x = (value: number) => (100 * (value - start)) / (top - start);
  const drawing = svg("svg", { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" });
  drawing.append(svg("rect", { x: x(0), y: 2, width: Math.max(0, x(r2) - x(0)) || 0, height: 8, fill: css(mapColour("scores", 0.6)) }));
  if (Number.isFinite(low)) drawing.append(svg("path", { d: `M${x(low)} 6H${x(high)}M${x(low)} 3v6M${x(high)} 3v6`, class: "whisker" }));
  if (Number.isFinite(ceiling)) drawing.append(svg("path", { d: `M${x(ceiling)} 0v12`, class: "ceiling" }));
  const list = make("dl", {});
  const add = (name: string, ...value: (Node | string)[]) => list.append(make("dt", {}, name), make("dd", {}, ...value));
  add("test R²", number(r2));
  if (arrays.has("r2_low")) add("95 % interval", number(low), " to ", number(high));
  if (Number.isFinite(ceiling)) add("noise ceiling", number(ceiling));
  if (arrays.has("r2_over_ceiling")) add("R² / noise ceiling", number(at("r2_over_ceiling"), 2));
  if (arrays.has("q")) add("q value (FDR)", number(at("q")));
  return make("div", { class: "score" }, drawing as unknown as Node as HTMLElement, list);
}

function unitCard(manifest: Manifest, map: MapEntry, arrays: Arrays, row: number): HTMLElement | null {
  const layer = arrays.values("layer")[row];
  if (Number.isNaN(layer)) return null;
  const unit = arrays.values("unit")[row];
  const names = networkOf(manifest, map.network).layers;
  const known = map.units?.find((entry) => entry.layer === layer && entry.unit === unit);
  const list = make("dl", {});
  const add = (name: string, value: Node) => list.append(make("dt", {}, name), make("dd", {}, value));
  add(`similarity (${map.metric ?? "unknown metric"}), training images`, number(arrays.values("similarity")[row]));
  add("similarity, held-out images", number(arrays.values("held_out")[row]));
  if (arrays.has("q")) add("q value (FDR)", number(arrays.values("q")[row]));
  const images = known?.top.length
    ? make("div", { class: "thumbs" }, ...known.top.map((index) => picture(manifest, index)))
    : make("p", { class: "quiet" }, "No images stored: few vertices match this unit best.");
  const who = make("p", { class: "unit" }, `unit ${unit} of ${names[layer] ?? `layer ${layer + 1}`}`,
    known ? `, best match of ${known.vertices} vertices` : "");
  return section("Best-matching autoencoder unit", who, list, known ? make("p", { class: "quiet" }, "Images that activate it most:") : null, images);
}

/** A value with its 90 % interval, where the interval is known. */
function between(name: string, value: number, low: number, high: number, unit: string): HTMLElement {
  const ends = Number.isFinite(low) ? [" (90 % interval: ", number(low, 2), " to ", number(high, 2), ")"] : [];
  return make("p", { class: "quiet" }, `${name}: `, number(value, 2), unit, ...ends);
}

/** Certainty of the layer weights: probabilities of stacked fits, otherwise confidence and spread across seeds. */
function certainty(map: MapEntry, axis: string, layers: string[], at: (name: string) => number, probability: ArrayLike<number> | null): Node[] {
  if (map.meaning === "probability") {
    const best = layers[at("layer")] ?? axis;
    const sure = make("p", { class: "quiet" }, `Probability that ${best} is the strongest: `, number(at("confidence"), 2));
    // calibration may favour another layer than the one with the largest estimated weight
    const likeliest = probability ? layers[Array.from(probability).indexOf(Math.max(...Array.from(probability)))] : best;
    if (likeliest && likeliest !== best) sure.append(`; ${likeliest} is more probable, although its estimated weight is smaller`);
    const level = between(`Expected level (0: first ${axis}, 1: last)`, at("level"), at("level_low"), at("level_high"), "");
    return probability
      ? [sure, level, make("h3", {}, `Probability of being the strongest ${axis}`), layerBars(probability, layers, axis, null, "probabilities")]
      : [sure, level];
  }
  const spread = Number.isFinite(at("member_spread"))
    ? make("p", { class: "quiet" }, "Spread across seeds (total variation): ", number(at("member_spread"), 2), `, from ${map.n_members} fits; whiskers: ± 1 standard deviation`)
    : make("p", { class: "quiet" }, "Fitted with one seed: spread unknown.");
  return [make("p", { class: "quiet" }, "Confidence: ", number(at("confidence"), 2)), spread];
}

async function fitSections(manifest: Manifest, state: State, view: View, row: number, actions: Actions): Promise<(Node | null)[]> {
  const fit = await arraysOf(manifest, view.panel, "fit");
  if (!fit) return [make("p", { class: "quiet" }, "This network was not fitted to this subject.")];
  const { arrays, map } = fit;
  const { layers, axis } = networkOf(manifest, map.network);
  const parts: (Node | null)[] = [];
  const at = (name: string) => (arrays.has(name) ? arrays.values(name)[row] : NaN);
  if (arrays.has("r2")) {
    const ceiling = view.cortex.arrays.has("ceiling") ? view.cortex.arrays.values("ceiling")[row] : NaN;
    parts.push(section("Prediction accuracy", score(arrays, row, ceiling)));
  }
  if (arrays.has("layer_weights")) {
    const n = arrays.shape("layer_weights")[1];
    const own = (name: string) => (arrays.has(name) ? arrays.values(name).subarray(row * n, (row + 1) * n) : null);
    parts.push(section(axis === "layer" ? "Layer weights" : `Weights of the ${axis}s`,
      layerBars(own("layer_weights")!, layers, axis, own("layer_spread")),
      ...certainty(map, axis, layers, at, own("probability"))));
  }
  if (arrays.has("space") && Number.isFinite(at("scale"))) {
    const place = arrays.values("space").subarray(2 * row, 2 * row + 2);
    const size = at("size");
    const sized = Number.isFinite(size);
    parts.push(section("Receptive field",
      field(manifest, map.frame, view.panel.subject, [place[0], place[1]], sized ? size : null, at("scale"), state, actions),
      balance(at("scale")),
      sized ? between("Size (standard deviation)", size, at("size_low"), at("size_high"), " image widths") : null,
      make("p", { class: "quiet" }, "Centre: x ", number(place[0], 2), ", y ", number(place[1], 2), map.frame?.of === "window" ? " (−1 to 1 across the square input of the network, y downward)" : Math.max(Math.abs(place[0]), Math.abs(place[1])) > 1 ? " (−1 to 1 across the image, y downward; in the padding outside the image)" : " (−1 to 1 across the image, y downward)")));
  }
  return parts;
}

/** Values of a vertex in all panels; null if there is only one panel. */
function inPanels(manifest: Manifest, state: State, views: View[], own: View, row: number): HTMLElement | null {
  if (state.layout === 1) return null;
  const rows = views.map((view, i) => {
    const there = linked(own.cortex, row, view.cortex);
    const layers = networkOf(manifest, view.panel.network).layers;
    const text = there === NO_ROW ? "no data here" : spoken(view, there, layers, null);
    return make("tr", {}, make("th", { scope: "row" }, LETTERS[i]), make("td", {}, `${view.panel.network}, ${view.panel.subject}`), make("td", {}, text));
  });
  return section("This vertex in each panel", make("table", { class: "mini values" }, make("tbody", {}, ...rows)));
}

/** The card of a vertex, for the network and readout of the active panel. */
export async function vertexCard(manifest: Manifest, state: State, views: View[], cursor: Cursor, actions: Actions): Promise<Node[]> {
  const view = views[state.active];
  const from = views.find(({ cortex }) => cortex.subject.id === cursor.subject) ?? view;
  const row = linked(from.cortex, cursor.row, view.cortex);
  if (row === NO_ROW) {
    return [make("h2", {}, "No data here"), make("p", { class: "quiet" }, `There is no recording of ${view.panel.subject} at this vertex.`)];
  }
  const regions = view.cortex.regionsOf(row).map((roi) => button(roi, () => actions.chooseRegion(roi), { class: "chip" }));
  const side = view.cortex.sideOf(row);
  const index = view.cortex.mesh ? view.cortex.arrays.raw("vertex_index")[row] : row;
  const dictionary = await arraysOf(manifest, view.panel, "dictionary");
  return [
    make("h2", {}, `${side ? `${side} ` : ""}vertex `, make("data", { value: index, id: "vertex-number" }, String(index))),
    make("p", { class: "who" }, `${view.panel.network} · ${view.panel.subject}`),
    make("p", { class: "chips" }, ...(regions.length ? regions : [make("span", { class: "quiet" }, "outside all named regions")])),
    ...(await fitSections(manifest, state, view, row, actions)),
    dictionary && unitCard(manifest, dictionary.map, dictionary.arrays, row),
    inPanels(manifest, state, views, view, row),
  ].filter((part): part is HTMLElement => part !== null);
}

/** Index of the layer with the largest weight at a row; null if the panel does not show layers. */
export async function bestLayer(manifest: Manifest, view: View, row: number): Promise<number | null> {
  const kind = view.panel.quantity === "sae-layer" ? "dictionary" : "fit";
  const found = await arraysOf(manifest, view.panel, kind);
  if (!found || view.painted.key.type !== "depth") return null;
  return strongest(found.arrays, row);
}

