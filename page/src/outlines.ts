// Borders of regions: in every triangle that a border crosses, the line between the midpoints of the two
// edges that it crosses. Also the positions of the regions' names.
import type { Cortex, Shape } from "./cortex";
import { NO_ROW } from "./cortex";

// A region is not outlined if the regions before it cover more than this fraction of it: a group of
// regions would otherwise draw the borders of its members a second time.
const COVERED = 0.7;

export interface Region {
  name: string;
  /** 1 at each drawn vertex that belongs to the region, 0 elsewhere. */
  mask: Uint8Array;
  size: number;
}

const cache = new WeakMap<Cortex, Region[]>();

/** The regions that are outlined, in the order of the data. */
export function outlined(cortex: Cortex): Region[] {
  const known = cache.get(cortex);
  if (known) return known;
  const covered = new Uint8Array(cortex.rowOf.length);
  const regions: Region[] = [];
  for (const name of cortex.subject.rois) {
    const mask = new Uint8Array(cortex.rowOf.length);
    const rows = cortex.rowsIn(name);
    for (const row of rows) mask[cortex.vertexOf[row]] = 1;
    const before = rows.filter((row) => covered[cortex.vertexOf[row]]).length;
    if (!rows.length || before > COVERED * rows.length) continue;
    for (const row of rows) covered[cortex.vertexOf[row]] = 1;
    regions.push({ name, mask, size: rows.length });
  }
  cache.set(cortex, regions);
  return regions;
}

/** Coordinates of the ends of the line segments around a mask. */
export function border(shape: Shape, mask: Uint8Array): number[] {
  const ends: number[] = [];
  if (!shape.index) return ends;
  const index = shape.index.array;
  const place = shape.position.array;
  for (let i = 0; i < index.length; i += 3) {
    const first = mask[index[i]];
    const second = mask[index[i + 1]];
    const total = first + second + mask[index[i + 2]];
    if (total === 0 || total === 3) continue;
    const odd = total === 1 ? 1 : 0;
    const lone = first === odd ? 0 : second === odd ? 1 : 2;
    const a = 3 * index[i + lone];
    for (let other = 1; other < 3; other++) {
      const b = 3 * index[i + ((lone + other) % 3)];
      for (let k = 0; k < 3; k++) ends.push((place[a + k] + place[b + k]) / 2);
    }
  }
  return ends;
}

/** For each hemisphere, the vertex of a region nearest to the centre of the region. */
export function anchors(shape: Shape, region: Region): number[] {
  const place = shape.position.array;
  const n = shape.index ? region.mask.length / 2 : region.mask.length;
  const halves = shape.index ? [0, 1] : [0];
  return halves.flatMap((half) => {
    const own: number[] = [];
    for (let v = half * n; v < (half + 1) * n; v++) if (region.mask[v]) own.push(v);
    if (!own.length) return [];
    const middle = [0, 1, 2].map((k) => own.reduce((sum, v) => sum + place[3 * v + k], 0) / own.length);
    const distance = (v: number) => [0, 1, 2].reduce((sum, k) => sum + (place[3 * v + k] - middle[k]) ** 2, 0);
    return [own.reduce((best, v) => (distance(v) < distance(best) ? v : best))];
  });
}

/** Colours of all drawn vertices: those of the data, and grey by sulcal depth where there are no data. */
export function dress(cortex: Cortex, rgb: Uint8Array, known: Uint8Array, dark: boolean): Uint8Array {
  const sulci = cortex.mesh?.sulci();
  // The fourth byte is opacity.
  const dressed = new Uint8Array(4 * cortex.rowOf.length).fill(255);
  for (let vertex = 0; vertex < cortex.rowOf.length; vertex++) {
    const row = cortex.rowOf[vertex];
    if (row !== NO_ROW && known[row]) dressed.set(rgb.subarray(3 * row, 3 * row + 3), 4 * vertex);
    else dressed.fill(grey(sulci?.[vertex] ?? 0, dark), 4 * vertex, 4 * vertex + 3);
  }
  return dressed;
}

function grey(depth: number, dark: boolean): number {
  const steep = Math.min(1, Math.max(-1, 3 * depth));
  return dark ? 78 - 16 * steep : 206 - 18 * steep;
}
