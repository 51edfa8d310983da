// Live updates. One connection for all tabs of the browser (Web Locks choose the tab that holds it, the others
// listen); where that does not exist, each visible tab asks every 15 s. Messages carry keys and versions only;
// the fragment itself is fetched under the viewer's own rights. The focus is never taken.

import { $, $$, account, el, onContent, swap, toast, visible, word } from "./dom";

type Versions = Record<string, number>;

const POLL = 15_000;
const AGAIN = 60_000;

const known: Versions = {};
let over = false;
let channel: BroadcastChannel | null = null;

/** The session has ended: say so once, and keep what is on the page. */
function ended(): void {
  if (over) return;
  over = true;
  toast(word("signedOut"), "bad", word("signInUrl") || undefined);
}

/** In the middle of something: a field in use, text chosen, a list scrolled, or a mouse over its rows. */
function busy(target: HTMLElement): boolean {
  const active = document.activeElement;
  if (active && active !== document.body && target.contains(active)) return true;
  const selection = getSelection();
  if (selection && !selection.isCollapsed && selection.anchorNode && target.contains(selection.anchorNode)) return true;
  if ($("details[open]:not(.menu), form[data-pending], .confirm", target)) return true;
  const scroller = target.closest<HTMLElement>(".scroll") ?? $(".scroll", target);
  if (scroller && scroller.scrollTop > 24) return true;
  return target.dataset["liveMode"] !== "swap" && target.matches(":hover");
}

async function refresh(target: HTMLElement): Promise<void> {
  const source = target.dataset["liveSrc"];
  if (!source) return;
  target.dataset["liveLoading"] = "1";
  try {
    const response = await fetch(source, { headers: { "HX-Request": "true", "X-Live": "1" }, credentials: "same-origin" });
    if (response.status === 401) ended();
    if (!response.ok || response.status === 204) return;
    const chosen = $("[data-item][aria-current]", target)?.dataset["item"];
    const html = await response.text();
    const id = target.id;
    await swap(target, html, "outer", target);
    const fresh = id ? document.getElementById(id) : null;
    // What is shown beside the list stays chosen, and nothing else is.
    if (chosen && fresh) {
      for (const item of $$("[data-item]", fresh)) {
        if (item.dataset["item"] === chosen) item.setAttribute("aria-current", "true");
        else item.removeAttribute("aria-current");
      }
    }
  } catch {
    // the next message or poll asks again
  } finally {
    delete target.dataset["liveLoading"];
  }
}

function offer(target: HTMLElement): void {
  if ($(":scope > .live-bar", target)) return;
  const bar = el("button", { type: "button", class: "live-bar" }, target.dataset["liveText"] ?? word("updates"));
  bar.addEventListener("click", () => {
    bar.remove();
    const scroller = target.closest<HTMLElement>(".scroll") ?? $(".scroll", target);
    if (scroller) scroller.scrollTop = 0;
    void refresh(target);
  });
  target.prepend(bar);
}

const stale = (target: HTMLElement): boolean => {
  const keys = (target.dataset["live"] ?? "").split(" ");
  const have = (target.dataset["liveV"] ?? "").split(" ");
  return keys.some((key, i) => known[key] !== undefined && known[key]! > Number(have[i] || "0"));
};

let timer = 0;

function update(): void {
  clearTimeout(timer);
  // Many screens hear the same message at once: spread their questions over half a second.
  timer = window.setTimeout(() => {
    for (const target of $$("[data-live][data-live-src]")) {
      if (!stale(target) || target.dataset["liveLoading"] || !visible(target)) continue;
      if (target.dataset["liveMode"] === "bar" || busy(target)) offer(target);
      else void refresh(target);
    }
  }, 100 + Math.random() * 500);
}

function receive(versions: Versions): void {
  let moved = false;
  for (const [key, version] of Object.entries(versions)) {
    if (typeof version !== "number" || (known[key] ?? -1) >= version) continue;
    known[key] = version;
    moved = true;
  }
  if (moved) update();
}

async function poll(): Promise<void> {
  if (over || document.hidden) return;
  const keys = new Set($$("[data-live]").flatMap((target) => (target.dataset["live"] ?? "").split(" ")));
  if (!keys.size) return;
  try {
    const response = await fetch(`/live/poll?keys=${encodeURIComponent(Array.from(keys).join(","))}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (response.status === 401) ended();
    else if (response.ok) receive((await response.json()) as Versions);
  } catch {
    // offline: the next round asks again
  }
}

function share(message: Versions): void {
  receive(message);
  channel?.postMessage(message);
}

/** Holds the connection until the page goes away or the session ends. */
function listen(): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | null = null;
    const open = (): void => {
      source = new EventSource("/live");
      source.addEventListener("v", (event) => share(JSON.parse((event as MessageEvent<string>).data) as Versions));
      source.addEventListener("bye", () => {
        source?.close();
        channel?.postMessage({ bye: 1 });
        ended();
        resolve();
      });
      source.onerror = () => {
        if (source?.readyState !== EventSource.CLOSED) return;
        void poll();
        if (!over) setTimeout(open, AGAIN);
      };
    };
    open();
    window.addEventListener("pagehide", () => source?.close());
  });
}

interface Locks {
  request(name: string, run: () => Promise<void>): Promise<void>;
}

export function startLive(): void {
  if (!$("[data-live]") && document.body.dataset["live"] === undefined) return;
  onContent(() => update());
  const locks = (navigator as unknown as { locks?: Locks }).locks;
  // Web Locks need https; an office on plain http polls.
  if (locks && "BroadcastChannel" in window && "EventSource" in window) {
    const name = `gezhi-live:${account()}`;
    channel = new BroadcastChannel(name);
    channel.onmessage = (event: MessageEvent<Versions & { bye?: number; ask?: number }>) => {
      if (event.data.bye) ended();
      else if (event.data.ask) channel?.postMessage(known);
      else receive(event.data);
    };
    channel.postMessage({ ask: 1 });
    void locks.request(name, listen).catch(() => void setInterval(() => void poll(), POLL));
  } else {
    setInterval(() => void poll(), POLL);
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !over) void poll();
  });
}
