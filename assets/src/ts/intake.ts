// The intake layer: opens above the page one is on, so that the case below stays where it was. Each call is a draft
// with its own tab and minutes; text is kept on this device (draft.ts) and at the server, and survives a reload.

import { $, $$, account, csrf, debounce, el, from, kept, swap, toast, uuid7, word } from "./dom";

interface Open {
  id: string;
  /** When the call began, ms. */
  started: number;
  /** Something was written: one that stayed blank is not opened again on the next page. */
  typed?: boolean;
}
interface State {
  open: boolean;
  current: string;
  drafts: Open[];
}

const key = (): string => `gz:intake:${account()}`;
const layer = (): HTMLElement | null => $("#intake");
const panelOf = (id: string): HTMLElement | null => $(`[data-panel="${CSS.escape(id)}"]`);

function load(): State {
  try {
    const state = JSON.parse(kept.get(key()) ?? "") as State;
    if (Array.isArray(state.drafts)) return { ...state, drafts: state.drafts.filter((draft) => draft.typed) };
  } catch {
    // no state yet, or one that cannot be read: the server still has its drafts
  }
  return { open: false, current: "", drafts: [] };
}

let state: State = { open: false, current: "", drafts: [] };
const save = (): void => void kept.set(key(), JSON.stringify(state));

function title(draft: Open, index: number): string {
  const notes = $<HTMLTextAreaElement>("textarea", panelOf(draft.id) ?? document.createElement("div"));
  const text = notes?.value.trim().slice(0, 8);
  return text || word("draft", { n: index + 1 });
}

function tabs(): void {
  const bar = $(".intake-tabs", layer() ?? document);
  if (!bar) return;
  const now = Date.now();
  const focused = document.activeElement?.closest(".intake-tabs") ? state.current : "";
  bar.replaceChildren(
    ...state.drafts.map((draft, index) => {
      const minutes = Math.max(0, Math.floor((now - draft.started) / 60_000));
      const tab = el(
        "button",
        { type: "button", role: "tab", "aria-selected": String(draft.id === state.current), "data-tab": draft.id },
        title(draft, index),
        el("span", { class: minutes >= 10 ? "min long" : "min" }, word("minutes", { n: minutes })),
      );
      tab.tabIndex = draft.id === state.current ? 0 : -1;
      return tab;
    }),
  );
  if (focused) $(`[data-tab="${CSS.escape(focused)}"]`, bar)?.focus();
}

async function fetchPanel(draft: Open): Promise<void> {
  const root = layer();
  const body = $(".intake-body", root ?? document);
  if (!root || !body || panelOf(draft.id)) return;
  const panel = el("div", { "data-panel": draft.id, role: "tabpanel", "aria-busy": "true" });
  body.append(panel);
  try {
    const source = root.dataset["panelSrc"] ?? "/intake/panel";
    const url = `${source}?draft=${draft.id}&started=${draft.started}`;
    const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    await swap(panel, await response.text(), "inner", panel);
  } catch {
    const again = el("button", { type: "button", class: "btn" }, word("retry"));
    again.addEventListener("click", () => {
      panel.remove();
      void show(draft.id);
    });
    panel.replaceChildren(el("div", { class: "empty" }, el("p", {}, word("panelFailed")), again));
  } finally {
    panel.removeAttribute("aria-busy");
  }
}

async function show(id: string): Promise<void> {
  const draft = state.drafts.find((d) => d.id === id);
  if (!draft) return;
  state.current = id;
  save();
  await fetchPanel(draft);
  for (const panel of $$("[data-panel]")) panel.hidden = panel.dataset["panel"] !== state.current;
  tabs();
}

function focusNotes(): void {
  const panel = panelOf(state.current);
  const field = panel && ($("[data-first]", panel) ?? $("textarea, input:not([type=hidden])", panel));
  field?.focus();
}

let opener: Element | null = null;

async function open(fresh: boolean, focus = true): Promise<void> {
  const root = layer();
  if (!root) return;
  if (root.hidden) opener = document.activeElement;
  root.hidden = false;
  state.open = true;
  if (fresh || !state.drafts.length) {
    const draft = { id: uuid7(), started: Date.now() };
    state.drafts.push(draft);
    state.current = draft.id;
  }
  if (!state.drafts.some((d) => d.id === state.current)) state.current = state.drafts[state.drafts.length - 1]!.id;
  await show(state.current);
  if (focus) focusNotes();
}

/** Hides the layer; the drafts stay. */
function close(): void {
  const root = layer();
  if (!root) return;
  root.hidden = true;
  state.open = false;
  for (const draft of [...state.drafts]) if (finished.has(draft.id)) forget(draft.id);
  save();
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
}

const finished = new Set<string>();

function forget(id: string): void {
  panelOf(id)?.remove();
  finished.delete(id);
  state.drafts = state.drafts.filter((d) => d.id !== id);
  if (state.current === id) state.current = state.drafts[state.drafts.length - 1]?.id ?? "";
  save();
}

