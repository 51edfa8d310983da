// Small conveniences: menus, copy keys, a second step before what cannot be undone, filters that apply themselves.

import { $, $$, el, from, toast, word } from "./dom";

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no clipboard API on plain http
    const area = el("textarea", { class: "vh", readonly: "" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function copyKey(event: Event): void {
  const button = from(event, "[data-copy]");
  if (!button) return;
  event.preventDefault();
  const value = button.dataset["copy"] ?? "";
  const source = value.startsWith("#") ? $(value) : null;
  const text = source instanceof HTMLTextAreaElement || source instanceof HTMLInputElement ? source.value : (source?.innerText ?? value);
  void copy(text.trim()).then((done) => {
    toast(word(done ? "copied" : "copyByHand"), done ? "ok" : "warn");
    // Where copying is not allowed the text stands marked, and Ctrl+C copies it.
    if (!done && source instanceof HTMLTextAreaElement) {
      source.focus();
      source.select();
    }
    // A key that copies and sends its form: what was copied is counted.
    if (button instanceof HTMLButtonElement && button.type === "submit" && button.form) button.form.requestSubmit();
  });
}

/** First press shows the question and a second button in place; that one submits with confirmed=1. */
function confirmStep(event: MouseEvent): void {
  const button = from<HTMLButtonElement>(event, "button[data-confirm]");
  if (!button || button.dataset["confirmed"]) return;
  event.preventDefault();
  event.stopPropagation();
  const yes = el("button", { type: "button", class: "btn danger pri" }, button.dataset["confirmYes"] ?? word("yes"));
  const no = el("button", { type: "button", class: "btn" }, button.dataset["confirmNo"] ?? word("no"));
  const step = el("span", { class: "confirm", role: "group" }, el("span", {}, button.dataset["confirm"] ?? ""), yes, no);
  const back = (): void => {
    step.remove();
    button.hidden = false;
    button.focus();
  };
  no.addEventListener("click", back);
  step.addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      e.stopPropagation();
      back();
    }
  });
  yes.addEventListener("click", () => {
    const form = button.form;
    if (form && !$('input[name="confirmed"]', form)) form.append(el("input", { type: "hidden", name: "confirmed", value: "1" }));
    back();
    button.dataset["confirmed"] = "1";
    button.click();
    delete button.dataset["confirmed"];
  });
  button.after(step);
  button.hidden = true;
  no.focus();
}

function closeMenus(event: Event): void {
  const inside = from(event, "details.menu");
  for (const menu of $$<HTMLDetailsElement>("details.menu[open]")) {
    const chosen = menu === inside && from(event, ".menu-list a, .menu-list button");
    if (menu !== inside || chosen) setTimeout(() => (menu.open = false));
  }
}

function autoSubmit(event: Event): void {
  const field = event.target as HTMLInputElement;
  const form = field.form;
  if (!form?.matches("[data-autosubmit]") || field.closest("[data-noauto]")) return;
  if (form.requestSubmit) form.requestSubmit();
  else form.submit();
}

export function startMisc(): void {
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLTextAreaElement && event.target.matches("[data-copy-text]")) event.target.select();
  });
  document.addEventListener("click", confirmStep, true);
  document.addEventListener("click", copyKey);
  document.addEventListener("click", closeMenus);
  document.addEventListener("focusin", (event) => {
    for (const menu of $$<HTMLDetailsElement>("details.menu[open]")) {
      if (!menu.contains(event.target as Node)) menu.open = false;
    }
  });
  document.addEventListener("change", autoSubmit);
  document.addEventListener("click", (event) => {
    from(event, "[data-dismiss]")?.closest(".notice, .card, .box")?.remove();
    const clear = from(event, "[data-clear]");
    const cleared = clear && $(clear.dataset["clear"] ?? "");
    // Where there is something to clear, the link is a button; where there is not, it leads back.
    if (cleared) {
      event.preventDefault();
      cleared.replaceChildren();
    }
    if (from(event, "[data-print]")) window.print();
    const all = from<HTMLInputElement>(event, "input[data-check-all]");
    if (all) for (const box of $$<HTMLInputElement>(`input[name="${all.dataset["checkAll"]}"]`)) box.checked = all.checked;
    // the drawer closes when a place in it was chosen
    if (from(event, ".nav a")) {
      const check = $<HTMLInputElement>(".nav-check");
      if (check) check.checked = false;
    }
  });
  // After a click on the box that checks all, the browser reports the change here too.
  document.addEventListener("change", (event) => {
    const form = from<HTMLInputElement>(event, "input[type='checkbox']")?.form;
    if (!form || !$(".bulk", form)) return;
    const n = $$("tbody input:checked", form).length;
    form.classList.toggle("chosen", n > 0);
    const told = $("[data-chosen]", form);
    if (told) told.textContent = n ? (told.dataset["chosen"] ?? "").replace("{n}", String(n)) : "";
  });
}
