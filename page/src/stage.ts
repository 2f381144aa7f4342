// One canvas behind all panels: each panel is a part of it with a scene of its own, and all share
// the camera of the folded surfaces and that of the flat ones.
import {
  AmbientLight, BufferAttribute, BufferGeometry, ColorManagement, DirectionalLight,
  LineBasicMaterial, LineSegments, LinearSRGBColorSpace, Mesh as Body, MeshBasicMaterial,
  MeshLambertMaterial, OrthographicCamera, Points, PointsMaterial, Raycaster, Scene, Vector2,
  Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { NO_ROW, type Cortex, type Shape } from "./cortex";
import { border, outlined } from "./outlines";
import type { Hemispheres, State, Surface } from "./state";

// Colours are those of the keys, byte for byte, where no light falls on them.
ColorManagement.enabled = false;

const DISTANCE = 1000;
const MARGIN = 1.06;
// Millimetres of flat cortex round the data.
const DATA_MARGIN = 6;
// Dots a pixel at rest: as good as smoothing by the graphics card, which costs at every frame.
const FINE = 2;
// While the cortex turns, as many as the machine can: the next of these where frames take longer.
const COARSER = [FINE, 1, 0.6];
const SOFTWARE = /swiftshader|llvmpipe|software/i;
const SLOW_MS = 40;
const REST_MS = 220;
const NEAR_POINT = 14;
// Mostly light from everywhere, so that colours stay close to those of the key; a surface returns
// 1/π of it.
const AMBIENT = 0.74 * Math.PI;
const DIRECT = 0.32 * Math.PI;
const LINE = { light: 0x1c1c1e, dark: 0xf2f2f4 };
const CHOSEN = { light: 0x000000, dark: 0xffffff };

export interface Content {
  cortex: Cortex;
  surface: Surface;
  colours: Uint8Array;
  hemispheres: Hemispheres;
  outlines: boolean;
  roi: string | null;
  dark: boolean;
}

export interface Spot {
  x: number;
  y: number;
  /** Whether that side of the surface faces the person. */
  facing: boolean;
}

function dispose(scene: Scene): void {
  scene.traverse((object) => {
    if (object instanceof Body || object instanceof LineSegments || object instanceof Points) {
      object.geometry.dispose();
      object.material.dispose();
    }
  });
  scene.clear();
}

/** Boxes that are in sight, and their common middle and size. */
function extent(shape: Shape, hemispheres: Hemispheres) {
  const boxes = shape.boxes.filter((_, side) => hemispheres !== (side ? "left" : "right"));
  const low = [0, 1, 2].map((axis) => Math.min(...boxes.map((box) => box[axis])));
  const high = [0, 1, 2].map((axis) => Math.max(...boxes.map((box) => box[axis + 3])));
  return {
    middle: new Vector3(...(low.map((value, axis) => (value + high[axis]) / 2) as [number, number, number])),
    size: high.map((value, axis) => value - low[axis]),
  };
}

/** Of a flat cortex only the part that has data is of interest: its middle and size. */
function withData(cortex: Cortex, shape: Shape, hemispheres: Hemispheres) {
  const boxes = shape.boxes.map(() => [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity]);
  const place = shape.position.array;
  const half = cortex.rowOf.length / 2;
  for (const vertex of cortex.vertexOf) {
    const box = boxes[vertex < half ? 0 : 1];
    for (let k = 0; k < 3; k++) {
      box[k] = Math.min(box[k], place[3 * vertex + k]);
      box[k + 3] = Math.max(box[k + 3], place[3 * vertex + k]);
    }
  }
  const shown = boxes.every((box) => box[0] <= box[3]) ? { ...shape, boxes: boxes as Shape["boxes"] } : shape;
  const { middle, size } = extent(shown, hemispheres);
  return { middle, size: size.map((length) => length + 2 * DATA_MARGIN) };
}

/** What one panel shows. */
export class Slot {
  readonly scene = new Scene();
  readonly light = new DirectionalLight(0xffffff, DIRECT);
  content: Content | null = null;
  shape: Shape | null = null;
  body: Body | Points | null = null;
  /** Half of the width and of the height that the panel has to show. */
  half: [number, number] = [1, 1];
  readonly orbits: { folded: OrbitControls; flat: OrbitControls };

  constructor(readonly element: HTMLElement, folded: OrthographicCamera, flat: OrthographicCamera, targets: Vector3[], changed: () => void) {
    const orbit = (camera: OrthographicCamera, target: Vector3) => {
      const controls = new OrbitControls(camera, element);
      controls.target = target;
      controls.minZoom = 0.4;
      controls.maxZoom = 24;
      controls.addEventListener("change", changed);
      return controls;
    };
    this.orbits = { folded: orbit(folded, targets[0]), flat: orbit(flat, targets[1]) };
    this.orbits.folded.enablePan = false;
    this.orbits.flat.enableRotate = false;
    this.orbits.flat.screenSpacePanning = true;
    this.orbits.flat.mouseButtons.LEFT = this.orbits.flat.mouseButtons.RIGHT;
    this.orbits.flat.touches.ONE = 1;
    this.steer();
  }

  get isFlat(): boolean {
    return this.content !== null && this.content.cortex.surface(this.content.surface) === "flat";
  }

  /** Let the finger or the mouse move the camera that this panel uses. */
  steer(): void {
    this.orbits.folded.enabled = !this.isFlat;
    this.orbits.flat.enabled = this.isFlat;
  }

  show(content: Content): void {
    dispose(this.scene);
    this.content = content;
    const { cortex, surface, hemispheres } = content;
    const shape = cortex.shape(surface);
    this.shape = shape;
    const { middle, size } = this.isFlat && shape.index ? withData(cortex, shape, hemispheres) : extent(shape, hemispheres);
    this.half = this.isFlat || cortex.kind !== "mesh" ? [size[0] / 2, size[1] / 2] : [Math.max(size[0], size[1]) / 2, size[2] / 2];
    if (cortex.kind === "points") this.half = [Math.hypot(...size) / 2, Math.hypot(...size) / 2];
    this.body = shape.index ? this.surfaceBody(shape, content) : this.pointBody(shape, content);
    this.scene.add(this.body, new AmbientLight(0xffffff, AMBIENT), this.light);
    if (shape.index && content.outlines) this.addLines(content, shape);
    this.scene.position.copy(middle).negate();
    this.scene.updateMatrixWorld(true);
    this.steer();
  }

  private surfaceBody(shape: Shape, content: Content): Body {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", shape.position);
    geometry.setAttribute("normal", shape.normal!);
    geometry.setAttribute("color", new BufferAttribute(content.colours, 4, true));
    geometry.setIndex(shape.index);
    const n = shape.index!.count;
    if (content.hemispheres === "left") geometry.setDrawRange(0, shape.nLeft);
    if (content.hemispheres === "right") geometry.setDrawRange(shape.nLeft, n - shape.nLeft);
    const look = { vertexColors: true, polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 2 };
    return new Body(geometry, this.isFlat ? new MeshBasicMaterial(look) : new MeshLambertMaterial(look));
  }

  private pointBody(shape: Shape, content: Content): Points {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", shape.position);
    geometry.setAttribute("color", new BufferAttribute(content.colours, 4, true));
    const size = Math.max(2, Math.min(14, 420 / Math.sqrt(shape.position.count)));
    return new Points(geometry, new PointsMaterial({ vertexColors: true, size, sizeAttenuation: false }));
  }

  private addLines({ cortex, roi, dark, hemispheres }: Content, shape: Shape): void {
    const side = (mask: Uint8Array) => {
      if (hemispheres === "both") return mask;
      const [n, own] = [mask.length / 2, mask.slice()];
      return hemispheres === "left" ? own.fill(0, n) : own.fill(0, 0, n);
    };
    const theme = dark ? "dark" : "light";
    const add = (ends: number[], colour: number, opacity: number) => {
      const geometry = new BufferGeometry();
      geometry.setAttribute("position", new BufferAttribute(new Float32Array(ends), 3));
      this.scene.add(new LineSegments(geometry, new LineBasicMaterial({ color: colour, transparent: true, opacity })));
    };
    const regions = outlined(cortex);
    add(regions.flatMap(({ mask }) => border(shape, side(mask))), LINE[theme], roi ? 0.35 : 0.7);
    if (!roi) return;
    const mask = new Uint8Array(cortex.rowOf.length);
    for (const row of cortex.rowsIn(roi)) mask[cortex.vertexOf[row]] = 1;
    add(border(shape, side(mask)), CHOSEN[theme], 1);
  }
}

/** The canvas and its cameras. */
export class Stage {
  readonly renderer: WebGLRenderer;
  readonly folded = new OrthographicCamera(-1, 1, 1, -1, 0, 2 * DISTANCE);
  readonly flat = new OrthographicCamera(-1, 1, 1, -1, 0, 2 * DISTANCE);
  readonly slots: Slot[];
  /** Called after each frame, to move what lies over the canvas. */
  onFrame: () => void = () => undefined;
  /** Called after a person moved a camera. */
  onMove: () => void = () => undefined;
  frames = 0;
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
      throw new Error("This browser draws no WebGL. Allow it in its settings, or open the page in another one.");
    }
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    const gl = this.renderer.getContext();
    const about = gl.getExtension("WEBGL_debug_renderer_info");
    const name = about ? String(gl.getParameter(about.UNMASKED_RENDERER_WEBGL)) : "";
    if (SOFTWARE.test(name)) this.level = 1;
    this.renderer.autoClear = false;
    this.folded.up.set(0, 0, 1);
    this.folded.position.set(0, -DISTANCE, 0);
    this.flat.position.set(0, 0, DISTANCE);
    const changed = () => this.moved();
    this.slots = elements.map((element) => new Slot(element, this.folded, this.flat, this.targets, changed));
  }

  /** Draw again at the next frame, and finely when nothing has changed for a while. */
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

  /** Colour of the page: an opaque canvas is put onto it in two thirds of the time. */
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
    const ratio = this.fine ? FINE : COARSER[this.level];
    if (this.renderer.getPixelRatio() !== ratio) this.renderer.setPixelRatio(ratio);
    const { width, height, left, top } = this.canvas.getBoundingClientRect();
    const size = this.renderer.getSize(new Vector2());
    if (size.x !== Math.floor(width) || size.y !== Math.floor(height)) this.renderer.setSize(width, height, false);
    this.renderer.setScissorTest(false);
    this.renderer.clear();
    this.renderer.setScissorTest(true);
    for (const slot of this.slots.slice(0, this.visible)) {
      if (!slot.content) continue;
      const box = slot.element.getBoundingClientRect();
      const frame = [box.left - left, height - (box.bottom - top), box.width, box.height] as const;
      this.renderer.setViewport(...frame);
      this.renderer.setScissor(...frame);
      const camera = this.cameraOf(slot, box);
      slot.light.position.copy(camera.position).sub(slot.scene.position);
      slot.light.position.addScaledVector(camera.up, 0.25 * DISTANCE);
      this.renderer.render(slot.scene, camera);
    }
    this.frames++;
  }

  /** Drawn vertex under a place of the window. */
  pick(slot: Slot, clientX: number, clientY: number): number | null {
    if (!slot.body || !slot.shape || !slot.content) return null;
    const box = slot.element.getBoundingClientRect();
    const at = new Vector2(((clientX - box.left) / box.width) * 2 - 1, 1 - ((clientY - box.top) / box.height) * 2);
    if (!slot.shape.index) return this.pickPoint(slot, clientX - box.left, clientY - box.top);
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

  /** Where a drawn vertex lies within a panel, in CSS pixels. */
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

  /** The picture as it stands, for a screenshot. */
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
    if (COARSER[this.level] === FINE) return;
    this.fine = true;
    this.render();
  }

  /** Choose as many dots as the last frames left time for. */
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
