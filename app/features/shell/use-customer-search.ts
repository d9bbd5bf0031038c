import { useEffect, useState } from "react";

export interface FoundCustomer {
  customer_id: string;
  name: string | null;
}

const typingPause = 120;
const shownAtMost = 8;

/** Customers whose name, e-mail or id holds the words; an answer that has been overtaken by newer words is dropped. */
export function useCustomerSearch(words: string): { found: FoundCustomer[]; searching: boolean } {
  const wanted = words.trim();
  const [answer, setAnswer] = useState<{ words: string; found: FoundCustomer[] }>({ words: "", found: [] });

  useEffect(() => {
    if (wanted.length < 2) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { trpc } = await import("../../lib/trpc.ts");
        const { items } = await trpc.analytics.customers.query(
          { search: wanted, limit: shownAtMost },
          { signal: stop.signal },
        );
        if (!stop.signal.aborted) setAnswer({ words: wanted, found: items });
      } catch {
        // offline or overtaken: the pages and actions below are still there
        if (!stop.signal.aborted) setAnswer({ words: wanted, found: [] });
      }
    }, typingPause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [wanted]);

  if (wanted.length < 2) return { found: [], searching: false };
  return { found: answer.found, searching: answer.words !== wanted };
}
