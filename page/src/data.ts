// Reads the data files. A page opened from disk may not fetch(), so each file is a script that passes its
// bytes to the page; in the single-file page the bytes are in elements of the page itself.
import { FORMAT, type ArrayEntry, type Manifest, type Packed } from "./manifest";

type Receiver = (name: string, text: string) => void;

declare global {
  interface Window {
    cortexlens: { receive: Receiver };
  }
}

const waiting = new Map<string, (text: string) => void>();
const buffers = new Map<string, Promise<ArrayBuffer>>();

window.cortexlens = {
  receive(name, text) {
    waiting.get(name)?.(text);
    waiting.delete(name);
  },
};

async function unpacked(text: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function script(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    waiting.set(name, resolve);
    const element = document.createElement("script");
    element.src = `data/${name}.js`;
    element.onerror = () => reject(new Error(`The file data/${name}.js was not found next to this page. Keep the page and its data folder together.`));
    element.onload = () => element.remove();
    document.head.append(element);
  });
}

/** The bytes of a data file; each file is read only once. */
export function load(name: string): Promise<ArrayBuffer> {
  let promise = buffers.get(name);
  if (!promise) {
    const embedded = document.getElementById(name);
    const text = embedded?.textContent;
    promise = (text ? Promise.resolve(text) : script(name)).then(unpacked);
    promise.catch(() => buffers.delete(name));
    buffers.set(name, promise);
  }
  return promise;
}

export async function loadManifest(): Promise<Manifest> {
  const manifest = JSON.parse(new TextDecoder().decode(await load("manifest"))) as Manifest;
  if (manifest.format !== FORMAT) {
    throw new Error(
      `The data have format ${manifest.format}, but this page reads format ${FORMAT}. Rebuild the atlas.`,
    );
  }
  return manifest;
}

/** Convert the bits of a float16 to a number. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** All 65,536 float16 values: a lookup is ten times as fast as computing each value. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => half(bits));
  return halves;
}

const VIEWS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float16: Uint16Array,
} as const;

export type Raw = InstanceType<(typeof VIEWS)[keyof typeof VIEWS]>;

function rawValues(buffer: ArrayBuffer, entry: ArrayEntry): Raw {
  const View = VIEWS[entry.dtype];
  const length = entry.shape.reduce((product, size) => product * size, 1);
  const bytes = length * View.BYTES_PER_ELEMENT;
  // Copied if not aligned, because typed arrays reject unaligned offsets.
  const aligned = entry.offset % View.BYTES_PER_ELEMENT === 0;
  return aligned
    ? new View(buffer, entry.offset, length)
    : new View(buffer.slice(entry.offset, entry.offset + bytes));
}

/** The arrays of one file, decoded on first use. */
export class Arrays {
  private readonly decoded = new Map<string, Float32Array>();

  constructor(
    private readonly buffer: ArrayBuffer,
    private readonly entries: ArrayEntry[],
  ) {}

  has(name: string): boolean {
    return this.entries.some((entry) => entry.name === name);
  }

  shape(name: string): number[] {
    return this.entry(name).shape;
  }

  /** Values as stored, without scale and offset. */
  raw(name: string): Raw {
    return rawValues(this.buffer, this.entry(name));
  }

  /** Decoded values; NaN where they are missing. */
  values(name: string): Float32Array {
    let values = this.decoded.get(name);
    if (!values) {
      values = this.decode(this.entry(name));
      this.decoded.set(name, values);
    }
    return values;
  }

  private entry(name: string): ArrayEntry {
    const found = this.entries.find((entry) => entry.name === name);
    if (!found) throw new Error(`The data of this page do not contain the array ${name}. Rebuild the atlas.`);
    return found;
  }

  private decode(entry: ArrayEntry): Float32Array {
    const raw = rawValues(this.buffer, entry);
    const values = new Float32Array(raw.length);
    const { scale = 1, zero = 0, missing = null } = entry;
    const table = entry.dtype === "float16" ? halfTable() : null;
    for (let i = 0; i < raw.length; i++) {
      const number = table ? table[raw[i]] : raw[i];
      values[i] = raw[i] === missing ? NaN : number * scale + zero;
    }
    return values;
  }
}

const opened = new Map<string, Promise<Arrays>>();

export function open(packed: Packed): Promise<Arrays> {
  let promise = opened.get(packed.file);
  if (!promise) {
    promise = load(packed.file).then((buffer) => new Arrays(buffer, packed.arrays));
    promise.catch(() => opened.delete(packed.file));
    opened.set(packed.file, promise);
  }
  return promise;
}
