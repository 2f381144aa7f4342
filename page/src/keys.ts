// Colour keys (legends) of the panels.
import { css, depthColour, mapColour, placeColour, type Colour } from "./colours";
import { make, rounded } from "./dom";
import type { Key } from "./quantities";

const MOST_NAMES = 9;

function canvas(width: number, height: number, colour: (x: number, y: number) => Colour) {
  const element = make("canvas", { width, height, "aria-hidden": "true" });
  const context = element.getContext("2d")!;
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      image.data.set([...colour((x + 0.5) / width, (y + 0.5) / height), 255], 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
  return element;
}

/** Shorten a name from the left: names of layers differ at their end. */
export function shortened(name: string, letters = 16): string {
  return name.length <= letters ? name : `…${name.slice(1 - letters)}`;
}

/** Indices of the layers that are named beside a key, evenly spaced. */
export function namedLayers(n: number, most = MOST_NAMES): number[] {
  const count = Math.min(n, most);
  if (count < 2) return [0];
  return Array.from({ length: count }, (_, i) => Math.round((i * (n - 1)) / (count - 1)));
}

function depthKey(key: Extract<Key, { type: "depth" }>): HTMLElement {
  const n = key.layers.length;
  const rows = Math.max(n, 1);
  const bands = canvas(34, 12 * rows, (x, y) => {
    const layer = rows - 1 - Math.floor(y * rows);
    return depthColour(layer / Math.max(1, n - 1), x, key.axis);
  });
  const names = namedLayers(n).map((layer) => {
    const label = make("span", { title: key.layers[layer] ?? "" }, shortened(key.layers[layer] ?? "", 12));
    label.style.bottom = `${((layer + 0.5) / rows) * 100}%`;
    return label;
  });
  return make("div", { class: "key depth" },
    make("b", {}, `${key.title} ${key.axis}`),
    make("div", { class: "bands" }, bands, make("div", { class: "names" }, ...names)),
    make("div", { class: "ends" }, make("span", {}, "0"), make("span", {}, key.top)),
    make("small", {}, key.bright));
}

function placeKey(): HTMLElement {
  const square = canvas(64, 64, (x, y) => placeColour(2 * x - 1, 2 * y - 1));
  return make("div", { class: "key place" },
    make("b", {}, "receptive-field centre"),
    make("div", { class: "square" }, square,
      make("span", { class: "up" }, "top"), make("span", { class: "side" }, "right")));
}

function barKey(key: Extract<Key, { type: "bar" }>): HTMLElement {
  const strip = canvas(120, 10, (x) => mapColour(key.palette, x));
  const digits = key.high - key.low < 0.1 ? 3 : 2;
  const text = (value: number) => rounded(value, digits);
  const ends = [key.low, (key.low + key.high) / 2, key.high];
  return make("div", { class: "key bar" },
    make("b", {}, key.title), strip,
    make("div", { class: "ends" }, ...ends.map((value) => make("span", {}, text(value)))));
}

function clusterKey(key: Extract<Key, { type: "clusters" }>): HTMLElement {
  const chips = key.colours.map((colour, i) => {
    const chip = make("i", { title: `cluster ${i + 1}` });
    chip.style.background = css(colour);
    return chip;
  });
  return make("div", { class: "key clusters" },
    make("b", {}, "channel clusters"), make("div", { class: "chips" }, ...chips),
    make("div", { class: "ends" }, make("span", {}, "1"), make("span", {}, String(key.colours.length))),
    make("small", {}, "similar colours: similar clusters"));
}

export function keyOf(key: Key): HTMLElement {
  if (key.type === "depth") return depthKey(key);
  if (key.type === "place") return placeKey();
  return key.type === "bar" ? barKey(key) : clusterKey(key);
}

