import { type ReactNode, Suspense, useEffect, useState } from "react";
import { lazyPart, SayMissingOver } from "../../components/lazy-part.tsx";
import { PhoneBar } from "./phone-bar.tsx";
import { Rail } from "./rail.tsx";

const CommandPalette = lazyPart(() => import("./command-palette.tsx"), SayMissingOver);

/** The signed-in frame: rail, page, phone bar, and the command palette on Ctrl/Cmd-K. */
export function Shell({ children }: { children: ReactNode }) {
  const [palette, setPalette] = useState<"never" | "open" | "closed">("never");

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== "k" ||
        !(event.ctrlKey || event.metaKey) ||
        event.shiftKey ||
        event.altKey
      )
        return;
      event.preventDefault();
      setPalette((now) => (now === "open" ? "closed" : "open"));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className="flex">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-lg bg-ink px-3 py-2 text-sm font-medium text-on-ink focus-visible:translate-y-0"
      >
        Skip to content
      </a>
      <Rail onSearch={() => setPalette("open")} />
      <main id="content" tabIndex={-1} className="min-w-0 flex-1 pb-20 outline-none lg:pb-8">
        {children}
      </main>
      <PhoneBar />
      {palette === "never" ? null : (
        <Suspense fallback={null}>
          <CommandPalette open={palette === "open"} onClose={() => setPalette("closed")} />
        </Suspense>
      )}
    </div>
  );
}
