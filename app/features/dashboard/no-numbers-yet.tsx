import { FlaskConical } from "lucide-react";
import { EmptyState } from "../../components/empty-state.tsx";
import { useMe } from "../../lib/me.ts";
import { FirstSteps } from "../imports/first-steps.tsx";

/** Before the first import: what will be here, and how to get it. */
export function NoNumbersYet() {
  if (!useMe().organisation.is_demo) return <FirstSteps />;
  return (
    <div className="rounded-xl border border-line bg-surface py-10">
      <EmptyState icon={<FlaskConical />} title="The demo company is on its way">
        Three years of customers, subscriptions and payments are being made up. It takes a few seconds.
      </EmptyState>
    </div>
  );
}
