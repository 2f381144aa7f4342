// The cortex of a subject: both hemispheres of a mesh as one list of vertices, left hemisphere first, and the
// row of the data for each vertex. Recording sites without a mesh are points.
import { BufferAttribute } from "three";
import { open, type Arrays } from "./data";
import type { Manifest, SubjectEntry } from "./manifest";
import type { Surface } from "./state";

// Gap between the hemispheres, as a fraction of their height.
const GAP = 0.12;
const SIDES = ["left", "right"] as const;
export const NO_ROW = -1;

export interface Shape {
  position: BufferAttribute;
  normal: BufferAttribute | null;
  index: BufferAttribute | null;
  /** Number of triangle indices of the left hemisphere, which come first. */
  nLeft: number;
  /** Bounding boxes of the left and the right hemisphere: minima of x, y, z, then maxima. */
  boxes: [number[], number[]];
}

function boxOf(position: Float32Array, start: number, end: number): number[] {
  const box = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  for (let i = 3 * start; i < 3 * end; i++) {
    const axis = i % 3;
    if (position[i] < box[axis]) box[axis] = position[i];
    if (position[i] > box[axis + 3]) box[axis + 3] = position[i];
  }
  return box;
}

function move(position: Float32Array, start: number, end: number, by: number[]): void {
  for (let i = 3 * start; i < 3 * end; i++) position[i] += by[i % 3];
}

/** Place the hemispheres side by side: the left one ends at -gap/2, the right one starts at gap/2. */
function arrange(position: Float32Array, n: number, apart: boolean): [number[], number[]] {
  const boxes = [boxOf(position, 0, n), boxOf(position, n, 2 * n)];
  const gap = apart ? GAP * (boxes[0][5] - boxes[0][2] || boxes[0][4] - boxes[0][1]) : 0;
  boxes.forEach((box, side) => {
    const x = apart ? (side ? gap / 2 - box[0] : -gap / 2 - box[3]) : 0;
    const [low, high] = [1, 2].map((axis) => Math.min(boxes[0][axis], boxes[1][axis]) + Math.max(boxes[0][axis + 3], boxes[1][axis + 3]));
    move(position, side * n, (side + 1) * n, [x, -low / 2, -high / 2]);
  });
  return [boxOf(position, 0, n), boxOf(position, n, 2 * n)];
}

function normals(position: Float32Array, index: Uint32Array): Int8Array {
  const sums = new Float32Array(position.length);
  // No temporary arrays: this runs over every triangle before the first frame.
  for (let i = 0; i < index.length; i += 3) {
    const a = 3 * index[i];
    const b = 3 * index[i + 1];
    const c = 3 * index[i + 2];
    const ux = position[b] - position[a];
    const uy = position[b + 1] - position[a + 1];
    const uz = position[b + 2] - position[a + 2];
    const vx = position[c] - position[a];
    const vy = position[c + 1] - position[a + 1];
    const vz = position[c + 2] - position[a + 2];
    for (let corner = 0; corner < 3; corner++) {
      const at = 3 * index[i + corner];
      sums[at] += uy * vz - uz * vy;
      sums[at + 1] += uz * vx - ux * vz;
      sums[at + 2] += ux * vy - uy * vx;
    }
  }
  // Padded to four bytes per vertex: GPUs read aligned words.
  const packed = new Int8Array((4 * position.length) / 3);
  for (let i = 0, at = 0; i < sums.length; i += 3, at += 4) {
    const length = Math.hypot(sums[i], sums[i + 1], sums[i + 2]) || 1;
    for (let k = 0; k < 3; k++) packed[at + k] = Math.round((127 * sums[i + k]) / length);
  }
  return packed;
}

/** A template mesh; its surfaces are built when first shown. */
export class Mesh {
  readonly n: number;
  private readonly shapes = new Map<Surface, Shape>();
  private adjacency: { start: Uint32Array; neighbour: Uint32Array } | null = null;

