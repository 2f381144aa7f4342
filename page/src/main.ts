// Entry point: reads the manifest and starts the app; failures are shown in the page.
import { App } from "./app";
import { bind } from "./controls";
import { loadManifest } from "./data";
import { find } from "./dom";

function fail(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  find("problem").hidden = false;
  find("problem-text").textContent = text;
  document.body.dataset.state = "failed";
}

async function start(): Promise<void> {
  try {
    const manifest = await loadManifest();
    const app = new App(manifest, fail);
    bind(app);
    await app.start();
  } catch (error) {
    fail(error);
  }
}

void start();
