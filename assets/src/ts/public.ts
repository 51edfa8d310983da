// Public pages: everything here is an extra; each page does its work as a plain form without it.

import { $, $$, from } from "./dom";
import { startDrafts } from "./draft";
import { startMisc } from "./misc";
import { startPhotos } from "./photo";
import { resume, startSending } from "./send";
import { startSuggest } from "./suggest";
import { startVoice } from "./voice";

document.documentElement.classList.add("js");

/** Larger type at once, and remembered for a year; the link itself does the same through the server. */
function startElder(): void {
  document.addEventListener("click", (event) => {
    const link = from<HTMLAnchorElement>(event, "a[data-elder]");
    if (!link) return;
    event.preventDefault();
    const root = document.documentElement;
    const elder = root.dataset["mode"] !== "elder";
    if (elder) root.dataset["mode"] = "elder";
    else delete root.dataset["mode"];
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `mode=${elder ? "elder" : "plain"}; path=/; max-age=31536000; samesite=lax${secure}`;
    const label = $("span", link);
    if (label) label.textContent = (elder ? link.dataset["plainLabel"] : link.dataset["elderLabel"]) ?? "";
  });
}

/** When the first key was pressed: what is sent later, without a signal, was seen then. */
function startSeen(): void {
  document.addEventListener("input", (event) => {
    const form = from<HTMLElement>(event, "form");
    const seen = form && $<HTMLInputElement>("input[data-seen]", form);
    if (seen && seen.value === "") seen.value = String(Date.now());
  });
}

/** The places of a list by their distance, on the wish of whoever presses and not before; nothing else of the page changes. */
function startNear(): void {
  document.addEventListener("click", (event) => {
    const button = from<HTMLButtonElement>(event, "button[data-near]");
    const list = button && $<HTMLSelectElement>(button.dataset["nearList"] ?? "");
    if (!button || !list) return;
    const state = $("[data-near-state]", button.closest(".field") ?? document);
    const say = (what: string): void => {
      if (state) state.textContent = button.dataset[what] ?? "";
    };
    const sort = async (lon: number, lat: number): Promise<void> => {
      try {
        const response = await fetch(`${button.dataset["near"]}?lon=${lon}&lat=${lat}`, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const options = $$<HTMLOptionElement>(`${button.dataset["nearList"]} option`, page);
        if (!response.ok || !options.length) return say("nearFailed");
        list.replaceChildren(...options.map((option) => document.importNode(option, true)));
        list.selectedIndex = 0;
        list.dispatchEvent(new Event("change", { bubbles: true }));
        say("nearDone");
      } catch {
        say("nearFailed");
      }
    };
    if (!("geolocation" in navigator)) return say("nearFailed");
    say("nearBusy");
    navigator.geolocation.getCurrentPosition(
      (at) => void sort(at.coords.longitude, at.coords.latitude),
      () => say("nearFailed"),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  });
}

startPhotos();
startVoice();
startSeen();
startNear();
startSending();
startDrafts((form, draft) => void resume(form, draft));
startSuggest();
startMisc();
startElder();
