// The colours of tokens.css, measured: text 4.5:1, edges of controls and marks of charts 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../src/css/tokens.css", import.meta.url), "utf8");

function tokens(selector) {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name, value]));
}

function luminance(hex) {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, "$&$&") : hex;
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(full.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

for (const [theme, selector] of [["light", ":root"], ["wall", '[data-theme="wall"]']]) {
  const t = tokens(selector);
  const pair = (front, back, least) => {
    const got = ratio(t[front], t[back]);
    assert.ok(got >= least, `${theme}: ${front} on ${back} is ${got.toFixed(2)}:1, needs ${least}:1`);
  };

  test(`${theme}: text can be read on every ground it stands on`, () => {
    for (const ground of ["bg", "panel", "sunk", "accent-bg"]) {
      for (const ink of ["ink", "mute", "accent", "red", "amber", "green"]) pair(ink, ground, 4.5);
    }
    for (const tone of ["red", "amber", "green"]) {
      pair(tone, `${tone}-bg`, 4.5);
      pair("ink", `${tone}-bg`, 4.5);
      pair("mute", `${tone}-bg`, 4.5);
    }
    pair("accent-ink", "accent", 4.5);
    pair("accent-ink", "accent-2", 4.5);
  });

  test(`${theme}: edges of fields and the focus ring can be seen`, () => {
    for (const ground of ["bg", "panel"]) {
      pair("edge", ground, 3);
      pair("accent", ground, 3);
    }
  });

  test(`${theme}: marks of charts stand out from their panel`, () => {
    for (const series of ["c1", "c2", "c3", "c4", "c5", "c6", "lamp-red"]) pair(series, "panel", 3);
  });
}
