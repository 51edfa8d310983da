// Desks run Chromium 86: what is built, and every template, uses nothing that came later. What came when is not kept
// here but asked of MDN's data of browsers, so that a thing nobody thought of is found as well.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as acorn from "acorn";
import { ancestor } from "acorn-walk";
import { build } from "../build.mjs";

const data = createRequire(import.meta.url)("@mdn/browser-compat-data");

const DESK = 86;

/**
 * Younger names that do no harm where they are not known, each with the reason. Whoever adds one has tried what happens
 * without it.
 */
const HARMLESS = {
  // htmx asks whether they are there before it uses them.
  ".moveBefore": "htmx puts the element in its place by insertBefore",
  ".navigation": "htmx listens for popstate",
  navigation: "htmx listens for popstate",
  ".parseHTMLUnsafe": "htmx reads markup by DOMParser",
  ".startViewTransition": "htmx swaps without a transition, and ours are off",
  // Declarations that are left out where they are not known.
  "1dvh": "100vh stands before it",
  "accent-color:": "a check mark has the browser's own colour",
  "text-decoration-thickness:": "a line is as thick as the browser draws it",
  "text-underline-offset:": "a line stands where the browser draws it",
};

const out = mkdtempSync(join(tmpdir(), "gezhi-old-"));
after(() => rmSync(out, { recursive: true, force: true }));
const manifest = await build({ out });
const text = (logical) => readFileSync(join(out, manifest[logical]), "utf8");

/** Whether the browsers of desks know something, without a prefix and without a flag; a partial support counts. */
function knows(compat) {
  const stated = compat?.support?.chrome;
  const all = Array.isArray(stated) ? stated : stated ? [stated] : [];
  return all.some((s) => {
    if (s.prefix || s.flags || s.alternative_name) return false;
    const [from, until] = [s.version_added, s.version_removed].map((v) => (typeof v === "string" ? Number.parseFloat(v.replace("≤", "")) : v));
    return from !== false && from !== "preview" && !(from > DESK) && !(until <= DESK);
  });
}

const young = (entry) => Boolean(entry?.__compat) && !knows(entry.__compat);

/** The names that nothing of that name excuses: each is young wherever it is found. */
function youngNames(groups) {
  const known = new Map();
  for (const group of groups) {
    for (const [name, entry] of Object.entries(group ?? {})) {
      const bare = name.replace(/_static$/, "");
      if (name !== "__compat" && entry.__compat) known.set(bare, known.get(bare) || !young(entry));
    }
  }
  return new Set([...known].filter(([, old]) => !old).map(([name]) => name));
}

const { api } = data;
const { builtins } = data.javascript;
/** Whose a method is cannot be told from a script: it is young where it is young for all that have one. */
const methods = youngNames([...Object.values(api), ...Object.values(builtins)]);
/** What is read of a page or an element; of other things too many names are a script's own. */
const fields = youngNames([api.HTMLElement, api.Element, api.Document, api.Node, api.Window, api.Navigator, api.Event]);
const globals = youngNames([api, builtins, api._globals, api.Window]);

/** Every young thing in a script, by name. */
export function youngScript(source) {
  const found = new Set();
  const tree = acorn.parse(source, { ecmaVersion: 2022, sourceType: "script" });
  // What is asked for before it is used may be young.
  const asked = new Set();
  ancestor(tree, {
    BinaryExpression(node) {
      if (node.operator === "in" && node.left.type === "Literal") asked.add(node.left.value);
      if (node.operator === "in" && node.left.type === "PrivateIdentifier") found.add("#x in y");
    },
    StaticBlock: () => found.add("static {}"),
    MemberExpression(node, _, parents) {
      if (node.computed || node.property.type !== "Identifier") return;
      const name = node.property.name;
      const owner = node.object.type === "Identifier" ? api[node.object.name] ?? builtins[node.object.name] : undefined;
      const own = owner?.[name] ?? owner?.[`${name}_static`];
      const parent = parents.at(-2);
      const called = parent?.type === "CallExpression" && parent.callee === node;
      if (own ? young(own) : (called ? methods : fields).has(name)) found.add(`.${name}`);
    },
    Identifier(node, _, parents) {
      const parent = parents.at(-2);
      if (parent?.type === "MemberExpression" && parent.property === node) return;
      if (parent?.type === "Property" && parent.key === node) return;
      if (globals.has(node.name)) found.add(node.name);
    },
    Literal(node) {
      if (node.regex && /[dv]/.test(node.regex.flags)) found.add(`/…/${node.regex.flags}`);
    },
  });
  return [...found].filter((name) => !asked.has(name.replace(/^\./, ""))).sort();
}

