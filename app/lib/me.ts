import { createContext, useContext } from "react";
import type { Me } from "#contracts/accounts.ts";
import type { Action } from "#contracts/permissions.ts";

/** How far the data of the demo in view is. */
export interface DemoProgress {
  customers: number;
  ready: boolean;
}

/** Somebody signed in with an organisation in view: what every page of the shell may rely on. */
export interface SignedIn {
  user: NonNullable<Me["user"]>;
  organisation: NonNullable<Me["organisation"]>;
  organisations: Me["organisations"];
  can: Partial<Record<Action, boolean>>;
  mail_is_sent: boolean;
  /** Null outside of a demo. */
  demo: DemoProgress | null;
  /** How many threads wait in the inbox, when the page came: `useInboxCount` knows later ones. */
  inbox: number;
}

/**
 * The shell's own loader data. A context of its own: Remix's changes with every step of every request, and would draw the frame and
 * each card's menu anew whenever a number moves.
 */
export const MeContext = createContext<SignedIn | null>(null);

/** Who is signed in; throws outside of the shell. */
export function useMe(): SignedIn {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe works only below the signed-in shell");
  return me;
}

/** Whether the reader may do this in the organisation in view. */
export const useCan = (action: Action): boolean => useMe().can[action] === true;
