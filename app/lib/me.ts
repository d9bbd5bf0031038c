import { useRouteLoaderData } from "@remix-run/react";
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

/** The loader data of the shell; throws outside of it. */
export function useMe(): SignedIn {
  const loaded = useRouteLoaderData<{ me: SignedIn }>("routes/_app");
  if (!loaded) throw new Error("useMe works only below the signed-in shell");
  return loaded.me;
}

/** Whether the reader may do this in the organisation in view. */
export const useCan = (action: Action): boolean => useMe().can[action] === true;
