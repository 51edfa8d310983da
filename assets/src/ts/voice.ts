// <div data-voice data-most="60">: a short recording into the file input inside. Where the browser cannot record, or the
// microphone is refused, the input itself takes a recording of the phone's own program.

import { $, el, from, onContent, within } from "./dom";
import { filesOf, setFiles } from "./photo";

const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
/** Speech is clear at this rate, and a minute of it is below 200 kB. */
const BITS = 24_000;

interface Running {
  recorder: MediaRecorder;
  box: HTMLElement;
  tick: number;
}

let running: Running | null = null;
/** The question for the microphone stands open: another press must not ask again. */
let asking = false;
const urls = new WeakMap<HTMLElement, string>();

const canRecord = (): boolean =>
  typeof MediaRecorder === "function" && typeof navigator.mediaDevices?.getUserMedia === "function" && typeof DataTransfer === "function";

const inputOf = (box: HTMLElement): HTMLInputElement | null => $<HTMLInputElement>('input[type="file"]', box);

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** Shows what there is: the key to record, or what was recorded with a key to drop it. */
function draw(box: HTMLElement): void {
  const input = inputOf(box);
  const key = $<HTMLButtonElement>("[data-voice-key]", box);
  if (!input || !key) return;
  const old = $("[data-voice-made]", box);
  URL.revokeObjectURL((old && urls.get(old)) ?? "");
  old?.remove();
  const file = filesOf(input)[0];
  const records = canRecord() && box.dataset["refused"] === undefined;
  key.hidden = !records || file !== undefined;
  key.textContent = box.dataset["start"] ?? "";
  key.classList.remove("on");
  input.closest("label")!.hidden = records || file !== undefined;
  if (!file) return;
  const url = URL.createObjectURL(file);
  const sound = el("audio", { controls: "", preload: "metadata", src: url });
  const drop = el("button", { type: "button", class: "btn small", "data-voice-drop": "" }, box.dataset["drop"] ?? "");
  const made = el("div", { class: "voice-made", "data-voice-made": "" }, sound, drop);
  urls.set(made, url);
  box.append(made);
}

function say(box: HTMLElement, what: string): void {
  const state = $("[data-voice-state]", box);
  if (state) state.textContent = box.dataset[what] ?? "";
}

function stop(): void {
  const current = running;
  if (!current) return;
  running = null;
  clearInterval(current.tick);
  if (current.recorder.state !== "inactive") current.recorder.stop();
  for (const track of current.recorder.stream.getTracks()) track.stop();
}

async function start(box: HTMLElement, key: HTMLButtonElement): Promise<void> {
  if (asking) return;
  asking = true;
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    box.dataset["refused"] = "";
    draw(box);
    say(box, "failed");
    return;
  } finally {
    asking = false;
  }
  if (!box.isConnected) {
    for (const track of stream.getTracks()) track.stop();
    return;
  }
  stop();
  const type = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { ...(type ? { mimeType: type } : {}), audioBitsPerSecond: BITS });
  const pieces: Blob[] = [];
  const most = Number(box.dataset["most"] ?? "60");
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => {
    const kind = (recorder.mimeType || "audio/webm").split(";")[0]!;
    const input = inputOf(box);
    if (!input) return;
    setFiles(input, [new File(pieces, `voice.${kind.split("/")[1]}`, { type: kind, lastModified: Date.now() })]);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const at = Date.now();
  const show = (): void => {
    const seconds = Math.floor((Date.now() - at) / 1000);
    key.textContent = `${box.dataset["stop"] ?? ""} ${clock(Math.min(seconds, most))} / ${clock(most)}`;
    if (seconds >= most || !box.isConnected) stop();
  };
  recorder.start();
  key.classList.add("on");
  say(box, "none");
  running = { recorder, box, tick: window.setInterval(show, 250) };
  show();
}

export function startVoice(): void {
  onContent((root) => {
    for (const box of within("[data-voice]", root)) draw(box);
  });
  document.addEventListener("gz:files", (event) => {
    const box = from(event, "[data-voice]");
    if (box) draw(box);
  });
  // Whoever sends while it records sends what was said so far.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !running || !form.contains(running.box)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      running.box.addEventListener("gz:files", () => form.requestSubmit(submitter), { once: true });
      stop();
    },
    true,
  );
  document.addEventListener("change", (event) => {
    const input = from<HTMLInputElement>(event, '[data-voice] input[type="file"]');
    if (input) setFiles(input, Array.from(input.files ?? []));
  });
  document.addEventListener("click", (event) => {
    const drop = from(event, "[data-voice-drop]");
    const key = from<HTMLButtonElement>(event, "[data-voice-key]");
    const box = (drop ?? key)?.closest<HTMLElement>("[data-voice]");
    const input = box && inputOf(box);
    if (!box || !input) return;
    if (drop) {
      setFiles(input, []);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      $("[data-voice-key]", box)?.focus();
    } else if (running?.box === box) stop();
    else if (key) void start(box, key);
  });
}
