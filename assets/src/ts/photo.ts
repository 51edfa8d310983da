// <div data-photos>: previews, smaller copies before upload, a limit, removal, pasting from the clipboard.
// Without it the plain file input inside does the work and the server makes the picture smaller.

import { $, $$, debounce, el, onContent, toast, visible, within, word } from "./dom";

const LONGEST = 1920;
const SMALL_ENOUGH = 700_000;

const held = new WeakMap<HTMLInputElement, File[]>();
const urls = new WeakMap<HTMLElement, string>();

export const filesOf = (input: HTMLInputElement): File[] => held.get(input) ?? Array.from(input.files ?? []);

function intoInput(input: HTMLInputElement, files: File[]): void {
  try {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
  } catch {
    // An old browser keeps its own list; removal is then not offered (see draw).
  }
}

const canEdit = (): boolean => typeof DataTransfer === "function";

function decode(file: File): Promise<HTMLImageElement | null> {
  return new Promise((resolve) => {
    const image = new Image();
    const url = URL.createObjectURL(file);
    const done = (result: HTMLImageElement | null): void => {
      URL.revokeObjectURL(url);
      resolve(result);
    };
    image.onload = () => done(image);
    image.onerror = () => done(null);
    image.src = url;
  });
}

/** At most 1920 px on the longer side, as JPEG; the file itself where that is not possible or would gain nothing. */
export async function smaller(file: File): Promise<File> {
  if (!file.type.startsWith("image/") || file.type === "image/gif") return file;
  const image = await decode(file);
  if (!image || !image.naturalWidth) return file;
  const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  if (scale === 1 && file.size <= SMALL_ENOUGH) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  if (!blob || (scale === 1 && blob.size >= file.size)) return file;
  const name = `${file.name.replace(/\.[^.]*$/, "") || "photo"}.jpg`;
  return new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified });
}

const clock = (ms: number): string =>
  new Date(ms).toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" });

function draw(box: HTMLElement, input: HTMLInputElement): void {
  for (const old of $$("[data-preview]", box)) {
    URL.revokeObjectURL(urls.get(old) ?? "");
    old.remove();
  }
  const files = filesOf(input);
  const add = input.closest(".photo-add") ?? input;
  files.forEach((file, index) => {
    const url = URL.createObjectURL(file);
    // A paper among the pictures shows its name.
    const shown = file.type.startsWith("image/");
    const image = shown ? el("img", { src: url, alt: word("photo", { n: index + 1 }) }) : el("div", { class: "blank" }, file.name);
    const figure = el("figure", { class: "photo", "data-preview": "" }, image, el("figcaption", {}, clock(file.lastModified)));
    if (shown) image.addEventListener("error", () => image.replaceWith(el("div", { class: "blank" })));
    urls.set(figure, url);
    if (canEdit()) {
      const remove = el("button", { type: "button", class: "rm", "aria-label": word("removePhoto", { n: index + 1 }) }, "×");
      remove.addEventListener("click", () => {
        setFiles(input, filesOf(input).filter((f) => f !== file));
        edited(input);
        ($(".rm", box) ?? input).focus();
      });
      figure.append(remove);
    }
    add.before(figure);
  });
  box.classList.toggle("full", files.length >= limit(box));
  const times = $<HTMLInputElement>("[data-photo-times]", box);
  if (times) times.value = files.map((file) => file.lastModified).join(",");
}

const limit = (box: HTMLElement): number => Number(box.dataset["max"] ?? "6");

export function setFiles(input: HTMLInputElement, files: File[]): void {
  held.set(input, files);
  intoInput(input, files);
  const box = input.closest<HTMLElement>("[data-photos]");
  if (box) draw(box, input);
  input.dispatchEvent(new Event("gz:files", { bubbles: true }));
}

/** Pictures a person added or removed: the form is no longer what was sent. */
function edited(input: HTMLInputElement): void {
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

export async function addFiles(box: HTMLElement, input: HTMLInputElement, added: File[]): Promise<void> {
  const before = held.get(input) ?? [];
  const room = Math.max(0, limit(box) - before.length);
  if (added.length > room) toast(word("photoLimit", { n: limit(box) }), "warn");
  box.setAttribute("aria-busy", "true");
  const made: File[] = [];
  // One after the other: an old phone has no memory for six large pictures at once.
  for (const file of added.slice(0, room)) made.push(await smaller(file));
  setFiles(input, [...(held.get(input) ?? []), ...made]);
  box.removeAttribute("aria-busy");
  edited(input);
}

function pasteTarget(): HTMLElement | null {
  const near = document.activeElement?.closest("form");
  return (near && $("[data-photos]", near)) ?? $$("[data-photos]").find(visible) ?? null;
}

export function startPhotos(): void {
  onContent((root) => {
    for (const box of within("[data-photos]", root)) {
      const input = $<HTMLInputElement>('input[type="file"]', box);
      if (!input || held.has(input)) continue;
      held.set(input, []);
      // A browser that restores the page may restore its files too.
      if (input.files?.length) void addFiles(box, input, Array.from(input.files));
    }
  });
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const box = input.closest<HTMLElement>("[data-photos]");
    if (!box) return;
    if (!canEdit()) held.set(input, []);
    void addFiles(box, input, Array.from(input.files ?? []));
  });
  document.addEventListener("reset", debounce(0, () => {
    for (const box of $$("[data-photos]")) {
      const input = $<HTMLInputElement>('input[type="file"]', box);
      if (input && input.files?.length === 0) setFiles(input, []);
    }
  }));
  // Files dropped on a form go to its pictures, unless the page takes a workbook or the file lands on a field of its own.
  const dropTarget = (event: DragEvent): HTMLElement | null => {
    const files = Array.from(event.dataTransfer?.types ?? []).includes("Files");
    const at = event.target instanceof Element ? event.target : null;
    if (!files || $("form[data-drop]") || at?.closest("input[type='file']")) return null;
    const form = at?.closest("form");
    return (form && $("[data-photos]", form)) ?? null;
  };
  document.addEventListener("dragover", (event) => {
    if (dropTarget(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const box = dropTarget(event);
    const input = box && $<HTMLInputElement>('input[type="file"]', box);
    if (!box || !input) return;
    event.preventDefault();
    void addFiles(box, input, Array.from(event.dataTransfer?.files ?? []));
  });
  document.addEventListener("paste", (event) => {
    const images = Array.from(event.clipboardData?.files ?? []).filter((f) => f.type.startsWith("image/"));
    const box = images.length ? pasteTarget() : null;
    const input = box && $<HTMLInputElement>('input[type="file"]', box);
    if (!box || !input) return;
    event.preventDefault();
    void addFiles(box, input, images);
  });
}
