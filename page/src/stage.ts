// One canvas behind all panels: each panel is a part of it with its own scene; all panels share one camera for
// folded surfaces and one for flat maps.
import {
  ColorManagement, LinearSRGBColorSpace, OrthographicCamera, Raycaster, Vector2, Vector3, WebGLRenderer,
} from "three";
import { NO_ROW } from "./cortex";
import { Slot } from "./slot";
import type { State } from "./state";

// Unlit colours must equal those of the keys, byte for byte.
ColorManagement.enabled = false;

const DISTANCE = 1000;
const MARGIN = 1.06;
// Pixel ratio at rest: looks as good as antialiasing by the GPU, which would cost time in every frame.
const FINE = 2;
// Levels of detail while the cortex rotates; slow frames switch to the next level. Without a graphics card the
// triangles take most of the time and pixels little.
const COARSER = [
  { dots: FINE, joined: false },
  { dots: 1, joined: false },
  { dots: 1, joined: true },
  { dots: 0.6, joined: true },
];
const WITHOUT_CARD = 2;
const SOFTWARE = /swiftshader|llvmpipe|software/i;
const SLOW_MS = 40;
const REST_MS = 220;
const NEAR_POINT = 14;

export interface Spot {
  x: number;
  y: number;
  /** Whether the surface faces the viewer there. */
  facing: boolean;
}

/** The canvas and its cameras. */
export class Stage {
  readonly renderer: WebGLRenderer;
  readonly folded = new OrthographicCamera(-1, 1, 1, -1, 0, 2 * DISTANCE);
  readonly flat = new OrthographicCamera(-1, 1, 1, -1, 0, 2 * DISTANCE);
  readonly slots: Slot[];
  /** Called after each frame, to move the overlays of the canvas. */
  onFrame: () => void = () => undefined;
  /** Called after the user has moved a camera. */
  onMove: () => void = () => undefined;
  private readonly targets = [new Vector3(), new Vector3()];
  private waiting = false;
  private quiet = false;
  private visible = 1;
  private level = 0;
  private slow = 0;
  private last = 0;
  private rest = 0;
  private turning = false;
  private fine = false;

  constructor(private readonly canvas: HTMLCanvasElement, elements: HTMLElement[]) {
    try {
      this.renderer = new WebGLRenderer({ canvas, antialias: false, alpha: false });
    } catch {
      throw new Error("This browser does not provide WebGL, which this page needs. Enable WebGL in its settings, or use another browser.");
    }
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    const gl = this.renderer.getContext();
    const about = gl.getExtension("WEBGL_debug_renderer_info");
    const name = about ? String(gl.getParameter(about.UNMASKED_RENDERER_WEBGL)) : "";
    if (SOFTWARE.test(name)) this.level = WITHOUT_CARD;
    this.renderer.autoClear = false;
    this.renderer.info.autoReset = false;
    this.folded.up.set(0, 0, 1);
    this.folded.position.set(0, -DISTANCE, 0);
    this.flat.position.set(0, 0, DISTANCE);
    const changed = () => this.moved();
    this.slots = elements.map((element) => new Slot(element, this.folded, this.flat, this.targets, changed));
  }

