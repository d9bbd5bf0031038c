import { Link, useLocation } from "@remix-run/react";
import { cx } from "../../components/class-names.ts";

/** A row of alternatives, each a link: the address holds the choice. */
export function ChoiceSwitch({
  label,
  name,
  choices,
  chosen,
}: {
  label: string;
  /** The field of the address. */
  name: string;
  choices: readonly { value: string; label: string; isDefault?: boolean }[];
  chosen: string;
}) {
  const { search } = useLocation();
  const to = (value: string, isDefault: boolean | undefined) => {
    const next = new URLSearchParams(search);
    if (isDefault) next.delete(name);
    else next.set(name, value);
    return { search: next.size > 0 ? `?${next}` : "" };
  };
  return (
    <nav aria-label={label} className="flex gap-0.5 rounded-lg bg-sunken p-0.5">
      {choices.map(({ value, label: text, isDefault }) => (
        <Link
          key={value}
          to={to(value, isDefault)}
          preventScrollReset
          aria-current={value === chosen ? "true" : undefined}
          className={cx(
            "flex h-7 items-center rounded-md px-2.5 text-sm font-medium whitespace-nowrap",
            value === chosen ? "bg-surface text-ink ring-1 ring-line" : "text-ink-2 hover:text-ink",
          )}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
