// Rows of a spreadsheet, dropped as a file anywhere on the page or pasted where nobody types, go into
// <form data-drop> and are sent: a field for the file, a text area for the rows.

import { $, isTyping } from "./dom";

const BOOKS = /\.(xlsx?|csv|txt)$/i;

const form = (): HTMLFormElement | null => $<HTMLFormElement>("form[data-drop]");

const carriesFiles = (event: DragEvent): boolean => Array.from(event.dataTransfer?.types ?? []).includes("Files");

function show(on: boolean): void {
  const text = form()?.dataset["drop"] ?? "";
  document.body.classList.toggle("dropping", on);
  if (on) document.body.dataset["dropping"] = text;
  else delete document.body.dataset["dropping"];
}

function bring(target: HTMLFormElement, files: FileList | null, rows: string): void {
  const [file, text] = [$<HTMLInputElement>('input[type="file"]', target), $<HTMLTextAreaElement>('textarea[name="rows"]', target)];
  if (file && files) file.files = files;
  if (text) text.value = rows;
  target.submit();
}

export function startDrop(): void {
  if (!form()) return;
  let depth = 0;
  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) show(false);
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const target = form();
    depth = 0;
    show(false);
    if (!target || !carriesFiles(event)) return;
    event.preventDefault();
    const files = event.dataTransfer?.files ?? null;
    if (files?.length && BOOKS.test(files[0]!.name)) bring(target, files, "");
  });
  document.addEventListener("paste", (event) => {
    const target = form();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    // One cell is a word somebody copied; a table has lines and columns.
    if (!target || isTyping(event.target) || !/\t.*\n|\n.*\t/.test(text)) return;
    event.preventDefault();
    bring(target, null, text);
  });
}
