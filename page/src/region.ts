// The card of a region: counts, means and a histogram of each panel's quantity.
import { css, mapColour } from "./colours";
import { button, make, number, rounded } from "./dom";
import type { Manifest, TableEntry } from "./manifest";
import { arraysOf, type View } from "./model";
import { LETTERS } from "./panel";
import { section } from "./details";
import { meanDepth } from "./quantities";
import { networkOf, type State } from "./state";

const BINS = 20;

function mean(values: ArrayLike<number> | null, rows: number[]): number {
  if (!values) return NaN;
  const known = rows.map((row) => values[row]).filter((value) => Number.isFinite(value));
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : NaN;
}

function histogram(view: View, rows: number[]): HTMLElement {
  const values = rows.map((row) => view.painted.values[row]).filter((value) => Number.isFinite(value));
  const { key } = view.painted;
  const shown = key.type === "bar" ? [key.low, key.high] : key.type === "depth" ? [0, 1] : null;
  const [low, high] = shown ?? [Math.min(...values, 0), Math.max(...values, 0.001)];
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * BINS);
    counts[Math.min(BINS - 1, Math.max(0, bin))]++;
  }
  const most = Math.max(1, ...counts);
  const bars = counts.map((count, i) => {
    const from = low + (i * (high - low)) / BINS;
    const bar = make("i", { title: `${count} vertices in the bin from ${from.toFixed(3)}`, "data-count": count });
    bar.style.height = `${(100 * count) / most}%`;
    if (key.type === "bar") bar.style.background = css(mapColour(key.palette, (i + 0.5) / BINS));
    return bar;
  });
  const ends = [low, (low + high) / 2, high].map((value) => make("span", {}, rounded(value, 2)));
  return make("div", { class: "histogram", role: "img", "aria-label": `histogram of ${values.length} vertices` },
    make("div", { class: "columns" }, ...bars), make("div", { class: "ends" }, ...ends));
}

async function summary(manifest: Manifest, view: View, roi: string): Promise<(string | number)[]> {
  const rows = view.cortex.rowsIn(roi);
  const fit = await arraysOf(manifest, view.panel, "fit");
  const read = (name: string) => (fit?.arrays.has(name) ? fit.arrays.values(name) : null);
  const weights = read("layer_weights");
  const n = networkOf(manifest, view.panel.network).layers.length;
  return [rows.length, mean(read("r2"), rows), mean(weights && meanDepth(weights, n), rows), mean(read("scale"), rows)];
}

/** Brain scores of the region, one row per network and readout, best first; null if there are none. */
function scores(table: TableEntry | undefined, roi: string, subject: string): HTMLElement | null {
  const at = (name: string) => table?.columns.findIndex((column) => column.name === name) ?? -1;
  const columns = ["backbone", "readout", "r2_mean", "r2_mean_low", "r2_mean_high"].map(at);
  if (!table || columns[0] < 0 || columns[2] < 0 || at("roi") < 0) return null;
  const own = table.rows.filter((row) => row[at("roi")] === roi && (at("subject") < 0 || row[at("subject")] === subject));
  if (!own.length) return null;
  own.sort((a, b) => Number(b[columns[2]]) - Number(a[columns[2]]));
  const rows = own.map((row) => {
    const value = (column: number) => (column < 0 ? NaN : Number(row[columns[column]] ?? NaN));
    return make("tr", {},
      make("th", { scope: "row" }, `${row[columns[0]]}`, make("small", {}, columns[1] < 0 ? "" : ` ${row[columns[1]]}`)),
      make("td", {}, number(value(2))),
      make("td", { class: "quiet" }, `${rounded(value(3))} to ${rounded(value(4))}`));
  });
  return section(`Brain score, ${subject}`, make("table", { class: "mini" },
    make("thead", {}, make("tr", {}, ...["network", "R²", "interval"].map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows)));
}

/** Buttons to choose one of the regions of the active panel's subject. */
function list(view: View, roi: string | null, choose: (roi: string | null) => void): HTMLElement {
  const chips = view.cortex.subject.rois.map((name) =>
    button(name, () => choose(name === roi ? null : name), { class: "chip", "aria-pressed": name === roi }));
  return make("div", { class: "chips" }, ...chips);
}

/** The card of the chosen region, or instructions for choosing one. */
export async function regionCard(manifest: Manifest, state: State, views: View[], choose: (roi: string | null) => void): Promise<Node[]> {
  const view = views[state.active];
  const { roi } = state;
  const head = [make("h2", {}, roi ?? "Regions"), list(view, roi, choose)];
  if (!view.cortex.subject.rois.length) return [head[0], make("p", { class: "quiet" }, "No regions of interest were provided for this subject.")];
  if (!roi) return [...head, make("p", { class: "quiet" }, "Choose a region here, or click its name on the cortex.")];
  const table = make("tbody", {});
  const parts: Node[] = [];
  for (const [i, shown] of views.entries()) {
    const [n, r2, depth, scale] = await summary(manifest, shown, roi);
    table.append(make("tr", {}, make("th", { scope: "row", title: `${shown.panel.network}, ${shown.panel.subject}` }, `${LETTERS[i]} ${shown.panel.network}`),
      make("td", {}, String(n)), ...[r2, depth, scale].map((value) => make("td", {}, number(value as number, 2)))));
    parts.push(section(`${LETTERS[i]}: ${shown.painted.key.type === "bar" ? shown.painted.key.title : shown.title}`, histogram(shown, shown.cortex.rowsIn(roi))));
  }
  const names = ["", "vertices", "R²", "depth", "scale"];
  return [
    ...head,
    section("Means", make("table", { class: "mini" },
      make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))), table)),
    ...parts,
    ...[scores(manifest.tables.find(({ id }) => id === "brain_score"), roi, view.panel.subject)].filter((part) => part !== null),
  ];
}
