import { useEffect, useState } from "react";

/** What the members of the organisation are called, by id, asked for once it is wanted. Whoever left is not among them. */
export function usePersonNames(wanted: boolean): ReadonlyMap<string, string> {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const ask = async () => {
      const { trpc } = await import("../../lib/trpc.ts");
      const { items } = await trpc.members.list.query({ limit: 1000 });
      if (!gone) setNames(new Map(items.map(({ id, name, email }) => [id, name || email])));
    };
    // without them it is not said who
    ask().catch(() => {});
    return () => {
      gone = true;
    };
  }, [wanted]);
  return names;
}
