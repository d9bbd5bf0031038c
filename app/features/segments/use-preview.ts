import { useEffect, useState } from "react";
import type { SegmentPreview } from "#contracts/segments.ts";
import type { Expression } from "#metrics/segments.ts";

const typingPause = 250;

interface Answer {
  asked: string;
  preview: SegmentPreview | null;
}

/**
 * Who matches what is on the screen; `initial` came with the page. Asked over REST with a body, for an expression is longer than
 * an address may be. An answer that has been overtaken is dropped.
 */
export function usePreview(
  expression: Expression | null,
  initial: { expression: Expression | null; preview: SegmentPreview | null },
): { preview: SegmentPreview | null; isPending: boolean } {
  const asked = JSON.stringify(expression);
  const [answer, setAnswer] = useState<Answer>(() => ({
    asked: JSON.stringify(initial.expression),
    preview: initial.preview,
  }));
  useEffect(() => {
    if (asked === "null" || asked === answer.asked) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask(asked, stop.signal).then(
        (preview) => setAnswer({ asked, preview }),
        () => {
          if (!stop.signal.aborted) setAnswer({ asked, preview: null });
        },
      );
    }, typingPause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, answer.asked]);
  return asked === "null"
    ? { preview: null, isPending: false }
    : { preview: answer.preview, isPending: asked !== answer.asked };
}

async function ask(expression: string, signal: AbortSignal): Promise<SegmentPreview> {
  const response = await fetch("/api/v1/segments/preview", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"expression":${expression}}`,
    signal,
  });
  if (!response.ok) throw new Error(`the preview answered ${response.status}`);
  return (await response.json()) as SegmentPreview;
}
