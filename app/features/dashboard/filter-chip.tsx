import type { ReactNode } from "react";
import { buttonClass } from "../../components/button.tsx";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";

const chip =
  "flex h-8 items-center gap-1.5 rounded-lg border border-line bg-surface px-3 text-sm whitespace-nowrap text-ink-2 hover:bg-hover [[open]>&]:bg-hover [[open]>&]:border-line-strong";

/** One line of a list of choices. */
export const choiceClass =
  "flex h-8 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 text-sm hover:bg-hover";

/** Controlled inputs want a handler; the form's own does the work. */
export const ignore = () => {};

/** A chip that opens a list of choices; without scripts the list has a button that applies them. */
export const FilterChip = ({
  summary,
  dashed,
  panelClass,
  children,
}: {
  summary: ReactNode;
  dashed?: boolean;
  panelClass?: string;
  children: ReactNode;
}) => (
  <DisclosureMenu
    summaryClass={cx(chip, dashed && "border-dashed")}
    panelClass={cx(
      "left-0 top-9 max-h-96 overflow-auto max-sm:fixed max-sm:inset-x-4 max-sm:top-auto max-sm:mt-1 max-sm:w-auto",
      panelClass ?? "w-64",
    )}
    summary={summary}
  >
    {children}
    <noscript>
      <button type="submit" className={buttonClass("primary", "sm", "mt-1 w-full")}>
        Apply
      </button>
    </noscript>
  </DisclosureMenu>
);

export const ChipText = ({ name, value }: { name: string; value: string }) => (
  <>
    {name} <span className="max-w-40 truncate font-medium text-ink">{value}</span>
  </>
);

/** Exactly one of some values. */
export const RadioList = <Value extends string>({
  name,
  label,
  choices,
  chosen,
  children,
}: {
  name: string;
  label: string;
  choices: readonly (readonly [value: Value, label: string])[];
  chosen: string;
  children?: ReactNode;
}) => (
  <fieldset>
    <legend className="sr-only">{label}</legend>
    {choices.map(([value, text]) => (
      <label key={value} className={choiceClass}>
        <input
          type="radio"
          name={name}
          value={value}
          checked={value === chosen}
          onChange={ignore}
          className="accent-accent-fill"
        />
        {text}
      </label>
    ))}
    {children}
  </fieldset>
);
