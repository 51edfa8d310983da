// Public pages: everything here is an extra; each page does its work as a plain form without it.

import { $, from } from "./dom";
import { startDrafts } from "./draft";
import { startMisc } from "./misc";
import { startPhotos } from "./photo";
import { resume, startSending } from "./send";
import { startSuggest } from "./suggest";

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

startPhotos();
startSending();
startDrafts((form, draft) => void resume(form, draft));
startSuggest();
startMisc();
startElder();
