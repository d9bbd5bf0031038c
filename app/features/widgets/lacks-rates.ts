import type { PlacedWidget } from "#contracts/widgets.ts";

/** Whether a card's numbers have gaps because amounts are in a currency without an exchange rate. */
export function lacksRates({ state }: Pick<PlacedWidget, "state">): boolean {
  if (state.kind !== "ready") return false;
  const { view } = state;
  if (view.type === "kpi") return isGap(view.point) || view.points.some(isGap);
  if (view.type === "series") return view.lines.some(({ points }) => points.some(isGap));
  if (view.type === "movements") return view.points.some(isGap);
  if (view.type === "composition") return isGap(view);
  // whoever pays has an amount
  return view.type === "top_customers" && view.items.some(({ amount }) => amount === null);
}

const isGap = ({ reason }: { reason: string | null }): boolean => reason === "fx_rate_missing";
