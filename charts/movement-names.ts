import type { MovementPart } from "#contracts/widgets.ts";

export const movementNames: Record<MovementPart, string> = {
  new: "New",
  expansion: "Expansion",
  reactivation: "Reactivation",
  contraction: "Contraction",
  churn: "Churn",
  fx: "Exchange rates",
};
