import { ChevronsUpDown } from "lucide-react";
import { useRef, useState } from "react";
import { formatCount } from "#charts/format.ts";
import { Button } from "../../components/button.tsx";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { controlClass } from "../../components/field.tsx";
import { choiceClass } from "../dashboard/filter-chip.tsx";
import type { FilterOption } from "../dashboard/filter-options.ts";

/** Any of the known values, of what was typed, or "not set". */
export function ValuePicker({
  name,
  values,
  chosen,
  labelOf,
  mayType,
  isMissing,
  onChange,
}: {
  name: string;
  values: FilterOption["values"];
  chosen: readonly string[];
  labelOf: (value: string) => string;
  /** Others than those that are known. */
  mayType: boolean;
  isMissing: boolean;
  onChange: (values: string[]) => void;
}) {
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const known = values.map(({ value }) => value);
  const listed = [
    ...values,
    ...[...chosen.filter((value) => value !== "" && !known.includes(value)), ""].map((value) => ({
      value,
      label: labelOf(value),
      customers: null,
    })),
  ];
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  const add = () => {
    const value = typed.trim();
    if (value && !chosen.includes(value)) onChange([...chosen, value]);
    setTyped("");
    field.current?.focus();
  };
  return (
    <DisclosureMenu
      className="max-w-sm"
      summaryClass={controlClass(
        "md",
        cx("flex cursor-pointer items-center gap-2", isMissing && "border-negative"),
      )}
      panelClass="left-0 top-10 w-full max-h-72 overflow-auto"
      summary={
        <>
          <span className="sr-only">{name}: </span>
          <span className={cx("min-w-0 flex-1 truncate", chosen.length === 0 && "text-ink-3")}>
            {chosen.length === 0 ? "Choose values" : chosen.map(labelOf).join(", ")}
          </span>
          <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-ink-3" />
        </>
      }
    >
      <fieldset>
        <legend className="sr-only">{name}</legend>
        {listed.map(({ value, label, customers }) => (
          <label key={value} className={choiceClass}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={() => toggle(value)}
              className="accent-accent-fill"
            />
            <span className={cx("min-w-0 flex-1 truncate", value === "" && "text-ink-2 italic")}>
              {label}
            </span>
            {customers === null ? null : (
              <span className="tabular text-xs text-ink-3">{formatCount(customers)}</span>
            )}
          </label>
        ))}
      </fieldset>
      {mayType ? (
        <div className="mt-1 flex gap-2 border-t border-line px-1 pt-2 pb-1">
          <input
            ref={field}
            type="text"
            value={typed}
            maxLength={2_000}
            aria-label={`Another value of ${name}`}
            placeholder="Another value"
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              // the form around it would be sent
              event.preventDefault();
              add();
            }}
            className={controlClass("sm")}
          />
          <Button size="sm" onClick={add}>
            Add
          </Button>
        </div>
      ) : null}
    </DisclosureMenu>
  );
}
