import { useEffect, useState } from "react";
import type { MemberItem } from "#contracts/accounts.ts";

const most = 1000;

/** The organisation's members, asked for once they are wanted; none until they are there, and where they cannot be had. */
export function useMembers(wanted = true): readonly MemberItem[] {
  const [members, setMembers] = useState<readonly MemberItem[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const ask = async () => {
      const { trpc } = await import("./trpc.ts");
      const { items } = await trpc.members.list.query({ limit: most });
      if (!gone) setMembers(items);
    };
    // without them addresses are typed whole, and it is not said who
    ask().catch(() => {});
    return () => {
      gone = true;
    };
  }, [wanted]);
  return members;
}