/** A panel that shows its result (number to read aloud) stays to be read, but is a draft no more. */
function watchDone(root: HTMLElement): void {
  const done = debounce(0, () => {
    for (const mark of $$("[data-intake-done]", root)) {
      const id = mark.closest<HTMLElement>("[data-panel]")?.dataset["panel"];
      if (!id || finished.has(id)) continue;
      finished.add(id);
      const stored = { ...state, drafts: state.drafts.filter((d) => d.id !== id) };
      kept.set(key(), JSON.stringify(stored));
      if (mark.dataset["intakeDone"] !== "close") continue;
      forget(id);
      if (state.drafts.length) void show(state.current);
      else close();
    }
  });
  new MutationObserver(done).observe(root, { childList: true, subtree: true });
}

async function post(form: HTMLFormElement, id: string): Promise<void> {
  const root = layer();
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  // An older copy that arrives late must not replace a newer one.
  body.set("seq", String(Date.now()));
  let saved = false;
  try {
    const response = await fetch(`${root?.dataset["draftSrc"] ?? "/intake/drafts"}/${id}`, {
      method: "POST",
      body,
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
    });
    saved = response.ok;
  } catch {
    saved = false;
  }
  const state = $("[data-draft-state]", form);
  if (!state) return;
  const time = new Date().toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" });
  state.textContent = word(saved ? "savedAt" : "savedHere", { t: time });
}

async function mergeServerDrafts(): Promise<void> {
  try {
    const response = await fetch(layer()?.dataset["draftSrc"] ?? "/intake/drafts", {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!response.ok) return;
    const { drafts } = (await response.json()) as { drafts: Open[] };
    for (const draft of drafts) if (!state.drafts.some((d) => d.id === draft.id)) state.drafts.push({ ...draft, typed: true });
    state.drafts.sort((a, b) => a.started - b.started);
    save();
    tabs();
  } catch {
    // offline: what is on this device is enough for now
  }
}

function tabKeys(event: KeyboardEvent): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (!step || !from(event, ".intake-tabs")) return;
  event.preventDefault();
  const at = state.drafts.findIndex((d) => d.id === state.current);
  const next = state.drafts[(at + step + state.drafts.length) % state.drafts.length];
  if (next) void show(next.id).then(() => $(`[data-tab="${CSS.escape(next.id)}"]`)?.focus());
}

/** One press says that an answer is wrong; nothing of the form goes with it. */
async function fault(button: HTMLElement): Promise<void> {
  const body = new URLSearchParams({ csrf: csrf(), idem: uuid7(), seen: button.dataset["version"] ?? "" });
  button.setAttribute("aria-disabled", "true");
  try {
    const headers = { "HX-Request": "true" };
    const response = await fetch(button.dataset["fault"] ?? "", { method: "POST", body, headers, credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    button.textContent = word("faultSent");
  } catch {
    button.removeAttribute("aria-disabled");
    toast(word("faultFailed"), "warn");
  }
}

export function startIntake(): void {
  document.addEventListener("click", (event) => {
    const button = from(event, "[data-fault]");
    if (button && button.getAttribute("aria-disabled") !== "true") void fault(button);
  });
  const root = layer();
  if (!root) return;
  state = load();
  const autosave = new Map<string, (form: HTMLFormElement) => void>();
  document.addEventListener("click", (event) => {
    if ((event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey || (event as MouseEvent).shiftKey) return;
    const link = from(event, "[data-intake-open]");
    if (!link) return;
    event.preventDefault();
    // N while the layer is open: another call.
    void open(!root.hidden && root.contains(document.activeElement)).then(mergeServerDrafts);
  });
  root.addEventListener("click", (event) => {
    const tab = from(event, "[data-tab]");
    if (tab?.dataset["tab"]) void show(tab.dataset["tab"]).then(focusNotes);
    if (from(event, "[data-intake-new]")) void open(true);
    if (from(event, "[data-intake-close]")) close();
  });
  root.addEventListener("keydown", tabKeys);
  root.addEventListener("input", (event) => {
    const form = from<HTMLFormElement>(event, "form[data-intake-form]");
    const id = form?.closest<HTMLElement>("[data-panel]")?.dataset["panel"];
    if (!form || !id) return;
    const draft = state.drafts.find((d) => d.id === id);
    if (draft && !draft.typed) {
      draft.typed = true;
      save();
    }
    if (!autosave.has(id)) autosave.set(id, debounce(1500, (f) => void (finished.has(id) || post(f, id))));
    autosave.get(id)?.(form);
  });
  root.addEventListener("focusout", tabs);
  watchDone(root);
  setInterval(() => root.hidden || tabs(), 20_000);
  if (state.open && state.drafts.length) void open(false, false);
}
