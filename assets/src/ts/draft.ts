// Keeps what is typed into <form data-draft="name"> on this device until the server has it.
// One record per account and form; passwords, files, hidden fields without data-keep and
// everything in [data-nokeep] are never written.

import { $, $$, account, el, kept, onContent, within, word } from "./dom";

const DAYS_KEPT = 7;
const PREFIX = "gz:d:";

export interface Draft {
  at: number;
  /** data-draft-base when it was typed: text typed over an older version of a record is not restored. */
  base: string;
  idem: string;
  /** Sent, but no answer came: the key must be used again. */
  pending: boolean;
  fields: [string, string][];
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export const draftKey = (form: HTMLFormElement): string | null =>
  form.dataset["draft"] ? `${PREFIX}${account()}:${form.dataset["draft"]}` : null;

export const idemInput = (form: HTMLFormElement): HTMLInputElement | null =>
  $<HTMLInputElement>('input[name="idem"]', form);

function controls(form: HTMLFormElement): Control[] {
  return (Array.from(form.elements) as Control[]).filter(
    (c) =>
      c.name &&
      (c.type !== "hidden" || c.dataset["keep"] !== undefined) &&
      !/^(password|file|submit|button|reset)$/.test(c.type) &&
      !c.closest("[data-nokeep]"),
  );
}

const checkable = (control: Control): control is HTMLInputElement =>
  control.type === "checkbox" || control.type === "radio";

function read(form: HTMLFormElement): [string, string][] {
  const fields: [string, string][] = [];
  for (const control of controls(form)) {
    if (checkable(control)) fields.push([control.name, (control.checked ? "1" : "0") + control.value]);
    else fields.push([control.name, control.value]);
  }
  return fields;
}

function fill(form: HTMLFormElement, fields: [string, string][]): boolean {
  const left = new Map<string, string[]>();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  let changed = false;
  for (const control of controls(form)) {
    if (checkable(control)) {
      const on = left.get(control.name)?.includes(`1${control.value}`) ?? control.checked;
      changed = changed || on !== control.checked;
      control.checked = on;
      continue;
    }
    const value = left.get(control.name)?.shift();
    if (value === undefined || value === control.value) continue;
    control.value = value;
    changed = true;
  }
  return changed;
}

export function loadDraft(form: HTMLFormElement): Draft | null {
  const key = draftKey(form);
  const text = key && kept.get(key);
  if (!text) return null;
  try {
    return JSON.parse(text) as Draft;
  } catch {
    return null;
  }
}

export function saveDraft(form: HTMLFormElement, pending = false): boolean {
  const key = draftKey(form);
  if (!key) return false;
  const draft: Draft = {
    at: Date.now(),
    base: form.dataset["draftBase"] ?? "",
    idem: idemInput(form)?.value ?? "",
    pending,
    fields: read(form),
  };
  return kept.set(key, JSON.stringify(draft));
}

/** Forms with text that is not kept yet, and the timer that will keep it. */
const unsaved = new Map<HTMLFormElement, number>();

/** The next save is the one that was asked for last, or none. */
function forget(form: HTMLFormElement): void {
  clearTimeout(unsaved.get(form));
  unsaved.delete(form);
}

export function clearDraft(form: HTMLFormElement): void {
  forget(form);
  const key = draftKey(form);
  if (key) kept.remove(key);
}

/** The text whose sending was finished in the background, wherever its form was. */
export function clearDraftOf(idem: string): void {
  for (const key of kept.keys(PREFIX)) {
    if (idem && (kept.get(key) ?? "").includes(`"idem":"${idem}"`)) kept.remove(key);
  }
}

function showRestored(form: HTMLFormElement): void {
  const state = $("[data-draft-state]", form);
  if (!state) return;
  const drop = el("button", { type: "button", class: "link" }, word("discard"));
  drop.addEventListener("click", () => {
    clearDraft(form);
    form.reset();
    state.textContent = "";
  });
  state.replaceChildren(word("restored"), " ", drop);
}

const restored = new WeakSet<HTMLFormElement>();

/** Called with forms whose earlier sending got no answer. */
type Resume = (form: HTMLFormElement, draft: Draft) => void;

function restore(form: HTMLFormElement, resume: Resume): void {
  if (restored.has(form)) return;
  restored.add(form);
  const draft = loadDraft(form);
  if (!draft) return;
  if (draft.base !== (form.dataset["draftBase"] ?? "")) return;
  const changed = fill(form, draft.fields);
  const idem = idemInput(form);
  if (draft.pending && idem && draft.idem) {
    idem.value = draft.idem;
    resume(form, draft);
  } else if (changed) {
    showRestored(form);
  }
}

function prune(): void {
  const oldest = Date.now() - DAYS_KEPT * 86_400_000;
  for (const key of kept.keys(PREFIX)) {
    try {
      const draft = JSON.parse(kept.get(key) ?? "{}") as Partial<Draft>;
      if ((draft.at ?? 0) < oldest) kept.remove(key);
    } catch {
      kept.remove(key);
    }
  }
}

function flush(form: HTMLFormElement): void {
  forget(form);
  saveDraft(form, form.dataset["pending"] === "1");
}

/** Keeps what was typed a moment ago, before the page around it changes. */
export function flushDrafts(): void {
  for (const form of Array.from(unsaved.keys())) flush(form);
}

export function startDrafts(resume: Resume): void {
  prune();
  onContent((root) => {
    for (const form of within<HTMLFormElement>("form[data-draft]", root)) restore(form, resume);
  });
  const typed = (event: Event): void => {
    const form = (event.target as Control | null)?.form;
    if (!form?.dataset["draft"]) return;
    forget(form);
    if (form.dataset["pending"] === "1") form.dataset["edited"] = "1";
    unsaved.set(form, window.setTimeout(() => flush(form), 300));
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  // A phone may drop the page at once when another app comes up.
  window.addEventListener("pagehide", () => {
    flushDrafts();
    for (const form of $$<HTMLFormElement>("form[data-draft]")) {
      if (loadDraft(form)) saveDraft(form, form.dataset["pending"] === "1");
    }
  });
  // Leaving a shared PC: what was sent without an answer stays, what was only typed goes.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-logout]")) return;
    for (const typedIn of Array.from(unsaved.keys())) forget(typedIn);
    for (const key of kept.keys(`${PREFIX}${account()}:`)) {
      if (!(kept.get(key) ?? "").includes('"pending":true')) kept.remove(key);
    }
  });
}
