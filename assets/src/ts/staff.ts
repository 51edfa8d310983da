// Staff pages: htmx for partial updates, and the islands.

import htmx from "htmx.org";
import { $, announceContent, from, useSwapper } from "./dom";
import { flushDrafts, startDrafts } from "./draft";
import { startDrop } from "./drop";
import { startDuty } from "./duty";
import { startIntake } from "./intake";
import { startKeys } from "./keys";
import { startLive } from "./live";
import { startMisc } from "./misc";
import { startPhotos } from "./photo";
import { startPicture } from "./picture";
import { resume, startSending } from "./send";
import { startSuggest } from "./suggest";

document.documentElement.classList.add("js");

// Back and forward load the page: fragments and history never mix.
htmx.config.history = "reload";
htmx.config.defaultTimeout = 30_000;

useSwapper(async (target, html, mode, source) => {
  await htmx.swap({
    text: html,
    target,
    sourceElement: source.isConnected ? source : document.body,
    swap: mode === "inner" ? "innerHTML" : "outerMorph",
  });
});

document.addEventListener("htmx:after:process", (event) => {
  if (event.target instanceof Element) announceContent(event.target);
});

/** What a swap fills, where it is the one that is asked for. */
function swapped(event: Event, selector: string): HTMLElement | null {
  const target = (event as CustomEvent<{ ctx?: { target?: unknown } }>).detail?.ctx?.target;
  return target instanceof HTMLElement && target.matches(selector) ? target : null;
}

// On a phone a row is a plain link: the case is a page of its own, and Back returns to the list.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-list] a[data-item]") : null;
    if (link && matchMedia("(max-width: 800px)").matches) event.stopPropagation();
  },
  true,
);

/** The form of an action comes into sight, where it is not, with its first field in use. */
function lead(form: HTMLFormElement): void {
  const pane = form.closest(".detail");
  const above = pane && pane.clientHeight < pane.scrollHeight ? pane.getBoundingClientRect().top : 0;
  const room = (above ? pane!.clientHeight : window.innerHeight) - 80;
  const top = form.getBoundingClientRect().top - above;
  // What it is about stays above it as long as the first fields are in sight.
  if (top < 0 || top + Math.min(form.offsetHeight, 240) > room) form.scrollIntoView({ block: form.offsetHeight < room ? "nearest" : "start" });
  $("textarea, select, input:not([type='hidden']):not([type='file'])", form)?.focus({ preventScroll: true });
}

// The form of an action that stands open already is gone on with: fetched anew, it would take with it what was typed.
document.addEventListener(
  "click",
  (event) => {
    const link = from<HTMLAnchorElement>(event, "a[hx-target='#act']");
    const form = link && $<HTMLFormElement>("#act form.act");
    if (!form || form.action !== link.href) return;
    event.preventDefault();
    event.stopPropagation();
    lead(form);
  },
  true,
);
document.addEventListener("htmx:after:swap", (event) => {
  const target = swapped(event, "#act");
  const form = target && $<HTMLFormElement>("form.act", target);
  if (form) lead(form);
});
document.addEventListener("htmx:before:swap", flushDrafts);

// What was chosen from a list of choices stays chosen when the answer to an earlier keystroke comes late.
const picked = new WeakMap<HTMLElement, { value: string; line: Element | null }>();
const choices = (event: Event): HTMLElement | null => swapped(event, ".checks");
document.addEventListener("htmx:before:swap", (event) => {
  const target = choices(event);
  const chosen = target && $<HTMLInputElement>("input[type='radio']:checked", target);
  if (target && chosen) picked.set(target, { value: chosen.value, line: chosen.closest("label") });
});
document.addEventListener("htmx:after:swap", (event) => {
  const target = choices(event);
  const kept = target && picked.get(target);
  if (!target || !kept) return;
  picked.delete(target);
  const find = (): HTMLInputElement | null => $(`input[type="radio"][value="${CSS.escape(kept.value)}"]`, target);
  // A list that was asked for before the choice does not know of it.
  if (!find() && kept.line) target.prepend(kept.line);
  const same = find();
  if (same) same.checked = true;
});

document.addEventListener("htmx:after:swap", () => {
  const detail = $("#detail");
  const desk = detail?.closest(".desk");
  if (detail && desk) desk.classList.toggle("has-detail", $("[data-for]", detail) !== null);
});

document.addEventListener("htmx:after:swap", (event) => {
  const target = swapped(event, "#detail");
  if (target) target.scrollTop = 0;
});

// Now, not in a later turn as htmx would: a key pressed meanwhile would follow a link instead of filling its target.
htmx.process(document.body);

startPhotos();
startSending();
startDrafts((form, draft) => void resume(form, draft));
startSuggest();
startMisc();
startDrop();
startKeys();
startIntake();
startLive();
startDuty();
startPicture();
