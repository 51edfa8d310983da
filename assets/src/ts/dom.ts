// Small helpers that every island shares. No text for people stands in these files: words come from
// <div id="words" hidden data-…> in the page's language.

export const $ = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null =>
  root.querySelector<T>(selector);

export const $$ = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] =>
  Array.from(root.querySelectorAll<T>(selector));

/** Like $$, and the root itself: a piece of page that arrives may be the very form that is looked for. */
export const within = <T extends Element = HTMLElement>(selector: string, root: ParentNode): T[] => [
  ...(root instanceof Element && root.matches(selector) ? [root as unknown as T] : []),
  ...$$<T>(selector, root),
];

/** The element an event came from, or its nearest ancestor that matches. */
export function from<T extends Element = HTMLElement>(event: Event, selector: string): T | null {
  const target = event.target;
  return target instanceof Element ? target.closest<T>(selector) : null;
}

/** A word of the page's language; `{n}` and the like are filled from `args`. */
export function word(key: string, args: Record<string, string | number> = {}): string {
  const text = $("#words")?.dataset[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole));
}

/** Separates what is kept on a shared desk PC; "0" for a resident. */
export const account = (): string => document.body.dataset["account"] ?? "0";

export const csrf = (): string => $<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";

/** A new token (after signing in again in another tab) goes into every form on the page. */
export function setCsrf(token: string): void {
  const meta = $<HTMLMetaElement>('meta[name="csrf"]');
  if (meta) meta.content = token;
  for (const input of $$<HTMLInputElement>('input[name="csrf"]')) input.value = token;
}

/** UUID version 7: clients make idempotency keys, and crypto.randomUUID is absent on plain-http LANs. */
export function uuid7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = now;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const visible = (element: Element): boolean => element.getClientRects().length > 0;

/** Where letters typed are text, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !/^(button|submit|reset|checkbox|file|image)$/.test(target.type);
}

/** A message that goes away by itself; errors stay until closed. `link` is an address to open. */
export function toast(text: string, kind: "ok" | "warn" | "bad" = "ok", link?: string): void {
  if (!text) return;
  let box = $(".toasts");
  if (!box) {
    box = el("div", { class: "toasts", role: "status" });
    document.body.append(box);
  }
  const body = el("p", {}, text);
  if (link) body.append(" ", el("a", { href: link }, word("open")));
  const close = el("button", { type: "button", class: "x", "aria-label": word("close") }, "×");
  const notice = el("div", { class: `notice ${kind}` }, body, close);
  close.addEventListener("click", () => notice.remove());
  box.append(notice);
  if (kind === "ok") setTimeout(() => notice.remove(), 8000);
}

type ContentHook = (root: ParentNode) => void;
const hooks: ContentHook[] = [];

/** Runs `hook` on the whole page now and on every piece of page that arrives later. Must bear being run twice. */
export function onContent(hook: ContentHook): void {
  hooks.push(hook);
  hook(document);
}

export function announceContent(root: ParentNode): void {
  for (const hook of hooks) hook(root);
}

export type SwapMode = "inner" | "outer";
type Swapper = (target: HTMLElement, html: string, mode: SwapMode, source: HTMLElement) => Promise<void>;

/** Without htmx: the plain replacement that public pages need. */
let swapper: Swapper = async (target, html, mode) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  if (mode === "outer") {
    const first = template.content.firstElementChild;
    target.replaceWith(template.content);
    announceContent(first?.parentElement ?? document);
  } else {
    target.textContent = "";
    target.append(template.content);
    announceContent(target);
  }
};

export function useSwapper(next: Swapper): void {
  swapper = next;
}

export const swap: Swapper = (target, html, mode, source) => swapper(target, html, mode, source);

export function debounce<A extends unknown[]>(wait: number, run: (...args: A) => void): (...args: A) => void {
  let timer = 0;
  return (...args: A) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => run(...args), wait);
  };
}

/** localStorage may be full, forbidden or absent; what it cannot hold is still on the page. */
export const kept = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): boolean {
    try {
      localStorage.setItem(key, value);
      return true;
    } catch {
      return false;
    }
  },
  remove(key: string): void {
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing was kept, so nothing is to be removed
    }
  },
  keys(prefix: string): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },
};
