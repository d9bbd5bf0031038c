import { useEffect } from "react";

/**
 * Whoever is signed out leaves no copies of dashboards in this browser, except of those with edits that the server lacks: they are
 * merged when the same person signs in again. Names are those of features/editor/local-copy.ts.
 */
export function useForgetCopies(): void {
  useEffect(() => {
    void forgetCopies().catch(() => {});
  }, []);
}

async function forgetCopies(): Promise<void> {
  if (typeof indexedDB === "undefined") return;
  for (const { name } of (await indexedDB.databases?.()) ?? [])
    if (name?.startsWith("jarvis360:") && localStorage.getItem(`unsaved ${name}`) === null)
      indexedDB.deleteDatabase(name);
}
