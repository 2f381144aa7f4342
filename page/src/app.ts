// Holds the state, and keeps the page, the canvas and the address in step with it.
import { NO_ROW } from "./cortex";
import { bestLayer, vertexCard } from "./details";
import { announce, find, make } from "./dom";
import type { Manifest } from "./manifest";
import { linked, spoken, viewOf, type View } from "./model";
import { dress } from "./outlines";
import { PanelElement } from "./panel";
import { regionCard } from "./region";
import { Stage } from "./stage";
import { decode, defaultState, encode, networkOf, settled, type Cursor, type PanelState, type State } from "./state";
import { tableView, type Chosen } from "./tables";

const WIDE = 900;
const PANELS = 4;

/** The parts of the state that a panel's drawing depends on, as text; it is redrawn only if this text changes. */
function drawn(state: State, at: number, dark: boolean): string {
  const panel = state.panels[at];
  const other = panel.minus < 0 ? null : state.panels[panel.minus];
  return JSON.stringify([panel, other, state.hemispheres, state.outlines, state.roi, dark]);
}

export class App {
  state: State;
  hover: Cursor | null = null;
  tab: "vertex" | "region" = "vertex";
  readonly stage: Stage;
  readonly panels: PanelElement[];
  views: View[] = [];
  private shown: string[] = [];
  private words: string[] = [];
  private turn = 0;
  private card = "";
  private readonly start0: State;
  private readonly night = matchMedia("(prefers-color-scheme: dark)");

  constructor(readonly manifest: Manifest, private readonly fail: (error: unknown) => void) {
    this.start0 = defaultState(manifest, innerWidth >= WIDE);
    this.state = decode(manifest, location.hash, this.start0);
    find("study").textContent = manifest.study;
    document.title = `${manifest.study} · cortexlens atlas`;
    this.panels = Array.from({ length: PANELS }, (_, at) => new PanelElement(
      manifest, at, (change) => this.changePanel(at, change), (roi) => this.chooseRegion(roi),
    ));
    this.stage = new Stage(find<HTMLCanvasElement>("canvas"), this.panels.map(({ frame }) => frame));
    this.stage.onFrame = () => this.overlay();
    this.stage.onMove = () => this.remember();
  }

  get dark(): boolean {
    return this.state.theme === "auto" ? this.night.matches : this.state.theme === "dark";
  }

  async start(): Promise<void> {
    this.night.addEventListener("change", () => void this.show());
    addEventListener("hashchange", () => {
      if (location.hash.slice(1) === encode(this.state)) return;
      this.state = decode(this.manifest, location.hash, this.start0);
      this.stage.place(this.state.camera, this.state.flat);
      void this.show();
    });
    new ResizeObserver(() => this.stage.draw()).observe(find("panels"));
    if (this.state.roi && !this.state.cursor) this.tab = "region";
    this.stage.place(this.state.camera, this.state.flat);
    await this.show();
    this.stage.render();
    this.overlay();
    performance.mark("first-picture");
    document.body.dataset.state = "ready";
  }

  /** Change the state and update everything that depends on it. */
  set(change: Partial<State>): void {
    this.state = settled(this.manifest, { ...this.state, ...change });
    void this.show();
  }

  changePanel(at: number, change: Partial<PanelState>): void {
    const panels = this.state.panels.map((panel, i) => (i === at ? { ...panel, ...change } : panel));
    this.set({ panels, active: at });
  }

  chooseRegion(roi: string | null): void {
    this.tab = "region";
    this.set({ roi });
    if (roi) announce(`Region ${roi}`);
  }

  /** Move the cursor to a drawn vertex of a panel; `keep` selects the vertex, otherwise it is only hovered over. */
  point(at: number, vertex: number | null, keep: boolean): void {
    const { cortex } = this.views[at] ?? {};
    const row = vertex === null || !cortex ? NO_ROW : cortex.rowOf[vertex];
    const cursor = row === NO_ROW ? null : { subject: cortex!.subject.id, row };
    if (keep) {
      this.hover = null;
      this.tab = "vertex";
      this.set({ cursor, active: at });
    } else if (cursor?.row !== this.hover?.row || cursor?.subject !== this.hover?.subject) {
      this.hover = cursor;
      void this.tell();
    }
  }

  get cursor(): Cursor | null {
    return this.hover ?? this.state.cursor;
  }

  /** Drawn vertex of a panel at the cursor; null if there is none. */
  cursorIn(at: number, cursor = this.cursor): number | null {
    const view = this.views[at];
    const from = this.views.find(({ cortex }) => cortex.subject.id === cursor?.subject);
    if (!cursor || !view || !from) return null;
    const row = linked(from.cortex, cursor.row, view.cortex);
    return row === NO_ROW ? null : view.cortex.vertexOf[row];
  }

  /** Update the page, the panels and the card to the current state. */
  async show(): Promise<void> {
    const turn = ++this.turn;
    const { state } = this;
    this.remember();
    document.documentElement.dataset.theme = this.dark ? "dark" : "light";
    document.body.dataset.layout = String(state.layout);
    document.body.classList.toggle("with-table", state.table !== null);
    this.panels.forEach((panel) => panel.update(state));
    this.controls();
    this.tables();
    document.body.setAttribute("aria-busy", "true");
    try {
      const views = await Promise.all(Array.from({ length: state.layout }, (_, at) => viewOf(this.manifest, state, at)));
      if (turn !== this.turn) return;
      this.views = views;
      this.paint();
      await this.tell();
    } catch (error) {
      this.fail(error);
    }
    if (turn === this.turn) document.body.setAttribute("aria-busy", "false");
  }

