// What must hold for every build: old browsers, a strict content policy, and pages that stay light.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "../build.mjs";

const out = mkdtempSync(join(tmpdir(), "gezhi-assets-"));
after(() => rmSync(out, { recursive: true, force: true }));
const manifest = await build({ out });
const text = (logical) => readFileSync(join(out, manifest[logical]), "utf8");
const brotli = (logical) => statSync(join(out, `${manifest[logical]}.br`)).size;
const scripts = fileURLToPath(new URL("../src/ts/", import.meta.url));

test("the manifest names every file by its content, and each has its compressed copies", () => {
  assert.deepEqual(Object.keys(manifest), ["app.css", "public.css", "staff.js", "public.js", "icons.svg", "favicon.svg"]);
  for (const name of Object.values(manifest)) {
    assert.match(name, /^[a-z]+-[0-9a-f]{10}\.(css|js|svg)$/);
    for (const end of ["", ".gz", ".br"]) assert.ok(existsSync(join(out, name + end)), name + end);
  }
});

test("building twice gives the same names and leaves nothing behind", async () => {
  const before = readdirSync(out).sort();
  assert.deepEqual(await build({ out }), manifest);
  assert.deepEqual(readdirSync(out).sort(), before);
});

test("nothing is loaded from another host, and no font", () => {
  for (const sheet of ["app.css", "public.css"]) assert.doesNotMatch(text(sheet), /url\(|@font-face|@import/);
});

test("a public page's own files stay under 16 kB compressed, a staff page's under 45 kB", () => {
  const open = brotli("public.css") + brotli("public.js") + brotli("icons.svg");
  const staff = brotli("app.css") + brotli("staff.js") + brotli("icons.svg");
  assert.ok(open < 16_000, `public ${open}`);
  assert.ok(staff < 45_000, `staff ${staff}`);
});

test("scripts hold no words for people and no style attributes", () => {
  for (const name of readdirSync(scripts)) {
    const source = readFileSync(join(scripts, name), "utf8");
    assert.doesNotMatch(source, /\p{Script=Han}/u, name);
    assert.doesNotMatch(source, /style:\s*"|setAttribute\("style"/, name);
  }
});

test("every word a script asks for is listed in the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const name of readdirSync(scripts)) {
    const source = readFileSync(join(scripts, name), "utf8");
    for (const found of source.matchAll(/word\(([^)]*)\)/g)) {
      for (const [, key] of found[1].matchAll(/"([a-z][A-Za-z]*)"/g)) {
        const attribute = `data-${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
        assert.ok(readme.includes(`\`${attribute}\``), `${name} asks for ${attribute}`);
      }
    }
  }
});

test("without packages the build says in one line what to run", () => {
  const lone = mkdtempSync(join(tmpdir(), "gezhi-lone-"));
  const script = join(lone, "build.mjs");
  spawnSync("cp", [fileURLToPath(new URL("../build.mjs", import.meta.url)), script]);
  const run = spawnSync(process.execPath, [script, "--out", join(lone, "out")], { encoding: "utf8" });
  rmSync(lone, { recursive: true, force: true });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /^assets: node_modules is missing; run `npm ci`[^\n]*\n$/);
});
