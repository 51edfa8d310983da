// The duty PC: rings while an urgent message waits. A browser makes no sound before somebody has clicked.

import { $, from } from "./dom";

const EVERY = 2_000;

let sound: AudioContext | null = null;

const waiting = (): number => Number($("[data-ring]")?.dataset["ring"] ?? "0");

/** Two tones, high and low. */
function ring(context: AudioContext): void {
  const start = context.currentTime;
  for (const [nth, pitch] of [880, 660].entries()) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "square";
    tone.frequency.value = pitch;
    volume.gain.value = 0.25;
    tone.connect(volume);
    volume.connect(context.destination);
    tone.start(start + nth * 0.35);
    tone.stop(start + nth * 0.35 + 0.3);
  }
}

function turn(title: string, alarm: string, odd: boolean): void {
  const n = waiting();
  document.title = n > 0 && odd ? `(${n}) ${alarm}` : title;
  if (n > 0 && sound?.state === "running") ring(sound);
}

export function startDuty(): void {
  const page = $("[data-duty-desk]");
  if (!page) return;
  const title = document.title;
  let odd = false;
  document.addEventListener("click", (event) => {
    const button = from(event, "[data-sound]");
    // Any click on the page is the one a browser asks for; the button says so.
    if (!sound && "AudioContext" in window) sound = new AudioContext();
    void sound?.resume();
    if (button && sound) {
      ring(sound);
      button.hidden = true;
    }
  });
  setInterval(() => {
    odd = !odd;
    turn(title, page.dataset["title"] ?? "", odd);
  }, EVERY);
}
