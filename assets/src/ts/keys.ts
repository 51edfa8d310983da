// Work by keyboard alone. Elements carry data-key ("g", "alt+k", "enter", several parted by blanks); the list of
// keys (?) is built from the page itself. Nothing fires while a person types or composes Chinese, except
// combinations with Ctrl or Alt. Single keys can be switched off (WCAG 2.1.4), per account, on this device.

import { $, $$, account, el, isTyping, kept, onContent, visible, within, word } from "./dom";

const offKey = (): string => `gz:keys:${account()}`;
const singleKeysOff = (): boolean => document.body.dataset["keys"] === "off" || kept.get(offKey()) === "off";

function combination(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  // With Alt some layouts give another letter; the physical key says which one was meant.
  const letter = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
  parts.push(letter.toLowerCase());
  return parts.join("+");
}

const enabled = (target: Element): boolean =>
  visible(target) && !target.hasAttribute("disabled") && target.getAttribute("aria-disabled") !== "true";

function holder(combo: string, root: ParentNode = document): HTMLElement | null {
  return $$(`[data-key~="${CSS.escape(combo)}"]`, root).find(enabled) ?? null;
}

function press(target: HTMLElement): void {
  if (target.matches("input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select")) {
    target.focus();
    if (target instanceof HTMLInputElement) target.select();
    return;
  }
  if (target instanceof HTMLDetailsElement) {
    target.open = !target.open;
    $("summary", target)?.focus();
    return;
  }
  target.click();
}

// --- the list and what is chosen in it ---

const list = (): HTMLElement | null => $$("[data-list]").find(visible) ?? null;
const items = (inList: HTMLElement): HTMLElement[] => $$("[data-item]", inList).filter(visible);
const linkOf = (item: HTMLElement): HTMLElement | null => (item.matches("a") ? item : $("a[data-open], a", item));

function choose(inList: HTMLElement, item: HTMLElement): void {
  for (const other of $$("[data-item][aria-current]", inList)) if (other !== item) other.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
}

let following = 0;

function move(step: number): boolean {
  const inList = list();
  if (!inList) return false;
  const all = items(inList);
  const at = all.findIndex((item) => item.hasAttribute("aria-current"));
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  if (!next) return true;
  choose(inList, next);
  const link = linkOf(next);
  link?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  if (inList.dataset["list"] === "follow" && !narrow()) {
    clearTimeout(following);
    // Holding J down must not ask for every case on the way.
    following = window.setTimeout(() => link?.click(), 110);
  }
  return true;
}

const narrow = (): boolean => matchMedia("(max-width: 800px)").matches;

/** Enter: the default action of the case that is chosen AND shown; otherwise open the chosen one. */
function enter(event: KeyboardEvent): boolean {
  const active = document.activeElement;
  const free = !active || active === document.body || active.matches("main, [data-item], [data-item] a, [tabindex='-1']");
  if (!free) return false;
  const inList = list();
  const item = inList ? items(inList).find((i) => i.hasAttribute("aria-current")) : undefined;
  const shown = $("[data-for]");
  if (item && shown && inList?.dataset["list"] === "follow") {
    const loading = shown.closest(".htmx-request, [aria-busy='true']");
    if (shown.dataset["for"] !== item.dataset["item"] || loading) {
      if (!loading && linkOf(item) !== active) linkOf(item)?.click();
      // The link's own Enter would do the same; a stale default action must never fire.
      return linkOf(item) !== active || Boolean(loading);
    }
  } else if (item && linkOf(item)) {
    if (linkOf(item) === active) return false;
    linkOf(item)?.click();
    return true;
  }
  const target = event.repeat ? null : holder("enter");
  if (target) press(target);
  return Boolean(target) || Boolean(item);
}

// --- the list of keys ---

const shownKey = (key: string): string =>
  key
    .split("+")
    .map((part) => ({ enter: "↵", ctrl: "Ctrl", alt: "Alt", arrowup: "↑", arrowdown: "↓" })[part] ?? part.toUpperCase())
    .join(" ");

function labelOf(target: HTMLElement): string {
  const copy = target.cloneNode(true) as HTMLElement;
  for (const key of $$("kbd", copy)) key.remove();
  return (target.getAttribute("aria-label") ?? target.title) || (copy.textContent ?? "").trim();
}

