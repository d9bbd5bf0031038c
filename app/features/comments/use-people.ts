import { useEffect, useState } from "react";
import type { Person } from "#contracts/mentions.ts";

/** Everybody who can be named, asked for once it is wanted. */
export function usePeople(wanted: boolean): readonly Person[] {
  const [people, setPeople] = useState<readonly Person[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const ask = async () => {
      const { trpc } = await import("../../lib/trpc.ts");
      const { items } = await trpc.members.list.query({ limit: 1000 });
      if (!gone) setPeople(items.map(({ email, name }) => ({ email, name })));
    };
    // without them one types whole addresses
    ask().catch(() => {});
    return () => {
      gone = true;
    };
  }, [wanted]);
  return people;
}
