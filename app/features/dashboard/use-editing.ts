import { useSearchParams } from "@remix-run/react";
import { useCallback, useEffect, useState } from "react";
import { useCan } from "../../lib/me.ts";
import { approachAll } from "../widgets/approach.ts";
import { type LiveDashboard, useLiveDashboard } from "./use-live-dashboard.ts";

export interface Editing {
  live: LiveDashboard;
  mayEdit: boolean;
  /** Whether the editor is wanted; it shows when the document is there. */
  isEditing: boolean;
  start(): void;
  stop(): void;
}

/** Whether the dashboard is being shaped: by its button, by the key E, or by `?edit=1`. */
export function useEditing(id: string | null): Editing {
  const live = useLiveDashboard(id);
  const { open } = live;
  const mayEdit = useCan("dashboard.edit") && id !== null;
  const [search, setSearch] = useSearchParams();
  const [editing, setEditing] = useState<string | null>(null);
  const asked = search.get("edit") === "1";
  const start = useCallback(() => {
    approachAll();
    open();
    // beside the document, not after it
    void import("../editor/editor.tsx").catch(() => {});
    setEditing(id);
  }, [open, id]);
  const stop = useCallback(() => setEditing(null), []);

  useEffect(() => {
    if (!asked || !mayEdit) return;
    start();
    setSearch(
      (before) => {
        before.delete("edit");
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  }, [asked, mayEdit, start, setSearch]);

  useEffect(() => {
    if (!mayEdit) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "e" || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]"))
        return;
      if (editing === id) stop();
      else start();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [mayEdit, editing, id, start, stop]);

  return { live, mayEdit, isEditing: mayEdit && editing !== null && editing === id, start, stop };
}
