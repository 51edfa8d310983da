// <form data-send>: sends by fetch, keeps everything when the network fails, and repeats with the same
// idempotency key until the server has answered. Without this script the same form works as a plain form.

import { $, $$, account, csrf, el, setCsrf, swap, toast, uuid7, word } from "./dom";
import { clearDraft, clearDraftOf, idemInput, saveDraft, type Draft } from "./draft";
import { allLetters, dropLetter, findLetter, keepLetter, type Letter } from "./outbox";
import { filesOf, setFiles } from "./photo";

const TIMEOUT = 120_000;

let lastSubmitter: HTMLElement | null = null;

const buttons = (form: HTMLFormElement): HTMLElement[] =>
  $$<HTMLElement>('button:not([type="button"]), input[type="submit"]', form);

function setBusy(form: HTMLFormElement, busy: boolean): void {
  form.toggleAttribute("data-sending", busy);
  form.setAttribute("aria-busy", String(busy));
  for (const button of buttons(form)) {
    button.classList.toggle("busy", busy);
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function stateBox(form: HTMLFormElement): HTMLElement {
  let box = $("[data-send-state]", form);
  if (!box) {
    box = el("div", { "data-send-state": "", class: "send-state" });
    const foot = $(".form-foot, .acts", form) ?? buttons(form).pop();
    if (foot) foot.before(box);
    else form.append(box);
  }
  box.setAttribute("role", "status");
  return box;
}

/** Says in the form what happened, what was kept, and offers to try again. */
function say(form: HTMLFormElement, text: string, extra?: Node): void {
  const retry = el("button", { type: "button", class: "btn small" }, word("retry"));
  retry.addEventListener("click", () => void post(form));
  const line = el("div", { class: "line" }, retry);
  if (extra) line.append(extra);
  const box = stateBox(form);
  box.replaceChildren(el("div", { class: "notice warn" }, el("div", {}, el("p", {}, text), line)));
  // Where the buttons stick to the foot of a long form it could lie below what is seen.
  box.scrollIntoView({ block: "nearest" });
}

function fieldsOf(form: HTMLFormElement, submitter: HTMLElement | null): [string, string | File][] {
  const body = new FormData(form);
  const name = submitter?.getAttribute("name");
  if (name) body.append(name, submitter?.getAttribute("value") ?? "");
  return Array.from(body.entries()).filter(([, value]) => typeof value === "string" || value.name !== "");
}

function encode(fields: [string, string | File][], multipart: boolean): FormData | URLSearchParams {
  const body = multipart ? new FormData() : new URLSearchParams();
  for (const [name, value] of fields) {
    const fresh = name === "csrf" && csrf() ? csrf() : value;
    if (body instanceof FormData) body.append(name, fresh);
    else if (typeof fresh === "string") body.append(name, fresh);
  }
  return body;
}

/** No answer at all, or only from a gateway in between: the outcome is unknown. */
const unanswered = (status: number): boolean => status === 502 || status === 503 || status === 504;

async function request(url: string, fields: [string, string | File][], multipart: boolean): Promise<Response | null> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const response = await fetch(url, {
      method: "POST",
      body: encode(fields, multipart),
      headers: { "HX-Request": "true", "X-Send": "1", Accept: "text/html" },
      credentials: "same-origin",
      signal: abort.signal,
    });
    const token = response.headers.get("X-Csrf-Token");
    if (token) setCsrf(token);
    return unanswered(response.status) ? null : response;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function keep(form: HTMLFormElement, letter: Letter): Promise<void> {
  form.dataset["pending"] = "1";
  delete form.dataset["edited"];
  const text = saveDraft(form, true);
  const whole = await keepLetter(letter);
  say(form, word(text || whole ? "offline" : "offlineOpen"));
}

async function settled(form: HTMLFormElement, idem: string): Promise<void> {
  delete form.dataset["pending"];
  delete form.dataset["edited"];
  clearDraft(form);
  const input = idemInput(form);
  if (input) input.value = uuid7();
  $("[data-send-state]", form)?.replaceChildren();
  await dropLetter(idem);
}

function fire(header: string | null, form: HTMLFormElement): void {
  if (!header) return;
  const target = form.isConnected ? form : document;
  if (header.startsWith("{")) {
    for (const [name, detail] of Object.entries(JSON.parse(header) as Record<string, unknown>)) {
      target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    }
  } else {
    for (const name of header.split(",")) target.dispatchEvent(new CustomEvent(name.trim(), { bubbles: true }));
  }
}

/** The server cannot send files back: they move over into the form it returned, or are drawn anew in the same one. */
function carryFiles(old: HTMLFormElement, files: Map<string, File[]>): void {
  const next = (old.id && document.getElementById(old.id)) || document.activeElement?.closest("form");
  if (!(next instanceof HTMLFormElement)) return;
  for (const [name, list] of files) {
    const input = $$<HTMLInputElement>('input[type="file"]', next).find((i) => i.name === name);
    if (input && list.length) setFiles(input, list);
  }
}

async function refused(form: HTMLFormElement, response: Response): Promise<void> {
  const html = (response.headers.get("Content-Type") ?? "").startsWith("text/html") ? await response.text() : "";
  // A whole page in place of a fragment is an error page: it must not replace what was typed.
  if (!html.trim() || /<html[\s>]/i.test(html.slice(0, 400)) || response.status >= 500) {
    say(form, word("failed", { code: response.status }));
    return;
  }
  const files = new Map(
    $$<HTMLInputElement>('input[type="file"]', form).map((input) => [input.name, filesOf(input)] as const),
  );
  const selector = form.dataset["sendErrors"];
  const target = selector ? $(selector) : null;
  await swap(target ?? form, html, target ? "inner" : "outer", form);
  carryFiles(form, files);
  const first = $(".errors, [aria-invalid='true'], .field.bad input, .field.bad textarea", target ?? document);
  if (first) {
    if (!first.matches("input, select, textarea")) first.tabIndex = -1;
    first.focus();
  }
}

async function accepted(form: HTMLFormElement, response: Response): Promise<void> {
  const go = response.headers.get("HX-Redirect") ?? (response.redirected ? response.url : null);
  if (go) {
    location.assign(go);
    return;
  }
  if (response.headers.get("HX-Refresh") === "true") {
    location.reload();
    return;
  }
  fire(response.headers.get("HX-Trigger"), form);
  const html = response.status === 204 ? "" : await response.text();
  if (!html.trim()) return;
  const selector = form.dataset["sendTarget"];
  const target = selector ? (form.closest<HTMLElement>(selector) ?? $(selector)) : null;
  const url = response.headers.get("HX-Replace-Url");
  if (url) history.replaceState(history.state, "", url);
  await swap(target ?? form, html, target ? "inner" : "outer", form);
  fire(response.headers.get("HX-Trigger-After-Swap"), form);
  $("[data-focus]", target ?? document)?.focus();
}

function signIn(): Node {
  return el("a", { href: word("signInUrl"), target: "_blank", rel: "noopener" }, word("signIn"));
}

export async function post(form: HTMLFormElement, submitter: HTMLElement | null = null, again = false): Promise<void> {
  if (form.hasAttribute("data-sending") && !again) return;
  const idem = idemInput(form);
  if (idem && !idem.value) idem.value = uuid7();
  const key = idem?.value ?? "";
  // A retry by button must repeat which end was chosen (answered at once, urge, new).
  if (submitter) chosen.set(form, submitter);
  const button = submitter ?? chosen.get(form) ?? null;
  setBusy(form, true);
  const url = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.pathname;
  try {
    const fields = (await unchanged(form, key)) ?? fieldsOf(form, button);
    const response = await request(url, fields, form.enctype === "multipart/form-data");
    if (!response) {
      await keep(form, { idem: key, account: account(), url, page: location.href, at: Date.now(), fields });
    } else if (response.status === 401) {
      saveDraft(form, form.dataset["pending"] === "1");
      say(form, word("signedOut"), signIn());
    } else if (response.status === 403 && response.headers.has("X-Csrf-Token") && !again) {
      await post(form, button, true);
    } else if (response.ok) {
      await settled(form, key);
      await accepted(form, response);
      return;
    } else {
      delete form.dataset["pending"];
      await dropLetter(key);
      saveDraft(form);
      await refused(form, response);
    }
  } finally {
    setBusy(form, false);
  }
}

/** A repeat with the same key must carry the same content, as long as nobody changed what was typed. */
async function unchanged(form: HTMLFormElement, key: string): Promise<[string, string | File][] | null> {
  if (form.dataset["pending"] !== "1" || form.dataset["edited"] === "1") return null;
  return (await findLetter(key))?.fields ?? null;
}

const chosen = new WeakMap<HTMLFormElement, HTMLElement>();

/** A reload found text whose sending got no answer: photos come back, the banner says so, and it is sent again. */
export async function resume(form: HTMLFormElement, draft: Draft): Promise<void> {
  form.dataset["pending"] = "1";
  const letter = await findLetter(draft.idem);
  for (const input of $$<HTMLInputElement>('input[type="file"]', form)) {
    const files = (letter?.fields ?? []).filter(([name, v]) => name === input.name && typeof v !== "string");
    if (files.length) setFiles(input, files.map(([, v]) => v as File));
  }
  // The button that was pressed is gone with the page; its name and value are in the letter.
  const names = new Set((Array.from(form.elements) as HTMLInputElement[]).map((c) => c.name));
  for (const button of buttons(form)) {
    const name = button.getAttribute("name") ?? "";
    if (!name || !names.has(name)) continue;
    if ((letter?.fields ?? []).some(([n, v]) => n === name && v === button.getAttribute("value"))) {
      chosen.set(form, button);
    }
  }
  say(form, word("offline"));
  if (navigator.onLine) await post(form);
}

async function sendLetter(letter: Letter): Promise<void> {
  const multipart = letter.fields.some(([, value]) => typeof value !== "string");
  const response = await request(letter.url, letter.fields, multipart);
  if (!response || response.status === 401) return;
  await dropLetter(letter.idem);
  if (response.ok) {
    clearDraftOf(letter.idem);
    const link = response.headers.get("HX-Redirect") ?? (response.redirected ? response.url : undefined);
    toast(word("sentLater"), "ok", link);
  } else {
    toast(word("refusedLater"), "bad", letter.page);
  }
}

let flushing = false;

/** Sends what is waiting: through its own form where the form is on this page, in the background otherwise. */
export async function flush(): Promise<void> {
  if (flushing) return;
  flushing = true;
  try {
    for (const letter of await allLetters()) {
      if (letter.account !== account()) continue;
      const form = $$<HTMLFormElement>("form[data-send]").find((f) => idemInput(f)?.value === letter.idem);
      if (form) await post(form);
      else await sendLetter(letter);
    }
  } finally {
    flushing = false;
  }
}

function guardPlainForms(event: SubmitEvent, form: HTMLFormElement): void {
  if (form.method !== "post") return;
  if (form.hasAttribute("data-sending")) event.preventDefault();
  // After this turn, so that the pressed button's own value is still sent.
  else setTimeout(() => setBusy(form, true));
}

export function startSending(): void {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>("button, input[type='submit']") : null;
    if (target) lastSubmitter = target;
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented) return;
    if (!form.matches("[data-send]")) {
      guardPlainForms(event, form);
      return;
    }
    event.preventDefault();
    // Safari before 15.4 does not say which button was pressed.
    const fallback = lastSubmitter instanceof HTMLButtonElement && lastSubmitter.form === form ? lastSubmitter : null;
    void post(form, event.submitter ?? fallback);
  });
  window.addEventListener("online", () => void flush());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of $$<HTMLFormElement>("form[data-sending]")) setBusy(form, false);
  });
  // Forms of this page resume by themselves (draft.ts); give them the first turn.
  setTimeout(() => void flush(), 1500);
}
