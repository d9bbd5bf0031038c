import { stripe } from "./stripe/index.ts";

/** Every billing system that can be a source, by its kind (`sourceKinds` of contracts/sources.ts). */
export const connectors = { stripe };
