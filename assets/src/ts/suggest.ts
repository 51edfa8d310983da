// data-similar-src on a form: while a person types, the form so far (without files) is posted there and the
// answer, a fragment, is shown in data-similar-target. Nothing is recorded by it.

import { $, $$, announceContent, word } from "./dom";

const WAIT = 700;
const MIN = 6;

export function startSuggest(): void {
  const timers = new WeakMap<HTMLFormElement, number>();
  const asked = new WeakMap<HTMLFormElement, string>();
  const running = new WeakMap<HTMLFormElement, AbortController>();

  async function ask(form: HTMLFormElement): Promise<void> {
    const source = form.dataset["similarSrc"];
    const target = $(form.dataset["similarTarget"] ?? "#similar");
    if (!source || !target) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "idem") body.append(name, value);
    }
    const text = body.toString();
    if (asked.get(form) === text) return;
    asked.set(form, text);
    running.get(form)?.abort();
    const abort = new AbortController();
    running.set(form, abort);
    try {
      const response = await fetch(source, {
        method: "POST",
        body,
        headers: { "HX-Request": "true" },
        credentials: "same-origin",
        signal: abort.signal,
      });
      if (!response.ok) return;
      const html = await response.text();
      // A choice already made inside the box stays until the person changes it.
      if (target.contains(document.activeElement)) return;
      target.innerHTML = html;
      announceContent(target);
    } catch {
      asked.delete(form);
    }
  }

  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    const form = field.form;
    if (!form?.dataset["similarSrc"]) return;
    clearTimeout(timers.get(form));
    const long = $$<HTMLTextAreaElement>("textarea", form).some((area) => area.value.trim().length >= MIN);
    if (long || field.dataset["similarAlways"] !== undefined) {
      timers.set(form, window.setTimeout(() => void ask(form), WAIT));
    }
  });

  // "This is it" / "no, another": a button with data-similar-pick writes its value into a hidden field of the form.
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-similar-pick]") : null;
    const form = button?.closest("form");
    if (!button || !form) return;
    const input = form.elements.namedItem(button.dataset["similarName"] ?? "same_as");
    if (input instanceof HTMLInputElement) input.value = button.dataset["similarPick"] ?? "";
    const box = button.closest<HTMLElement>(".similar");
    if (!box) return;
    for (const other of $$("[data-similar-pick]", box)) other.setAttribute("aria-pressed", String(other === button));
    if (!button.dataset["similarPick"]) box.hidden = true;
    else $(".picked", box)?.replaceChildren(word("picked"));
  });
}
