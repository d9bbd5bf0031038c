import { useEffect, useState } from "react";

const shownMs = 7_000;

/** What just changed, in one line at the edge of the page: it comes, is read out once, and goes by itself. */
export function LiveHint({ said }: { said: { text: string; key: number } | null }) {
  const [gone, setGone] = useState(0);
  const key = said?.key ?? 0;
  useEffect(() => {
    if (key === 0) return;
    const timer = setTimeout(() => setGone(key), shownMs);
    return () => clearTimeout(timer);
  }, [key]);

  return (
    <div
      role="status"
      data-live-hint
      className="pointer-events-none fixed inset-x-4 bottom-4 z-40 flex justify-center max-lg:bottom-20 lg:left-60"
    >
      {said && gone !== key ? (
        <p
          key={key}
          className="flex max-w-full animate-rise items-center gap-2 rounded-full border border-line bg-overlay px-3.5 py-1.5 text-sm text-ink-2 shadow-pop"
        >
          <span aria-hidden="true" className="size-1.5 shrink-0 rounded-full bg-positive" />
          <span className="tabular min-w-0 truncate">{said.text}</span>
        </p>
      ) : null}
    </div>
  );
}
