import { useState } from "react";
import { titleOr } from "../dashboards/dashboard-words.ts";
import type { Editing } from "./use-editing.ts";

const mostTitle = 200;

/** The title as the document has it; in the editor it is typed right here. */
export function DashboardTitle({ title, editing }: { title: string; editing: Editing }) {
  const { live, isEditing } = editing;
  const { session, state } = live;
  const [typed, setTyped] = useState<string | null>(null);
  const known = state?.isReady ? state.title : title;
  if (!isEditing || !session || !state?.isReady) return <>{titleOr(known)}</>;
  return (
    <input
      aria-label="Title of the dashboard"
      maxLength={mostTitle}
      value={typed ?? known}
      placeholder="Untitled dashboard"
      onChange={({ target }) => {
        setTyped(target.value);
        session.rename(target.value);
      }}
      onBlur={() => setTyped(null)}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
      className="w-full max-w-md min-w-48 rounded-md border border-line-control bg-surface px-2 py-0.5 field-sizing-content"
    />
  );
}
