// Builds the page into the Python package. The banner of app.js names the hash of all sources, so
// that a build that is older than they are is seen without node.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const OUT = "../src/cortexlens/atlas/page";
const sources = ["package-lock.json", "build.mjs", ...readdirSync("src").sort().map((name) => `src/${name}`)];
const hash = createHash("sha256");
for (const name of sources) hash.update(name).update("\0").update(readFileSync(name)).update("\0");
const banner = `/* cortexlens page, sources ${hash.digest("hex")}; licences in LICENCES.txt */`;

mkdirSync(OUT, { recursive: true });
await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  minify: true,
  charset: "ascii",
  format: "iife",
  target: "es2022",
  legalComments: "none",
  banner: { js: banner },
  outfile: `${OUT}/app.js`,
});
await build({ entryPoints: ["src/app.css"], minify: true, outfile: `${OUT}/app.css` });
copyFileSync("src/index.html", `${OUT}/index.html`);
const { version } = JSON.parse(readFileSync("node_modules/three/package.json", "utf-8"));
const licence = readFileSync("node_modules/three/LICENSE", "utf-8");
writeFileSync(`${OUT}/LICENCES.txt`, `app.js holds three.js ${version} (https://threejs.org):\n\n${licence}`);