  private paint(): void {
    const { state, dark } = this;
    this.views.forEach((view, at) => {
      const wanted = drawn(state, at, dark);
      if (this.shown[at] === wanted) return;
      this.shown[at] = wanted;
      const { surface } = view.panel;
      const { rgb, known } = view.painted;
      const { hemispheres, outlines, roi } = state;
      const colours = dress(view.cortex, rgb, known, dark);
      this.stage.slots[at].show({ cortex: view.cortex, surface, colours, hemispheres, outlines, roi, dark });
      this.panels[at].show(view, state, this.stage.slots[at]);
    });
    this.stage.paper(getComputedStyle(document.documentElement).getPropertyValue("--paper").trim());
    this.stage.layout(state.layout);
  }

  /** Show the values at the cursor in each panel and in the card beside the panels. */
  private async tell(): Promise<void> {
    const { cursor, views } = this;
    this.words = await Promise.all(views.map(async (view, at) => {
      const vertex = this.cursorIn(at);
      if (vertex === null) return cursor ? "no data here" : "";
      const row = view.cortex.rowOf[vertex];
      const { layers } = networkOf(this.manifest, view.panel.network);
      return spoken(view, row, layers, view.panel.minus < 0 ? await bestLayer(this.manifest, view, row) : null);
    }));
    this.overlay();
    await this.fillCard();
  }

  private async fillCard(): Promise<void> {
    const { state, cursor, tab } = this;
    const ids = JSON.stringify([encode({ ...state, camera: [0, 1, 1], flat: [0, 0, 1] }), cursor, tab]);
    if (this.card === ids) return;
    this.card = ids;
    const focus = document.activeElement?.id;
    const actions = {
      chooseRegion: (roi: string) => this.chooseRegion(roi),
      choosePicture: (picture: number) => this.set({ picture }),
    };
    const nodes = tab === "region"
      ? await regionCard(this.manifest, state, this.views, (roi) => this.chooseRegion(roi))
      : cursor ? await vertexCard(this.manifest, state, this.views, cursor, actions) : this.invitation();
    if (this.card !== ids) return;
    find("card").replaceChildren(...nodes);
    if (focus && document.activeElement === document.body) document.getElementById(focus)?.focus();
  }

  private invitation(): Node[] {
    return [
      make("h2", {}, "Explore a vertex"),
      make("p", { class: "quiet" }, "Point at the cortex, or tap it, to see which layers of the network predict the responses of that vertex, where its receptive field lies, and how accurate the prediction is. Click to select a vertex; press Escape to deselect it."),
      make("p", { class: "quiet" }, "Drag to rotate, scroll or pinch to zoom. Click the name of a region on the cortex to see its summary."),
    ];
  }

  private controls(): void {
    const { state } = this;
    for (const element of document.querySelectorAll<HTMLButtonElement>("[data-layout-choice]")) {
      element.setAttribute("aria-pressed", String(Number(element.dataset.layoutChoice) === state.layout));
    }
    find<HTMLSelectElement>("hemispheres").value = state.hemispheres;
    find<HTMLSelectElement>("theme").value = state.theme;
    find("outlines").setAttribute("aria-pressed", String(state.outlines));
    find("tables").setAttribute("aria-pressed", String(state.table !== null));
    for (const tab of ["vertex", "region"] as const) {
      find(`tab-${tab}`).setAttribute("aria-selected", String(this.tab === tab));
    }
  }

  private tables(): void {
    const holder = find("table-view");
    holder.hidden = this.state.table === null;
    if (holder.hidden) return;
    const { scrollTop = 0, scrollLeft = 0 } = holder.querySelector(".scroll") ?? {};
    const before = holder.dataset.table;
    holder.replaceChildren(...tableView(this.manifest, this.state, {
      open: (table) => this.set({ table, sort: null }),
      sortBy: (column) => {
        const { sort } = this.state;
        this.set({ sort: { column, down: sort?.column === column ? !sort.down : true } });
      },
      pick: (chosen) => this.pick(chosen),
    }));
    holder.dataset.table = this.state.table!;
    const scroll = holder.querySelector(".scroll");
    if (scroll && before === this.state.table) Object.assign(scroll, { scrollTop, scrollLeft });
  }

  private pick({ network, subject, roi }: Chosen): void {
    const { panels, active, layout } = this.state;
    const known = (id: string | undefined) => this.manifest.maps.some((map) => map.network === id);
    const change = {
      ...(known(network) ? { network: network! } : {}),
      ...(this.manifest.subjects.some(({ id }) => id === subject) ? { subject: subject! } : {}),
    };
    // Panels with the same network and subject as the active one follow it: they are views of the same fit.
    const own = panels[active];
    const follows = (panel: PanelState, i: number) =>
      i === active || (i < layout && panel.network === own.network && panel.subject === own.subject);
    const named = this.manifest.subjects.some(({ rois }) => rois.includes(roi ?? ""));
    this.set({
      panels: panels.map((panel, i) => (follows(panel, i) ? { ...panel, ...change } : panel)),
      roi: named ? roi! : this.state.roi,
    });
    announce([network, subject, roi].filter(Boolean).join(", "));
  }

  private overlay(): void {
    this.views.forEach((_, at) => {
      this.panels[at].overlay(this.stage, this.stage.slots[at], this.cursorIn(at), this.words[at] ?? "");
    });
  }

  private timer = 0;

  /** Write the state into the address, shortly after the last change. */
  private remember(): void {
    clearTimeout(this.timer);
    document.body.dataset.address = "behind";
    this.timer = window.setTimeout(() => {
      this.state = { ...this.state, ...this.stage.where() };
      history.replaceState(null, "", `#${encode(this.state)}`);
      document.body.dataset.address = "written";
    }, 120);
  }
}
