// Colour keys (legends) drawn into a saved image.
import { css, depthColour, mapColour, placeColour, type Colour } from "./colours";
import { rounded } from "./dom";
import type { Key } from "./quantities";

/** Height reserved for a key at the bottom of a panel, in CSS pixels. */
export const SMALL_KEY = 132;
const FONT = "11px system-ui, sans-serif";

function blocks(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, nx: number, ny: number, colour: (x: number, y: number) => Colour): void {
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      context.fillStyle = css(colour((i + 0.5) / nx, (j + 0.5) / ny));
      context.fillRect(x + (i * width) / nx, y + (j * height) / ny, width / nx + 0.5, height / ny + 0.5);
    }
  }
}

export function drawKey(context: CanvasRenderingContext2D, key: Key, x: number, y: number, ink: string, faint: string): void {
  const write = (words: string, dx: number, dy: number, colour = faint) => {
    context.font = FONT;
    context.fillStyle = colour;
    context.fillText(words, x + dx, y + dy);
  };
  if (key.type === "depth") {
    const n = key.layers.length;
    write(`${key.title} ${key.axis}`, 0, 24, ink);
    blocks(context, x, y + 32, 40, 72, 20, n, (share, up) => depthColour((n - 1 - Math.floor(up * n)) / Math.max(1, n - 1), share, key.axis));
    write(key.layers[n - 1] ?? "", 46, 42);
    write(key.layers[0] ?? "", 46, 102);
    write(`${key.bright} 0 to ${key.top}`, 0, 118);
  } else if (key.type === "place") {
    write("receptive-field centre", 0, 24, ink);
    blocks(context, x, y + 32, 80, 80, 40, 40, (across, down) => placeColour(2 * across - 1, 2 * down - 1));
  } else if (key.type === "bar") {
    write(key.title, 0, 82, ink);
    blocks(context, x, y + 90, 120, 10, 120, 1, (share) => mapColour(key.palette, share));
    write(rounded(key.low, 2), 0, 114);
    write(key.high.toFixed(2), 98, 114);
  } else {
    const n = key.colours.length;
    write("channel clusters", 0, 82, ink);
    blocks(context, x, y + 90, 8 * n, 10, n, 1, (share) => key.colours[Math.floor(share * n)]);
  }
}
