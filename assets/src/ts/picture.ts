// A chart as a picture for the group: what is drawn on the page, with its title, on white. It goes to the clipboard where
// the browser lets a page put pictures there, else it is saved as a file.

import { $, $$, from, toast, word } from "./dom";

const EDGE = 24;
const HEAD = 56;
const SCALE = 2;

/** The drawing by itself: styles come from the page, and an image has none. */
function alone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = $$<SVGElement>("*", svg);
  $$<SVGElement>("*", copy).forEach((node, i) => {
    const original = originals[i];
    if (!original) return;
    const style = getComputedStyle(original);
    for (const name of ["fill", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "text-anchor"]) {
      node.style.setProperty(name, style.getPropertyValue(name));
    }
  });
  const box = svg.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(box.width * SCALE));
  copy.setAttribute("height", String(box.height * SCALE));
  return new XMLSerializer().serializeToString(copy);
}

async function draw(figure: HTMLElement): Promise<Blob> {
  const svg = $<SVGSVGElement>(".plot svg", figure);
  if (!svg) throw new Error("no drawing");
  const box = svg.viewBox.baseVal;
  const image = new Image();
  // A data address: pages load nothing from elsewhere, and a blob would taint nothing either, but the policy knows data.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(alone(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = (box.width + 2 * EDGE) * SCALE;
  canvas.height = (box.height + HEAD + 2 * EDGE) * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.scale(SCALE, SCALE);
  const font = getComputedStyle(document.body).fontFamily;
  const caption = $("figcaption", figure);
  const [title = "", sub = ""] = [caption?.firstChild?.textContent?.trim(), $(".sub", figure)?.innerText];
  pen.fillStyle = "#14201f";
  pen.font = `600 17px ${font}`;
  pen.fillText(title, EDGE, EDGE + 16);
  pen.fillStyle = "#5a6b6a";
  pen.font = `12px ${font}`;
  pen.fillText([figure.dataset["office"], sub].filter(Boolean).join(" · "), EDGE, EDGE + 38);
  pen.drawImage(image, EDGE, EDGE + HEAD, box.width, box.height);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}

async function hand(figure: HTMLElement): Promise<void> {
  const blob = await draw(figure);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    toast(word("copied"), "ok");
  } catch {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${($("figcaption", figure)?.firstChild?.textContent ?? "").trim() || "figure"}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

export function startPicture(): void {
  document.addEventListener("click", (event) => {
    const figure = from(event, "[data-picture]")?.closest<HTMLElement>("figure");
    if (figure) hand(figure).catch(() => toast(word("pictureFailed"), "warn"));
  });
}
