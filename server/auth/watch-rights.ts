import type { BusPayload } from "#db/bus.ts";
import type { Database } from "#db/database.ts";
import type { Logger } from "#root/log.ts";
import type { Principal } from "../trpc.ts";
import { createTurns } from "../turns.ts";
import { findPrincipalAgain } from "./principal.ts";

/** Tells those who hold a connection open when whoever they speak for may do something else by now, or nothing any more. */
export interface RightsWatch {
  /**
   * `onChange` hears of another organisation or role, and null when the session or token has ended or lost its
   * organisation. It may come again. @returns ends the watch
   */
  watch(principal: Principal, onChange: (now: Principal | null) => void): () => void;
  close(): void;
}

type Scope = BusPayload<"authz">;

interface Holder {
  principal: Principal;
  onChange: (now: Principal | null) => void;
}

/** For messages that were lost. */
const recheckMs = 60_000;
/** What was announced while a connection was on its way from the look at its rights to here. */
const rememberedMs = 10_000;

/** One per server. It looks at once when rights are announced to have changed, and at all of them every minute. */
export function createRightsWatch({ db, log }: { db: Database; log: Logger }): RightsWatch {
  /** By session or token: however many connections it has, it is looked up once. */
  const held = new Map<string, Set<Holder>>();
  const turns = createTurns({ atOnce: 4, waiting: 100_000, waitMs: 600_000 });
  const remembered: { scope: Scope; at: number }[] = [];

  async function look(key: string): Promise<void> {
    const [any] = held.get(key) ?? [];
    if (!any) return;
    const now = await findPrincipalAgain(db, any.principal);
    for (const holder of [...(held.get(key) ?? [])]) {
      const { org } = holder.principal;
      if (now?.org && now.org.id === org?.id && now.org.role === org.role) continue;
      if (now) holder.principal = now;
      holder.onChange(now?.org ? now : null);
    }
  }

  function lookSoon(key: string): void {
    turns
      .run("all", () => look(key))
      .catch((error: unknown) => log.warn({ err: error }, "rights could not be looked at again"));
  }

  const lookAtAll = () => {
    for (const key of held.keys()) lookSoon(key);
  };
  const endings = [
    db.bus.subscribe("authz", (scope) => {
      const at = performance.now();
      while (remembered[0] && remembered[0].at < at - rememberedMs) remembered.shift();
      remembered.push({ scope, at });
      for (const [key, holders] of held)
        if ([...holders].some(({ principal }) => concerns(scope, principal))) lookSoon(key);
    }),
    db.bus.onGap(lookAtAll),
  ];
  const timer = setInterval(lookAtAll, recheckMs);
  timer.unref();

  return {
    watch(principal, onChange) {
      const key = principal.sessionId ?? principal.apiTokenId ?? principal.userId;
      const holder = { principal, onChange };
      const holders = held.get(key) ?? new Set();
      held.set(key, holders);
      holders.add(holder);
      const since = performance.now() - rememberedMs;
      if (remembered.some(({ scope, at }) => at >= since && concerns(scope, principal))) lookSoon(key);
      return () => {
        holders.delete(holder);
        if (holders.size === 0 && held.get(key) === holders) held.delete(key);
      };
    },
    close() {
      clearInterval(timer);
      for (const end of endings) end();
      held.clear();
    },
  };
}

const concerns = ({ userId, orgId }: Scope, principal: Principal): boolean =>
  (userId === null || userId === principal.userId) && (orgId === null || orgId === principal.org?.id);