function help(): void {
  const open = $(".keys-help");
  if (open) {
    open.remove();
    return;
  }
  const rows: HTMLElement[] = [];
  const row = (label: string, keys: string[]): void => {
    if (!label) return;
    const shown = keys.map((key) => el("kbd", {}, shownKey(key)));
    rows.push(el("li", {}, label, el("span", { class: "line" }, ...shown)));
  };
  if (list()) row(word("keyMove"), ["j", "k"]);
  for (const target of $$("[data-key]").filter(enabled)) row(labelOf(target), (target.dataset["key"] ?? "").split(" "));
  row(word("keySend"), ["ctrl+enter"]);
  row(word("keyClose"), ["Esc"]);
  row(word("keyHelp"), ["?"]);
  const close = el("button", { type: "button", class: "x", "aria-label": word("close") }, "×");
  const single = el("input", { type: "checkbox" });
  single.checked = !singleKeysOff();
  single.addEventListener("change", () => (single.checked ? kept.remove(offKey()) : kept.set(offKey(), "off")));
  const box = el(
    "aside",
    { class: "keys-help", "aria-label": word("keysTitle"), tabindex: "-1" },
    close,
    el("h2", {}, word("keysTitle")),
    el("ul", {}, ...rows),
    el("label", { class: "check" }, single, word("keysSingle")),
  );
  close.addEventListener("click", () => box.remove());
  document.body.append(box);
  box.focus();
}

/** Escape closes one thing: the topmost. */
function escape(event: KeyboardEvent): boolean {
  const top = $(".keys-help");
  if (top) {
    top.remove();
    return true;
  }
  const menu = $<HTMLDetailsElement>("details.menu[open]");
  if (menu) {
    menu.open = false;
    $("summary", menu)?.focus();
    return true;
  }
  const drawer = $<HTMLInputElement>(".nav-check:checked");
  if (drawer) {
    drawer.checked = false;
    return true;
  }
  const layer = $("#intake:not([hidden])");
  const active = document.activeElement;
  if (layer && (layer.contains(active) || !active || active === document.body)) {
    $("[data-intake-close]", layer)?.click();
    return true;
  }
  const close = $$("[data-esc]").find(enabled);
  if (close) {
    close.click();
    return true;
  }
  if (isTyping(event.target) && active instanceof HTMLElement) {
    active.blur();
    return true;
  }
  return false;
}

function submitFrom(target: EventTarget | null): boolean {
  const form = target instanceof Element ? target.closest("form") : null;
  if (!form) return false;
  const own = holder("ctrl+enter", form);
  if (own) own.click();
  else form.requestSubmit();
  return true;
}

function handle(event: KeyboardEvent): boolean {
  const combo = combination(event);
  const typing = isTyping(event.target);
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key === "Escape") return escape(event);
  if (combo === "ctrl+enter" && submitFrom(event.target)) return true;
  if (typing && !modified) return false;
  if (!modified && singleKeysOff() && event.key.length === 1) return false;
  if (combo === "j") return move(1);
  if (combo === "k") return move(-1);
  const inList = document.activeElement === document.body || list()?.contains(document.activeElement);
  if (combo === "arrowdown" && inList) return move(1);
  if (combo === "arrowup" && inList) return move(-1);
  if (combo === "?") {
    help();
    return true;
  }
  if (combo === "enter") return enter(event);
  if (event.repeat) return false;
  const layer = $("#intake:not([hidden])");
  const inLayer = layer?.contains(document.activeElement) ? holder(combo, layer) : null;
  const target = inLayer ?? holder(combo);
  // Keys of the layer belong to who is in it.
  if (!target || (!inLayer && layer?.contains(target) && modified)) return false;
  press(target);
  return true;
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    // 229: some input methods report composing keys without the flag
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (handle(event)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-item]") : null;
    const inList = item?.closest<HTMLElement>("[data-list]");
    if (item && inList && !(event.target as Element).closest("input, button, label")) choose(inList, item);
  });
  onContent((root) => {
    for (const target of within("[data-key]", root)) {
      const keys = (target.dataset["key"] ?? "").split(" ").map((key) => key.split("+").map((p) => (p === "ctrl" ? "Control" : p === "alt" ? "Alt" : p === "enter" ? "Enter" : p)).join("+"));
      target.setAttribute("aria-keyshortcuts", keys.join(" "));
    }
  });
}
