// Thumbnails, cut out of the one file that holds them all.
import { load } from "./data";
import { make } from "./dom";
import type { Manifest, Picture } from "./manifest";

const urls = new Map<number, Promise<string>>();

async function cut(manifest: Manifest, index: number): Promise<string> {
  const { file, items } = manifest.pictures!;
  const { offset, length, mime } = items[index];
  const bytes = (await load(file)).slice(offset, offset + length);
  return URL.createObjectURL(new Blob([bytes], { type: mime }));
}

/** Indices of the example images that a subject's receptive fields are drawn on. */
export function examplesOf(manifest: Manifest, subject: string): number[] {
  const items: Picture[] = manifest.pictures?.items ?? [];
  const own = items.flatMap((item, i) => (item.subject === subject && item.example !== false ? [i] : []));
  return own.length ? own : items.flatMap((item, i) => (item.example !== false ? [i] : []));
}

/** The image at an index, as an element. */
export function picture(manifest: Manifest, index: number): HTMLImageElement {
  const { image_id, width, height } = manifest.pictures!.items[index];
  const image = make("img", { alt: `image ${image_id}`, title: image_id, width, height });
  let url = urls.get(index);
  if (!url) {
    url = cut(manifest, index);
    urls.set(index, url);
  }
  url.then((found) => (image.src = found)).catch(() => image.replaceWith("image missing"));
  return image;
}
