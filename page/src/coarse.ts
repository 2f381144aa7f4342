// Fewer triangles for machines that render without a graphics card. The templates are icosahedra whose
// triangles were repeatedly subdivided into four, with vertices numbered in the order of their creation:
// four triangles are merged again where their corners show that they came from one.
import { BufferAttribute } from "three";
import type { Shape } from "./cortex";

/** Vertices of a hemisphere after each subdivision: 10 · 4^k + 2. */
const KEPT = [40962, 10242, 2562];

export interface Triangles {
  index: BufferAttribute;
  /** Number of triangle indices of the left hemisphere, which come first. */
  nLeft: number;
}

const cache = new WeakMap<Shape, Triangles>();

/** Triangles of the hemisphere whose vertices start at `first`, after removing its vertices from number `kept` on. */
function joined(faces: number[], first: number, kept: number): number[] {
  const isNew = (vertex: number) => vertex - first >= kept;
  const key = (a: number, b: number) => (a < b ? a : b) * 2 ** 26 + (a < b ? b : a);
  // Each of the three outer triangles has one old corner, opposite the edge that it shares with the inner one.
  const corner = new Map<number, number>();
  for (let i = 0; i < faces.length; i += 3) {
    const [a, b, c] = [faces[i], faces[i + 1], faces[i + 2]];
    const count = Number(isNew(a)) + Number(isNew(b)) + Number(isNew(c));
    if (count !== 2) continue;
    if (!isNew(a)) corner.set(key(b, c), a);
    else if (!isNew(b)) corner.set(key(a, c), b);
    else corner.set(key(a, b), c);
  }
  const whole: number[] = [];
  const gone = new Set<number>();
  const alone: number[] = [];
  for (let i = 0; i < faces.length; i += 3) {
    const [a, b, c] = [faces[i], faces[i + 1], faces[i + 2]];
    if (!(isNew(a) && isNew(b) && isNew(c))) continue;
    const sides = [key(b, c), key(c, a), key(a, b)];
    const corners = sides.map((side) => corner.get(side));
    if (corners.includes(undefined)) {
      // At the edge of a flat map some of the four may have been cut away: the others stay as they are.
      alone.push(a, b, c);
      continue;
    }
    whole.push(...(corners as number[]));
    for (const side of sides) gone.add(side);
  }
  for (let i = 0; i < faces.length; i += 3) {
    const [a, b, c] = [faces[i], faces[i + 1], faces[i + 2]];
    const news = [a, b, c].filter(isNew);
    if (news.length === 3) continue;
    if (news.length === 2 && gone.has(key(news[0], news[1]))) continue;
    alone.push(a, b, c);
  }
  return [...whole, ...alone];
}

/** The triangles of a surface, merged wherever possible. */
export function coarse(shape: Shape): Triangles {
  let known = cache.get(shape);
  if (!known) {
    const n = shape.position.count / 2;
    const all = shape.index!.array;
    const sides = [all.slice(0, shape.nLeft), all.slice(shape.nLeft)].map((faces, side) =>
      KEPT.filter((kept) => kept < n).reduce((left, kept) => joined(left, side * n, kept), Array.from(faces)),
    );
    known = { index: new BufferAttribute(new Uint32Array(sides.flat()), 1), nLeft: sides[0].length };
    cache.set(shape, known);
  }
  return known;
}