  constructor(private readonly arrays: Arrays) {
    this.n = arrays.shape("left_sphere")[0];
  }

  has(surface: Surface): boolean {
    return this.arrays.has(`left_${surface}`);
  }

  shape(surface: Surface): Shape {
    let shape = this.shapes.get(surface);
    if (!shape) {
      shape = this.build(surface);
      this.shapes.set(surface, shape);
    }
    return shape;
  }

  /** Sulcal depth of each vertex: positive within a sulcus. */
  sulci(): Float32Array {
    return this.both((side) => this.arrays.values(`${side}_sulc`));
  }

  neighbours(vertex: number): Uint32Array {
    this.adjacency ??= this.connect();
    const { start, neighbour } = this.adjacency;
    return neighbour.subarray(start[vertex], start[vertex + 1]);
  }

  /** Vertex of this mesh that is nearest, on the sphere, to a vertex of another mesh. */
  nearest(other: Mesh, vertex: number): number {
    if (other === this) return vertex;
    const side = vertex >= other.n ? 1 : 0;
    const name = `${SIDES[side]}_sphere`;
    const [theirs, own] = [other.arrays.values(name), this.arrays.values(name)];
    const at = 3 * (vertex - side * other.n);
    let [best, least] = [0, Infinity];
    for (let i = 0; i < own.length; i += 3) {
      const d = (own[i] - theirs[at]) ** 2 + (own[i + 1] - theirs[at + 1]) ** 2 + (own[i + 2] - theirs[at + 2]) ** 2;
      if (d < least) [best, least] = [i / 3, d];
    }
    return side * this.n + best;
  }

  private both(read: (side: string) => Float32Array): Float32Array {
    const parts = SIDES.map(read);
    const joined = new Float32Array(parts[0].length + parts[1].length);
    joined.set(parts[0]);
    joined.set(parts[1], parts[0].length);
    return joined;
  }

  private faces(name: string): { index: Uint32Array; nLeft: number } {
    const [left, right] = SIDES.map((side) => {
      const own = this.arrays.has(`${side}_${name}`) ? `${side}_${name}` : `${side}_faces`;
      return this.arrays.raw(own);
    });
    const index = new Uint32Array(left.length + right.length);
    index.set(left);
    for (let i = 0; i < right.length; i++) index[left.length + i] = right[i] + this.n;
    return { index, nLeft: left.length };
  }

  private build(surface: Surface): Shape {
    const position = this.both((side) => this.arrays.values(`${side}_${surface}`));
    const { index, nLeft } = this.faces(surface === "flat" ? "flat_faces" : "faces");
    const boxes = arrange(position, this.n, surface !== "pial");
    return {
      position: new BufferAttribute(position, 3),
      normal: new BufferAttribute(normals(position, index), 4, true),
      index: new BufferAttribute(index, 1),
      nLeft,
      boxes,
    };
  }

  private connect() {
    const { index } = this.faces("faces");
    const sets: Set<number>[] = Array.from({ length: 2 * this.n }, () => new Set());
    for (let i = 0; i < index.length; i += 3) {
      const corners = index.subarray(i, i + 3);
      for (const a of corners) for (const b of corners) if (a !== b) sets[a].add(b);
    }
    const start = new Uint32Array(2 * this.n + 1);
    sets.forEach((set, vertex) => (start[vertex + 1] = start[vertex] + set.size));
    const neighbour = new Uint32Array(start[2 * this.n]);
    sets.forEach((set, vertex) => neighbour.set([...set], start[vertex]));
    return { start, neighbour };
  }
}

/** Layout of a subject's rows: on a mesh, as points in space or, without coordinates, as a grid in data order. */
export class Cortex {
  /** Row of the data for each drawn vertex; NO_ROW if it has none. */
  readonly rowOf: Int32Array;
  /** Drawn vertex of each row of the data. */
  readonly vertexOf: Int32Array;
  private readonly points: Shape | null;

