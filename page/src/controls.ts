// Input from buttons, mouse, touch and keyboard.
import type { App } from "./app";
import { announce, find } from "./dom";
import { NO_ROW } from "./cortex";
import { save } from "./screenshot";
import { BEHIND, HEMISPHERES, THEMES, type Hemispheres, type State, type Theme } from "./state";

const STILL = 5;
const TURN = Math.PI / 24;
// Azimuth and polar angle of each viewing direction, in radians; azimuth 0 is behind the head.
const VIEWS: Record<string, [number, number]> = {
  back: [BEHIND[0], BEHIND[1]],
  left: [-Math.PI / 2, Math.PI / 2],
  right: [Math.PI / 2, Math.PI / 2],
  below: [0, Math.PI - 0.001],
  above: [0, 0.001],
  front: [Math.PI, Math.PI / 2],
};
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

function turn(app: App, dx: number, dy: number, zoom = 1): void {
  const { camera, flat } = app.stage.where();
  const slot = app.stage.slots[app.state.active];
  if (slot.isFlat) {
    const step = slot.half[0] / 6 / flat[2];
    app.set({ camera, flat: [flat[0] + dx * step, flat[1] - dy * step, flat[2] * zoom] });
  } else {
    const polar = Math.min(Math.PI - 0.01, Math.max(0.01, camera[1] - dy * TURN));
    app.set({ camera: [camera[0] + dx * TURN, polar, camera[2] * zoom], flat });
  }
  app.stage.place(app.state.camera, app.state.flat);
}

/** Move the cursor to the neighbouring vertex that is best aligned with a direction on the screen. */
function step(app: App, dx: number, dy: number): void {
  const at = app.state.active;
  const view = app.views[at];
  const slot = app.stage.slots[at];
  const start = app.cursorIn(at, app.state.cursor);
  if (start === null) {
    const first = view.cortex.vertexOf.find((vertex) => app.stage.project(slot, vertex)?.facing ?? false);
    app.point(at, first ?? view.cortex.vertexOf[0], true);
    return;
  }
  const { mesh, rowOf, vertexOf } = view.cortex;
  const here = app.stage.project(slot, start);
  const near: ArrayLike<number> = mesh ? mesh.neighbours(start) : vertexOf;
  let [best, most] = [NO_ROW, mesh ? 0.2 : 0];
  for (let i = 0; i < near.length; i++) {
    const spot = rowOf[near[i]] === NO_ROW || near[i] === start ? null : app.stage.project(slot, near[i]);
    if (!spot || !here) continue;
    const [x, y] = [spot.x - here.x, spot.y - here.y];
    const length = Math.hypot(x, y) || 1e-9;
    const along = (x * dx + y * dy) / length;
    // On a mesh, the best-aligned neighbour; among points, the nearest one in roughly this direction.
    const merit = mesh ? along : along > 0.7 ? 1 / length : 0;
    if (merit > most) [best, most] = [near[i], merit];
  }
  if (best === NO_ROW) return announce("No vertex with data in that direction");
  app.point(at, best, true);
  announce(find(`value-${"ABCD"[at]}`).textContent ?? "");
}

function pointers(app: App): void {
  app.panels.forEach(({ frame, root }, at) => {
    let down: [number, number] | null = null;
    let waiting = false;
    frame.addEventListener("pointerdown", (event) => (down = [event.clientX, event.clientY]));
    frame.addEventListener("pointerup", (event) => {
      const still = down && Math.hypot(event.clientX - down[0], event.clientY - down[1]) < STILL;
      down = null;
      if (!still || event.target !== frame) return;
      const vertex = app.stage.pick(app.stage.slots[at], event.clientX, event.clientY);
      app.point(at, vertex, true);
    });
    frame.addEventListener("pointermove", (event) => {
      if (event.buttons || waiting || event.pointerType === "touch") return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        app.point(at, app.stage.pick(app.stage.slots[at], event.clientX, event.clientY), false);
      });
    });
    frame.addEventListener("pointerleave", () => app.point(at, null, false));
    root.addEventListener("focusin", () => {
      if (app.state.active !== at) app.set({ active: at });
    });
  });
}

