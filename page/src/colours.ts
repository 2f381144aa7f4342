// Colours of the Python figures, looked up in tables written by page/palettes.py.
import tables from "./palettes.json";

interface Table {
  width: number;
  height: number;
  rgb: Uint8Array;
}

export type Palette = keyof (typeof tables)["maps"];
export type Colour = [number, number, number];

function bytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function table(name: "layer" | "time step" | "place"): Table {
  return { ...tables[name], rgb: bytes(tables[name].rgb) };
}

const layers = table("layer");
const timeSteps = table("time step");
const places = table("place");
const maps = Object.fromEntries(
  Object.entries(tables.maps).map(([name, hex]) => [name, bytes(hex)]),
) as Record<Palette, Uint8Array>;

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function at({ width, height, rgb }: Table, x: number, y: number): Colour {
  const i = 3 * (Math.round(clamp(y) * (height - 1)) * width + Math.round(clamp(x) * (width - 1)));
  return [rgb[i], rgb[i + 1], rgb[i + 2]];
}

/** Colour of a layer: the hue shows its depth (0: first layer, 1: last), the brightness the confidence. */
export function depthColour(depth: number, confidence: number, axis: string): Colour {
  return at(axis === "time step" ? timeSteps : layers, depth, confidence);
}

/** Colour of a position in the image; x to the right and y downward, both in [-1, 1]. */
export function placeColour(x: number, y: number): Colour {
  return at(places, (x + 1) / 2, (y + 1) / 2);
}

/** Colour at a fraction, 0 to 1, of a colour scale. */
export function mapColour(palette: Palette, share: number): Colour {
  const i = 3 * Math.round(clamp(share) * 255);
  const rgb = maps[palette];
  return [rgb[i], rgb[i + 1], rgb[i + 2]];
}

/** Parse a colour written as #rrggbb. */
export function hexColour(hex: string): Colour {
  const [red, green, blue] = bytes(hex.replace("#", ""));
  return [red, green, blue];
}

export function css([red, green, blue]: Colour): string {
  return `rgb(${red} ${green} ${blue})`;
}
