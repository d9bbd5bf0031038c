import type { Policy } from "#metrics/policy.ts";

/** How a fact's note tells of a discount, and what the policy in force makes of it. */

const lasting = { forever: "forever", repeating: "for some months", once: "once" } as const;
export type DiscountDuration = keyof typeof lasting;

/** '− 10 % (WELCOME, once)'. @param size '10 %', '5 USD' */
export const discountNote = (size: string, name: string, duration: DiscountDuration): string =>
  `− ${size} (${name}, ${lasting[duration]})`;

const counted: Record<Policy["discounts"], readonly DiscountDuration[]> = {
  none: [],
  forever_only: ["forever"],
  recurring: ["forever", "repeating"],
  all: ["forever", "repeating", "once"],
};
const told = /− (.+?) \((.*?), (forever|for some months|once)\)(?=, |$)/g;

/** A note that says of the discounts which the policy leaves out that they do not count: '− 10 % (WELCOME, once: not counted)'. */
export function noteUnder(note: string | null, { discounts }: Pick<Policy, "discounts">): string | null {
  if (note === null) return null;
  const words = counted[discounts].map((duration) => lasting[duration]);
  return note.replace(told, (whole: string, size: string, name: string, lasts: (typeof words)[number]) =>
    words.includes(lasts) ? whole : `− ${size} (${name}, ${lasts}: not counted)`,
  );
}
