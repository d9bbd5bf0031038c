import inter from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { resolvedPalette, type Tokens, tokenNames } from "#charts/palette.ts";
import { WidgetDrawing } from "#charts/widget-drawing.tsx";
import { widgetTable } from "#charts/widget-table.ts";
import { toCsv } from "#contracts/csv-export.ts";
import type { BodySize } from "../dashboard/grid-layout.ts";
import type { ExportedWidget, ExportKind } from "./widget-menu.tsx";

/** Files and clipboard contents of one widget, made in the browser from the numbers that the page shows. */

type Export = ExportedWidget & { size: BodySize; note: string };

const scale = 2;
/** Small cards make legible files too. */
const leastWidth = { kpi: 340, table: 460 };

export async function exportWidget(kind: ExportKind, widget: Export): Promise<void> {
  switch (kind) {
    case "csv":
      return download(csvOf(widget), "text/csv;charset=utf-8", fileName(widget.title, "csv"));
    case "svg":
      return download(svgOf(widget), "image/svg+xml;charset=utf-8", fileName(widget.title, "svg"));
    case "png":
      return download(await pngOf(widget), "image/png", fileName(widget.title, "png"));
    case "copy-csv":
      return navigator.clipboard.writeText(csvOf(widget));
    case "copy-image":
      // A promise, so that Safari still counts this as the reader's own gesture.
      return navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(widget) })]);
  }
}

/** The last column names the policy in every row: a file says it by itself, wherever its rows are pasted. */
export function csvOf({ view, policy }: Pick<Export, "view" | "policy">): string {
  const { columns, rows } = widgetTable(view.type, view);
  return toCsv(
    [...columns, "policy"],
    rows.map((row) => [...row, policy]),
  );
}

export const fileName = (title: string, extension: string): string => {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
  return `${words || "widget"}.${extension}`;
};

/** The tokens of the theme that the reader sees, written out: a style sheet may say `#fff`, or name a colour. */
function themeTokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const context = document.createElement("canvas").getContext("2d");
  const written = (name: string): string => {
    const value = style.getPropertyValue(`--${name}`).trim();
    if (!context) return value;
    context.fillStyle = value;
    return String(context.fillStyle);
  };
  // The names are the keys of Tokens by construction.
  return Object.fromEntries(tokenNames.map((name) => [name, written(name)])) as Tokens;
}

function svgElement({ title, subtitle, view, size, note }: Export): SVGSVGElement {
  const host = document.createElement("div");
  const root = createRoot(host);
  const width = Math.max(size.width, view.type === "kpi" ? leastWidth.kpi : leastWidth.table);
  flushSync(() =>
    root.render(
      <WidgetDrawing
        type={view.type}
        view={view}
        title={title}
        subtitle={subtitle}
        note={note}
        size={{ width, height: size.height }}
        palette={resolvedPalette(themeTokens())}
      />,
    ),
  );
  const svg = host.querySelector("svg")?.cloneNode(true);
  root.unmount();
  if (!(svg instanceof SVGSVGElement)) throw new Error("nothing was drawn");
  return svg;
}

const svgOf = (widget: Export): string => new XMLSerializer().serializeToString(svgElement(widget));

/** An image knows no fonts of the page: the font goes into the drawing. */
async function embedFont(svg: SVGSVGElement): Promise<void> {
  const answer = await fetch(inter);
  if (!answer.ok) return;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = `@font-face{font-family:"Inter Variable";font-weight:100 900;src:url(data:font/woff2;base64,${btoa(binary)}) format("woff2")}`;
  svg.prepend(style);
}

async function pngOf(widget: Export): Promise<Blob> {
  const svg = svgElement(widget);
  await embedFont(svg);
  const [width, height] = [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))];
  const url = URL.createObjectURL(
    new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml;charset=utf-8" }),
  );
  try {
    const image = new Image(width * scale, height * scale);
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no image"))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

function download(content: string | Blob, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has the content as soon as the click returns; Safari wants a moment longer.
  setTimeout(() => URL.revokeObjectURL(url), 30_000);
}
