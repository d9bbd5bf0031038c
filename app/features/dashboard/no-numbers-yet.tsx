import { FlaskConical } from "lucide-react";
import { lazy, Suspense } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { useMe } from "../../lib/me.ts";

// only an organisation without data needs it, once
const FirstSteps = lazy(() =>
  import("../imports/first-steps.tsx").then((module) => ({ default: module.FirstSteps })),
);

/** Before the first import: what will be here, and how to get it. */
export function NoNumbersYet() {
  if (!useMe().organisation.is_demo)
    return (
      <Suspense fallback={<div className="min-h-dvh" />}>
        <FirstSteps />
      </Suspense>
    );
  return (
    <div className="rounded-xl border border-line bg-surface py-10">
      <EmptyState icon={<FlaskConical />} title="The demo company is on its way">
        Three years of customers, subscriptions and payments are being made up. It takes a few seconds.
      </EmptyState>
    </div>
  );
}