function look(app: App, name: string): void {
  const { camera, flat } = app.stage.where();
  const [azimuth, polar] = VIEWS[name];
  const folded: State["camera"] = [azimuth, polar, name === "back" ? 1 : camera[2]];
  app.set({ camera: folded, flat: name === "back" ? [0, 0, 1] : flat });
  app.stage.place(app.state.camera, app.state.flat);
}

function toggleTable(app: App): void {
  const first = app.manifest.tables[0]?.id ?? null;
  if (first === null) return announce("This study has no tables.");
  app.set({ table: app.state.table ? null : first });
}

function toggleHelp(open?: boolean): void {
  const help = find<HTMLDialogElement>("help");
  if (open ?? !help.open) help.showModal();
  else help.close();
}

function cycle(app: App, by: number): void {
  const { panels, active } = app.state;
  const own = app.manifest.maps.filter((map) => map.subject === panels[active].subject).map((map) => map.network);
  const networks = app.manifest.networks.map(({ id }) => id).filter((id) => own.includes(id));
  const at = networks.indexOf(panels[active].network);
  app.changePanel(active, { network: networks[(at + by + networks.length) % networks.length] });
}

function keys(app: App): void {
  const plain: Record<string, () => void> = {
    "1": () => app.set({ layout: 1 }),
    "2": () => app.set({ layout: 2 }),
    "4": () => app.set({ layout: 4 }),
    n: () => cycle(app, 1),
    N: () => cycle(app, -1),
    o: () => app.set({ outlines: !app.state.outlines }),
    t: () => toggleTable(app),
    s: () => save(app),
    d: () => app.set({ theme: app.dark ? "light" : "dark" }),
    "+": () => turn(app, 0, 0, 1.25),
    "=": () => turn(app, 0, 0, 1.25),
    "-": () => turn(app, 0, 0, 0.8),
    "0": () => look(app, "back"),
    "?": () => toggleHelp(),
    Escape: () => app.set(app.state.cursor ? { cursor: null } : { roi: null, table: null }),
  };
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || find<HTMLDialogElement>("help").open) return;
    if (/^(SELECT|INPUT|TEXTAREA)$/.test(target.tagName) && event.key !== "Escape") return;
    const arrow = ARROWS[event.key];
    if (arrow && target.classList.contains("frame")) {
      event.preventDefault();
      (event.shiftKey ? turn : step)(app, ...arrow);
    } else if (plain[event.key]) {
      event.preventDefault();
      plain[event.key]();
    }
  });
}

/** Connect all input to the state of the page. */
export function bind(app: App): void {
  const click = (id: string, action: () => void) => find(id).addEventListener("click", action);
  for (const element of document.querySelectorAll<HTMLElement>("[data-layout-choice]")) {
    element.addEventListener("click", () => app.set({ layout: Number(element.dataset.layoutChoice) as State["layout"] }));
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-view]")) {
    element.addEventListener("click", () => look(app, element.dataset.view!));
  }
  find<HTMLSelectElement>("hemispheres").addEventListener("change", ({ target }) => {
    const { value } = target as HTMLSelectElement;
    if (HEMISPHERES.includes(value as Hemispheres)) app.set({ hemispheres: value as Hemispheres });
  });
  find<HTMLSelectElement>("theme").addEventListener("change", ({ target }) => {
    const { value } = target as HTMLSelectElement;
    if (THEMES.includes(value as Theme)) app.set({ theme: value as Theme });
  });
  click("outlines", () => app.set({ outlines: !app.state.outlines }));
  click("tables", () => toggleTable(app));
  click("picture", () => save(app));
  click("help-open", () => toggleHelp(true));
  click("help-close", () => toggleHelp(false));
  for (const tab of ["vertex", "region"] as const) {
    click(`tab-${tab}`, () => {
      app.tab = tab;
      app.set({});
    });
  }
  pointers(app);
  keys(app);
}