  constructor(
    readonly subject: SubjectEntry,
    readonly arrays: Arrays,
    readonly mesh: Mesh | null,
  ) {
    const n = subject.n_vertices;
    this.vertexOf = new Int32Array(n);
    this.rowOf = new Int32Array(mesh ? 2 * mesh.n : n).fill(NO_ROW);
    const index = mesh ? arrays.raw("vertex_index") : null;
    const hemisphere = mesh ? arrays.raw("hemisphere") : null;
    for (let row = 0; row < n; row++) {
      const vertex = mesh ? index![row] + hemisphere![row] * mesh.n : row;
      this.vertexOf[row] = vertex;
      this.rowOf[vertex] = row;
    }
    this.points = mesh ? null : this.layOut();
  }

  get kind(): "mesh" | "points" | "strip" {
    if (this.mesh) return "mesh";
    return this.arrays.has("coordinates") ? "points" : "strip";
  }

  surface(wanted: Surface): Surface {
    if (this.kind !== "mesh") return this.kind === "points" ? "inflated" : "flat";
    return this.mesh!.has(wanted) ? wanted : "inflated";
  }

  shape(surface: Surface): Shape {
    return this.points ?? this.mesh!.shape(this.surface(surface));
  }

  /** Names of the regions that contain a row. */
  regionsOf(row: number): string[] {
    const { rois } = this.subject;
    if (!rois.length) return [];
    const masks = this.arrays.raw("roi");
    return rois.filter((_, i) => masks[row * rois.length + i]);
  }

  /** Rows of the data within a region. */
  rowsIn(roi: string): number[] {
    const { rois, n_vertices } = this.subject;
    const at = rois.indexOf(roi);
    if (at < 0) return [];
    const masks = this.arrays.raw("roi");
    const rows = Array.from({ length: n_vertices }, (_, row) => row);
    return rows.filter((row) => masks[row * rois.length + at]);
  }

  sideOf(row: number): string {
    if (!this.arrays.has("hemisphere")) return "";
    return SIDES[this.arrays.raw("hemisphere")[row]] ?? "";
  }

  private layOut(): Shape {
    const n = this.subject.n_vertices;
    let position = new Float32Array(3 * n);
    if (this.arrays.has("coordinates")) {
      position = this.arrays.values("coordinates").slice();
      const box = boxOf(position, 0, n);
      move(position, 0, n, [0, 1, 2].map((axis) => -(box[axis] + box[axis + 3]) / 2));
    } else {
      const columns = Math.ceil(Math.sqrt(1.6 * n));
      const rows = Math.ceil(n / columns);
      for (let i = 0; i < n; i++) {
        position[3 * i] = (i % columns) - (columns - 1) / 2;
        position[3 * i + 1] = (rows - 1) / 2 - Math.floor(i / columns);
      }
    }
    const box = boxOf(position, 0, n);
    return { position: new BufferAttribute(position, 3), normal: null, index: null, nLeft: 0, boxes: [box, box] };
  }
}

const meshes = new Map<string, Promise<Mesh>>();
const cortices = new Map<string, Promise<Cortex>>();

async function openCortex(manifest: Manifest, subject: SubjectEntry): Promise<Cortex> {
  const packed = subject.space ? manifest.meshes[subject.space] : undefined;
  if (packed && !meshes.has(packed.file)) {
    meshes.set(packed.file, open(packed).then((arrays) => new Mesh(arrays)));
  }
  const [arrays, mesh] = await Promise.all([open(subject), packed ? meshes.get(packed.file)! : null]);
  return new Cortex(subject, arrays, mesh);
}

export function cortexOf(manifest: Manifest, subject: SubjectEntry): Promise<Cortex> {
  let promise = cortices.get(subject.id);
  if (!promise) {
    promise = openCortex(manifest, subject);
    promise.catch(() => cortices.delete(subject.id));
    cortices.set(subject.id, promise);
  }
  return promise;
}
