// The three-dimensional content of one panel: a coloured surface or points, and the borders of regions.
import {
  AmbientLight, BufferAttribute, BufferGeometry, DirectionalLight, Group, LineBasicMaterial,
  LineSegments, Mesh as Body, MeshBasicMaterial, MeshLambertMaterial, type OrthographicCamera, Points,
  PointsMaterial, Scene, Vector3,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { coarse } from "./coarse";
import type { Cortex, Shape } from "./cortex";
import { border, outlined } from "./outlines";
import type { Hemispheres, Surface } from "./state";

// Margin of flat cortex around the data, in mm.
const DATA_MARGIN = 6;
// Mostly ambient light, so that colours stay close to those of the key; the factor π compensates for the
// 1/π of diffuse reflection.
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

function dispose(scene: Scene): void {
  scene.traverse((object) => {
    if (object instanceof Body || object instanceof LineSegments || object instanceof Points) {
      object.geometry.dispose();
      object.material.dispose();
    }
  });
  scene.clear();
}

/** Common centre and size of the bounding boxes of the visible hemispheres. */
function extent(shape: Shape, hemispheres: Hemispheres) {
  const boxes = shape.boxes.filter((_, side) => hemispheres !== (side ? "left" : "right"));
  const low = [0, 1, 2].map((axis) => Math.min(...boxes.map((box) => box[axis])));
  const high = [0, 1, 2].map((axis) => Math.max(...boxes.map((box) => box[axis + 3])));
  return {
    middle: new Vector3(...(low.map((value, axis) => (value + high[axis]) / 2) as [number, number, number])),
    size: high.map((value, axis) => value - low[axis]),
  };
}

/** Centre and size of the part of a flat map that has data, with a margin. */
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

/** The scene of one panel and its camera controls. */
export class Slot {
  readonly scene = new Scene();
  readonly light = new DirectionalLight(0xffffff, DIRECT);
  content: Content | null = null;
  shape: Shape | null = null;
  body: Body | Points | null = null;
  /** Borders of regions on all triangles (false) and on merged triangles (true). */
  private readonly borders = new Map<boolean, Group>();
  /** Half the width and half the height that the panel must show. */
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

  /** Enable the controls of the camera that this panel uses, and disable the others. */
  steer(): void {
    this.orbits.folded.enabled = !this.isFlat;
    this.orbits.flat.enabled = this.isFlat;
  }

  show(content: Content): void {
    dispose(this.scene);
    this.borders.clear();
    this.content = content;
    const { cortex, surface, hemispheres } = content;
    const shape = cortex.shape(surface);
    this.shape = shape;
    const { middle, size } = this.isFlat && shape.index ? withData(cortex, shape, hemispheres) : extent(shape, hemispheres);
    this.half = this.isFlat || cortex.kind !== "mesh" ? [size[0] / 2, size[1] / 2] : [Math.max(size[0], size[1]) / 2, size[2] / 2];
    if (cortex.kind === "points") this.half = [Math.hypot(...size) / 2, Math.hypot(...size) / 2];
    this.body = shape.index ? this.surfaceBody(shape) : this.pointBody(shape, content);
    this.scene.add(this.body, new AmbientLight(0xffffff, AMBIENT), this.light);
    this.divide(false);
    this.scene.position.copy(middle).negate();
    this.scene.updateMatrixWorld(true);
    this.steer();
  }

  /** Draw all triangles, or fewer, merged ones. */
  divide(joined: boolean): void {
    if (!(this.body instanceof Body) || !this.shape?.index || !this.content) return;
    const triangles = joined ? coarse(this.shape) : { index: this.shape.index, nLeft: this.shape.nLeft };
    const { geometry } = this.body as Body<BufferGeometry>;
    if (geometry.index === triangles.index) return;
    geometry.setIndex(triangles.index);
    const { hemispheres, outlines } = this.content;
    geometry.setDrawRange(hemispheres === "right" ? triangles.nLeft : 0, hemispheres === "left" ? triangles.nLeft : Infinity);
    if (!outlines) return;
    if (!this.borders.has(joined)) {
      const lines = this.lines(this.content, { ...this.shape, ...triangles });
      this.borders.set(joined, lines);
      this.scene.add(lines);
      lines.updateMatrixWorld(true);
    }
    for (const [which, lines] of this.borders) lines.visible = which === joined;
  }

  private surfaceBody(shape: Shape): Body {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", shape.position);
    geometry.setAttribute("normal", shape.normal!);
    geometry.setAttribute("color", new BufferAttribute(this.content!.colours, 4, true));
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

  private lines({ cortex, roi, dark, hemispheres }: Content, shape: Shape): Group {
    const lines = new Group();
    const side = (mask: Uint8Array) => {
      if (hemispheres === "both") return mask;
      const [n, own] = [mask.length / 2, mask.slice()];
      return hemispheres === "left" ? own.fill(0, n) : own.fill(0, 0, n);
    };
    const theme = dark ? "dark" : "light";
    const add = (ends: number[], colour: number, opacity: number) => {
      const geometry = new BufferGeometry();
      geometry.setAttribute("position", new BufferAttribute(new Float32Array(ends), 3));
      lines.add(new LineSegments(geometry, new LineBasicMaterial({ color: colour, transparent: true, opacity })));
    };
    const regions = outlined(cortex);
    add(regions.flatMap(({ mask }) => border(shape, side(mask))), LINE[theme], roi ? 0.35 : 0.7);
    if (!roi) return lines;
    const mask = new Uint8Array(cortex.rowOf.length);
    for (const row of cortex.rowsIn(roi)) mask[cortex.vertexOf[row]] = 1;
    add(border(shape, side(mask)), CHOSEN[theme], 1);
    return lines;
  }
}
