import { FlaskConical, LayoutDashboard } from "lucide-react";
import { Suspense } from "react";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { lazyPart, SayMissing } from "../../components/lazy-part.tsx";
import { useMe } from "../../lib/me.ts";
import type { Arriving } from "../imports/list-arriving.server.ts";

// only an organisation without data needs it, once
const FirstSteps = lazyPart(
  () => import("../imports/first-steps.tsx").then((module) => ({ default: module.FirstSteps })),
  SayMissing,
);

/** Before the first import: what will be here, and how to get it. `onShape`: opens the editor, where one may. */
export function NoNumbersYet({
  arriving,
  onShape = null,
}: {
  arriving: Arriving | null;
  onShape?: (() => void) | null;
}) {
  if (!useMe().organisation.is_demo)
    return (
      <>
        {/* alone in its boundary: while its code is on its way React would take a neighbour's markup for another's */}
        <Suspense fallback={<div className="min-h-dvh" />}>
          <FirstSteps arriving={arriving} />
        </Suspense>
        {onShape ? (
          <p className="needs-scripts flex flex-wrap items-center justify-center gap-x-3 gap-y-2 border-t border-line pt-6 text-sm text-ink-2">
            The dashboard can be shaped before its numbers come.
            <Button onClick={onShape} icon={<LayoutDashboard aria-hidden="true" className="size-4" />}>
              Shape the dashboard
            </Button>
          </p>
        ) : null}
      </>
    );
  return (
    <div className="rounded-xl border border-line bg-surface py-10">
      <EmptyState icon={<FlaskConical />} title="The demo company is on its way">
        Three years of customers, subscriptions and payments are being made up. It takes a few seconds.
      </EmptyState>
    </div>
  );
}