/** Every young thing in a style sheet. A declaration that has an older one of its property before it is a fallback. */
export function youngStyle(css) {
  const found = new Set();
  const { properties, selectors, "at-rules": rules, types } = data.css;
  const bare = css.replace(/\/\*[^]*?\*\//g, "").replace(/"[^"]*"|'[^']*'/g, '""');
  for (const [, rule] of bare.matchAll(/@([a-z-]+)/g)) if (young(rules[rule])) found.add(`@${rule}`);
  for (const [, feature] of bare.matchAll(/[(\s]([a-z-]+)\s*(?=[:)><=])/g)) {
    const media = rules.media[feature];
    if (young(media) && bare.includes(`(${feature}:`)) found.add(`@media (${feature})`);
  }
  for (const [, head] of bare.matchAll(/([^{}]+)\{/g)) {
    if (head.trim().startsWith("@")) continue;
    if (head.includes("&")) found.add("&");
    for (const [, name] of head.matchAll(/:{1,2}(-?[a-z-]+)/g)) if (young(selectors[name])) found.add(`:${name}`);
  }
  for (const [, body] of bare.matchAll(/\{([^{}]*)\}/g)) {
    for (const declaration of body.split(";")) {
      const at = declaration.indexOf(":");
      if (at < 0) continue;
      const [name, value] = [declaration.slice(0, at).trim(), declaration.slice(at + 1).trim()];
      if (name.startsWith("--")) continue;
      const property = properties[name];
      if (young(property)) found.add(`${name}:`);
      for (const [word] of value.matchAll(/[a-z][a-z-]*/g)) {
        const entry = property?.[word] ?? property?.[word.replaceAll("-", "_")];
        if (young(entry)) found.add(`${name}: ${word}`);
      }
      for (const [, call] of value.matchAll(/([a-z][a-z-]*)\(/g)) {
        const entry = types[call] ?? types.color?.[call] ?? types.image?.[call] ?? types.gradient?.[call];
        if (young(entry)) found.add(`${call}()`);
      }
      // Sizes of a window that shrinks (MDN keeps them in groups) and of containers.
      for (const [, unit] of value.matchAll(/\d([a-z]+)\b/g)) if (/^[dsl]v(h|w|i|b|min|max)$|^cq|^r(lh|cap|ic|ch|ex)$/.test(unit)) found.add(`1${unit}`);
    }
  }
  return [...found].sort();
}

/** Every young element, attribute and kind of input in markup. */
export function youngMarkup(html) {
  const found = new Set();
  const { elements, global_attributes: everywhere } = data.html;
  const bare = html.replace(/\{#[^]*?#\}/g, "").replace(/\{%[^]*?%\}/g, " ").replace(/\{\{[^]*?\}\}/g, "x");
  for (const [, tag, attributes] of bare.matchAll(/<([a-z][a-z0-9]*)((?:\s+[^<>]*?)?)\/?>/g)) {
    const element = elements[tag];
    if (young(element)) found.add(`<${tag}>`);
    for (const [, name, , value] of attributes.matchAll(/([a-z][a-z-]*)(=(?:"([^"]*)"|[^\s>]*))?/g)) {
      const entry = element?.[name] ?? everywhere[name];
      if (young(entry)) found.add(`<${tag} ${name}>`);
      const kind = tag === "input" && name === "type" ? element[`type_${value}`] : undefined;
      if (young(kind)) found.add(`<input type=${value}>`);
    }
  }
  return [...found].sort();
}

function templates(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return templates(path);
    return entry.name.endsWith(".html") ? [path] : [];
  });
}

const unexcused = (found) => found.filter((name) => !(name in HARMLESS));

test("the scan knows what is young, in scripts, styles and markup", () => {
  const script = "structuredClone(a); b.findLast(f); c.at(-1); Object.hasOwn(d, 'e'); crypto.randomUUID(); g.replaceAll('h', 'i')";
  assert.deepEqual(youngScript(script), [".at", ".findLast", ".hasOwn", ".randomUUID", "structuredClone"]);
  assert.deepEqual(youngScript("class A { static { b() } }; fetch('/c').then((d) => d.json())"), ["static {}"]);
  assert.deepEqual(youngScript("if ('randomUUID' in crypto) crypto.randomUUID()"), []);
  assert.throws(() => youngScript("using a = b()"));
  const css = "a:has(b){aspect-ratio:1;color:color-mix(in srgb,red,blue)}@container (width>1px){c{inset:0;height:100dvh;text-wrap:balance}}@layer d;e{&:hover{gap:1px}}";
  for (const name of [":has", "aspect-ratio:", "color-mix()", "@container", "@layer", "inset:", "1dvh", "text-wrap:"]) {
    assert.ok(youngStyle(css).includes(name), `${name} in ${youngStyle(css)}`);
  }
  assert.deepEqual(youngStyle("a{display:grid;gap:1px;position:sticky;color:rgba(0,0,0,.5)}@media (min-width:1px){b::before{content:':has('}}"), []);
  assert.deepEqual(youngMarkup('<div inert><input type="search" popovertarget="x"><search></search></div>'), ["<div inert>", "<input popovertarget>", "<search>"]);
});

test("the built scripts use nothing that Chromium 86 does not know", () => {
  for (const name of ["staff.js", "public.js"]) assert.deepEqual(unexcused(youngScript(text(name))), [], name);
});

test("the built styles use nothing that Chromium 86 does not know", () => {
  for (const name of ["app.css", "public.css"]) assert.deepEqual(unexcused(youngStyle(text(name))), [], name);
});

test("the templates use nothing that Chromium 86 does not know", () => {
  const folder = fileURLToPath(new URL("../../crates/app/src/", import.meta.url));
  const all = templates(folder);
  assert.ok(all.length > 100, `${all.length} templates`);
  for (const path of all) assert.deepEqual(unexcused(youngMarkup(readFileSync(path, "utf8"))), [], relative(folder, path));
});
