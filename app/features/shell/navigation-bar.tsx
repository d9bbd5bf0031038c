import { useNavigation } from "@remix-run/react";

/** A hairline at the top while the next page is on its way; it waits a moment, so quick navigation shows nothing. */
export function NavigationBar() {
  const busy = useNavigation().state !== "idle";
  return (
    <div
      aria-hidden="true"
      className={`pointer-events-none fixed inset-x-0 top-0 z-50 h-0.5 overflow-hidden transition-opacity duration-150 ${
        busy ? "opacity-100 delay-200" : "opacity-0"
      }`}
    >
      <div className={`h-full w-2/5 bg-accent-fill ${busy ? "animate-sweep" : ""}`} />
    </div>
  );
}
