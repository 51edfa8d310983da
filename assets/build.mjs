// Bundles src/ into a folder that the server embeds:
//   node build.mjs --out DIR [--dev]
// Writes app-HASH.css, staff-HASH.js … with .gz and .br beside each, and manifest.json {"app.css": "app-HASH.css", …}.
// --dev: readable output, source maps inline, no compression.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(fileURLToPath(import.meta.url));

// Desks run Chromium 86 or newer; residents open public pages in whatever their phone has.
const STAFF = ["chrome86", "safari14.1"];
const PUBLIC = ["es2019"];
const CSS = ["chrome86", "safari14.1"];

function fail(message) {
  process.stderr.write(`assets: ${message}\n`);
  process.exit(1);
}

function options(argv) {
  const at = argv.indexOf("--out");
  const out = at >= 0 ? argv[at + 1] : undefined;
  if (!out) fail("say where to write: node assets/build.mjs --out DIR");
  return { out: resolve(out), dev: argv.includes("--dev") };
}

async function loadEsbuild() {
  if (!existsSync(join(root, "node_modules", "esbuild"))) {
    fail("node_modules is missing; run `npm ci` in the folder assets, then build again");
  }
  return import("esbuild");
}

/** One <symbol> for each file in src/icons; its id is "i-" and the file's name. */
export function sprite(folder = join(root, "src", "icons")) {
  const symbols = readdirSync(folder)
    .filter((name) => name.endsWith(".svg"))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      const found = /<svg[^>]*viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/.exec(text);
      if (!found) fail(`src/icons/${name} is not an <svg viewBox=…> file`);
      return `<symbol id="i-${name.slice(0, -4)}" viewBox="${found[1]}">${found[2].trim()}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

async function bundle(esbuild, entry, target, dev) {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    target,
    format: entry.endsWith(".ts") ? "iife" : undefined,
    legalComments: "none",
    charset: "utf8",
    logLevel: "silent",
    outdir: join(root, "out"),
  });
  for (const warning of result.warnings) process.stderr.write(`assets: ${warning.text}\n`);
  return Buffer.from(result.outputFiles[0].contents);
}

function write(out, manifest, logical, bytes, dev) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const dot = logical.lastIndexOf(".");
  const name = `${logical.slice(0, dot)}-${hash}${logical.slice(dot)}`;
  manifest[logical] = name;
  writeFileSync(join(out, name), bytes);
  if (dev) return;
  writeFileSync(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  writeFileSync(
    join(out, `${name}.br`),
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  );
}

/** Only what an earlier run of this script wrote is removed: the folder may be anyone's. */
function clean(out) {
  const old = join(out, "manifest.json");
  if (!existsSync(old)) return;
  for (const name of Object.values(JSON.parse(readFileSync(old, "utf8")))) {
    for (const end of ["", ".gz", ".br"]) rmSync(join(out, `${name}${end}`), { force: true });
  }
}

export async function build({ out, dev = false }) {
  const esbuild = await loadEsbuild();
  mkdirSync(out, { recursive: true });
  clean(out);
  const manifest = {};
  write(out, manifest, "app.css", await bundle(esbuild, "src/css/app.css", CSS, dev), dev);
  write(out, manifest, "public.css", await bundle(esbuild, "src/css/public.css", CSS, dev), dev);
  write(out, manifest, "staff.js", await bundle(esbuild, "src/ts/staff.ts", STAFF, dev), dev);
  write(out, manifest, "public.js", await bundle(esbuild, "src/ts/public.ts", PUBLIC, dev), dev);
  write(out, manifest, "icons.svg", Buffer.from(sprite()), dev);
  write(out, manifest, "favicon.svg", readFileSync(join(root, "src", "favicon.svg")), dev);
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  build(options(process.argv.slice(2))).catch((error) => fail(error.message));
}
