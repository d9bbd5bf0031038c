import { startTransition, useCallback, useEffect, useState } from "react";
import { useCan, useMe } from "../../lib/me.ts";
import type { DashboardSession, SessionState } from "../editor/session.ts";
import { approachAll, isAnyAsleep } from "../widgets/approach.ts";

export interface LiveDashboard {
  /** Null until somebody showed a sign of life, and where it cannot be opened. */
  session: DashboardSession | null;
  state: SessionState | null;
  /** Opens it now, without waiting for a sign of life. */
  open(): void;
}

/** Who only looks needs no connection; with the first sign of life, or after a while, it is made. */
const signs = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"] as const;
const waitMs = 4_000;

/** The dashboard's document, opened by and by: its code and its connection are no part of the first load. */
export function useLiveDashboard(id: string | null): LiveDashboard {
  const [wanted, setWanted] = useState(false);
  const [opened, setOpened] = useState<{ id: string; session: DashboardSession } | null>(null);
  // what ended for a reason that is over is opened again
  const [round, setRound] = useState(0);
  const mayEdit = useCan("dashboard.edit");
  const { user, organisation } = useMe();
  const open = useCallback(() => startTransition(() => setWanted(true)), []);

  useEffect(() => {
    if (wanted) return;
    const timer = setTimeout(open, waitMs);
    for (const sign of signs) window.addEventListener(sign, open, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      for (const sign of signs) window.removeEventListener(sign, open, { capture: true });
    };
  }, [wanted, open]);

  useEffect(() => {
    if (!wanted || id === null) return;
    let isOver = false;
    let session: DashboardSession | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const start = async (attempt: number): Promise<void> => {
      try {
        const { openDashboard } = await import("../editor/open-dashboard.ts");
        const made = await openDashboard({
          ...{ id, mayEdit, orgId: organisation.id },
          user: { id: user.id, name: user.name || user.email },
        });
        if (isOver) return made.close();
        session = made;
        approachAll();
        startTransition(() => setOpened({ id, session: made }));
      } catch {
        // without the server the page stays as it came
        if (!isOver)
          retry = setTimeout(() => void start(attempt + 1), Math.min(30_000, 1_000 * 2 ** attempt));
      }
    };
    void start(round);
    return () => {
      isOver = true;
      clearTimeout(retry);
      session?.close();
      startTransition(() => setOpened(null));
    };
  }, [wanted, id, mayEdit, organisation.id, user.id, user.name, user.email, round]);

  const session = opened && opened.id === id ? opened.session : null;
  const [state, setState] = useState<SessionState | null>(null);
  useEffect(() => {
    if (!session) return setState(null);
    const take = () => {
      const now = session.state();
      if (!isAnyAsleep()) return setState(now);
      approachAll();
      startTransition(() => setState(now));
    };
    take();
    return session.subscribe(take);
  }, [session]);
  const ended = state?.ended ?? null;
  useEffect(() => {
    // the whole page depends on what one may do
    if (ended === "rights") window.location.reload();
    if (ended !== "outdated" && ended !== "refused") return;
    // further and further apart, should it end the same way again
    const timer = setTimeout(() => setRound((last) => last + 1), Math.min(30_000, 500 * 2 ** round));
    return () => clearTimeout(timer);
  }, [ended, round]);
  return { session, state, open };
}
