import { cx } from "./class-names.ts";

const grounds = [
  "bg-[#be185d]",
  "bg-[#c2410c]",
  "bg-[#0369a1]",
  "bg-[#6d28d9]",
  "bg-[#15803d]",
  "bg-[#0f766e]",
  "bg-[#a16207]",
  "bg-[#475569]",
] as const;

const groundOf = (key: string): string => {
  let sum = 0;
  for (const char of key) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return grounds[sum % grounds.length] ?? grounds[0];
};

/** At most two letters. */
export const initialsOf = (name: string): string => {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return `${[...(words[0] ?? "?")][0] ?? "?"}${[...(words[1] ?? "")][0] ?? ""}`.toUpperCase();
};

/** Somebody's initials on a colour of their own. Decorative: the name stands beside it. */
export const Avatar = ({ name, id, size = "md" }: { name: string; id: string; size?: "sm" | "md" }) => (
  <span
    aria-hidden="true"
    className={cx(
      "inline-grid shrink-0 place-items-center rounded-full font-semibold text-white select-none",
      size === "sm" ? "size-6 text-[0.625rem]" : "size-8 text-xs",
      groundOf(id),
    )}
  >
    {initialsOf(name)}
  </span>
);
