// Saves the panels as one PNG: maps, keys, names of regions and titles.
import type { App } from "./app";
import { find, make } from "./dom";
import { LETTERS } from "./panel";
import { SMALL_KEY, drawKey } from "./printed_keys";

const HEAD = 40;
const SCALE = 2;

interface Pen {
  context: CanvasRenderingContext2D;
  ink: string;
  faint: string;
}

function text({ context }: Pen, words: string, x: number, y: number, font: string, colour: string): void {
  context.font = font;
  context.fillStyle = colour;
  context.fillText(words, x, y);
}

function drawPanel(app: App, at: number, pen: Pen, canvas: HTMLCanvasElement, origin: DOMRect): void {
  const { context, ink, faint } = pen;
  const panel = app.panels[at];
  const frame = panel.frame.getBoundingClientRect();
  const whole = canvas.getBoundingClientRect();
  const [x, y] = [frame.left - origin.left, HEAD + frame.top - origin.top];
  const ratio = canvas.width / whole.width;
  context.drawImage(canvas, (frame.left - whole.left) * ratio, (frame.top - whole.top) * ratio,
    frame.width * ratio, frame.height * ratio, x, y, frame.width, frame.height);
  const view = app.views[at];
  const { panel: what, title, note } = view;
  text(pen, `${app.state.layout > 1 ? `${LETTERS[at]}  ` : ""}${title}`, x + 12, y - 24, "600 14px system-ui, sans-serif", ink);
  text(pen, [what.network, what.subject, what.surface, note].filter(Boolean).join(" · "), x + 12, y - 8, "12px system-ui, sans-serif", faint);
  context.textAlign = "center";
  for (const label of panel.shownLabels()) {
    const box = label.getBoundingClientRect();
    const [cx, cy] = [box.left + box.width / 2 - origin.left, HEAD + box.top + box.height / 2 - origin.top + 4];
    context.lineWidth = 3;
    context.strokeStyle = "rgb(255 255 255 / 80%)";
    context.font = "600 11px system-ui, sans-serif";
    context.strokeText(label.textContent ?? "", cx, cy);
    text(pen, label.textContent ?? "", cx, cy, "600 11px system-ui, sans-serif", "#16161a");
  }
  context.textAlign = "left";
  drawKey(context, view.painted.key, x + 12, y + frame.height - SMALL_KEY, ink, faint);
}

/** Draw all panels on one canvas. */
export function composed(app: App): HTMLCanvasElement {
  const origin = find("panels").getBoundingClientRect();
  const page = make("canvas", { width: SCALE * origin.width, height: SCALE * (origin.height + HEAD) });
  const context = page.getContext("2d")!;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  context.scale(SCALE, SCALE);
  context.fillStyle = colour("--paper");
  context.fillRect(0, 0, page.width, page.height);
  const pen = { context, ink: colour("--ink"), faint: colour("--faint") };
  text(pen, `cortexlens · ${app.manifest.study}`, 12, 24, "600 15px system-ui, sans-serif", pen.ink);
  const canvas = app.stage.snapshot();
  for (let at = 0; at < app.state.layout; at++) drawPanel(app, at, pen, canvas, origin);
  return page;
}

/** Download the current panels as a PNG. */
export function save(app: App): void {
  composed(app).toBlob((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    const link = make("a", { href: url, download: "cortexlens.png" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }, "image/png");
}
