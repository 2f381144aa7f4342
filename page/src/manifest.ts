// Types of the manifest that cortexlens.atlas writes (the format is described in docs/architecture.md).

export const FORMAT = 1;

export type Kind = "fit" | "dictionary" | "clusters";

export interface ArrayEntry {
  name: string;
  dtype: "uint8" | "int8" | "uint16" | "int16" | "uint32" | "float16" | "float32";
  shape: number[];
  offset: number;
  scale?: number;
  zero?: number;
  /** Stored value that marks a missing value. */
  missing?: number | null;
}

export interface Packed {
  file: string;
  arrays: ArrayEntry[];
}

export interface SubjectEntry extends Packed {
  id: string;
  space: string | null;
  n_vertices: number;
  rois: string[];
}

export interface NetworkEntry {
  id: string;
  layers: string[];
  axis: string;
  derived: { base: string; finetune: string; step: number | null } | null;
}

export interface UnitEntry {
  layer: number;
  unit: number;
  frequency: number;
  vertices: number;
  top: number[];
}

export interface MapEntry extends Packed {
  subject: string;
  network: string;
  kind: Kind;
  readout: string;
  metric?: string;
  n_members?: number;
  /** Fits only: what the array "confidence" holds, "confidence" or "probability" of the strongest layer. */
  meaning?: string;
  /** Fits only: how images were made square, and whether positions refer to the image or to the square. */
  frame?: { fit: "squash" | "crop" | "pad"; of: "picture" | "window" };
  mean_r2?: number | null;
  units?: UnitEntry[];
  colours?: string[];
}

export type Cell = string | number | boolean | null;

export interface TableEntry {
  id: string;
  title: string;
  caption: string;
  columns: { name: string; label: string; numeric: boolean }[];
  rows: Cell[][];
  links: Record<string, number | null>;
}

export interface Picture {
  image_id: string;
  subject: string;
  offset: number;
  length: number;
  mime: string;
  width: number;
  height: number;
  /** Whether receptive fields are shown on this image; the others illustrate autoencoder units. */
  example?: boolean;
}

export interface Manifest {
  format: number;
  study: string;
  versions: Record<string, string>;
  content: string;
  subjects: SubjectEntry[];
  meshes: Record<string, Packed>;
  networks: NetworkEntry[];
  maps: MapEntry[];
  tables: TableEntry[];
  pictures: { file: string; items: Picture[] } | null;
}