  /** Redraw at the next frame, and at full resolution once nothing has changed for a while. */
  draw(): void {
    this.fine = false;
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => this.refine(), REST_MS);
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.render();
      this.onFrame();
    });
  }

  /** Set the background colour: an opaque canvas is composited in two thirds of the time. */
  paper(colour: string): void {
    this.renderer.setClearColor(colour);
  }

  layout(n: number): void {
    this.visible = n;
    this.draw();
  }

  place(camera: State["camera"], flat: State["flat"]): void {
    this.quiet = true;
    const [azimuth, polar, zoom] = camera;
    // Azimuth 0 is behind the head.
    const flatRadius = Math.sin(polar) * DISTANCE;
    this.folded.position.set(flatRadius * Math.sin(azimuth), -flatRadius * Math.cos(azimuth), Math.cos(polar) * DISTANCE);
    this.folded.zoom = zoom;
    this.flat.position.set(flat[0], flat[1], DISTANCE);
    this.targets[1].set(flat[0], flat[1], 0);
    this.flat.zoom = flat[2];
    for (const { orbits } of this.slots) {
      orbits.folded.update();
      orbits.flat.update();
    }
    this.quiet = false;
    this.draw();
  }

  where(): { camera: State["camera"]; flat: State["flat"] } {
    const { x, y, z } = this.folded.position;
    const polar = Math.acos(Math.min(1, Math.max(-1, z / Math.hypot(x, y, z))));
    return {
      camera: [Math.atan2(x, -y), polar, this.folded.zoom],
      flat: [this.targets[1].x, this.targets[1].y, this.flat.zoom],
    };
  }

  /** Draw all panels now. */
  render(): void {
    if (this.turning) this.pace();
    const { dots, joined } = COARSER[this.level];
    const ratio = this.fine ? FINE : dots;
    if (this.renderer.getPixelRatio() !== ratio) this.renderer.setPixelRatio(ratio);
    const { width, height, left, top } = this.canvas.getBoundingClientRect();
    const size = this.renderer.getSize(new Vector2());
    if (size.x !== Math.floor(width) || size.y !== Math.floor(height)) this.renderer.setSize(width, height, false);
    this.renderer.info.reset();
    this.renderer.setScissorTest(false);
    this.renderer.clear();
    this.renderer.setScissorTest(true);
    for (const slot of this.slots.slice(0, this.visible)) {
      if (!slot.content) continue;
      slot.divide(joined && this.turning);
      const box = slot.element.getBoundingClientRect();
      const frame = [box.left - left, height - (box.bottom - top), box.width, box.height] as const;
      this.renderer.setViewport(...frame);
      this.renderer.setScissor(...frame);
      const camera = this.cameraOf(slot, box);
      slot.light.position.copy(camera.position).sub(slot.scene.position);
      slot.light.position.addScaledVector(camera.up, 0.25 * DISTANCE);
      this.renderer.render(slot.scene, camera);
    }
    // Number of triangles drawn, for benchmarks and tests.
    this.canvas.dataset.triangles = String(this.renderer.info.render.triangles);
  }

  /** Drawn vertex at a position of the browser window, in CSS pixels; null if there is none. */
  pick(slot: Slot, clientX: number, clientY: number): number | null {
    if (!slot.body || !slot.shape || !slot.content) return null;
    const box = slot.element.getBoundingClientRect();
    const at = new Vector2(((clientX - box.left) / box.width) * 2 - 1, 1 - ((clientY - box.top) / box.height) * 2);
    if (!slot.shape.index) return this.pickPoint(slot, clientX - box.left, clientY - box.top);
    slot.divide(false);
    const ray = new Raycaster();
    ray.setFromCamera(at, this.cameraOf(slot, box));
    const hit = ray.intersectObject(slot.body, false)[0];
    if (!hit?.face) return null;
    const local = slot.body.worldToLocal(hit.point.clone());
    const corners = [hit.face.a, hit.face.b, hit.face.c];
    const place = new Vector3();
    const distance = (v: number) => place.fromBufferAttribute(slot.shape!.position, v).distanceTo(local);
    return corners.reduce((best, v) => (distance(v) < distance(best) ? v : best));
  }

  /** Position of a drawn vertex within a panel, in CSS pixels; null if its hemisphere is hidden. */
  project(slot: Slot, vertex: number): Spot | null {
    if (!slot.shape || !slot.content) return null;
    const n = slot.content.cortex.rowOf.length / 2;
    const hidden = slot.content.hemispheres === (vertex >= n ? "left" : "right");
    if (hidden && slot.shape.index) return null;
    const box = slot.element.getBoundingClientRect();
    const camera = this.cameraOf(slot, box);
    const place = new Vector3().fromBufferAttribute(slot.shape.position, vertex).add(slot.scene.position);
    place.project(camera);
    const normal = slot.shape.normal && new Vector3().fromBufferAttribute(slot.shape.normal, vertex);
    const facing = !normal || slot.isFlat || normal.dot(camera.position) > 0.15 * DISTANCE;
    return { x: ((place.x + 1) / 2) * box.width, y: ((1 - place.y) / 2) * box.height, facing };
  }

  /** Redraw at full resolution and return the canvas, for saving. */
  snapshot(): HTMLCanvasElement {
    this.turning = false;
    this.fine = true;
    this.render();
    return this.canvas;
  }

  private moved(): void {
    if (this.quiet) return;
    this.turning = true;
    this.draw();
    this.onMove();
  }

  private refine(): void {
    this.turning = false;
    this.last = 0;
    if (this.level === 0) return;
    this.fine = true;
    this.render();
  }

  /** Reduce the level of detail after several slow frames. */
  private pace(): void {
    const now = performance.now();
    const slow = this.last > 0 && now - this.last > SLOW_MS;
    this.last = now;
    this.slow = slow ? this.slow + 1 : 0;
    if (this.slow > 2 && this.level < COARSER.length - 1) {
      this.level++;
      this.slow = 0;
    }
  }

  private cameraOf(slot: Slot, box: DOMRect): OrthographicCamera {
    const camera = slot.isFlat ? this.flat : this.folded;
    const aspect = box.width / Math.max(1, box.height);
    const high = MARGIN * Math.max(slot.half[1], slot.half[0] / aspect);
    [camera.left, camera.right, camera.top, camera.bottom] = [-high * aspect, high * aspect, high, -high];
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
    return camera;
  }

  private pickPoint(slot: Slot, x: number, y: number): number | null {
    let [best, least] = [NO_ROW, NEAR_POINT ** 2];
    for (let vertex = 0; vertex < slot.shape!.position.count; vertex++) {
      const spot = this.project(slot, vertex)!;
      const d = (spot.x - x) ** 2 + (spot.y - y) ** 2;
      if (d < least) [best, least] = [vertex, d];
    }
    return best === NO_ROW ? null : best;
  }
}
