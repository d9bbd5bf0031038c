import { X } from "lucide-react";
import { filterKeyName, filterValueName } from "#charts/filter-words.ts";
import type { Condition } from "#metrics/segments.ts";
import { IconButton } from "../../components/button.tsx";
import { controlClass, SelectField } from "../../components/field.tsx";
import type { FilterOption } from "../dashboard/filter-options.ts";
import type { DraftRow } from "./expression-draft.ts";
import { opNames } from "./segment-words.ts";
import { ValuePicker } from "./value-picker.tsx";

const numberKeys: readonly string[] = ["size", "tenure"];
const opsOf = (key: string): Condition["op"][] =>
  numberKeys.includes(key) ? ["at_least", "at_most", "is", "is_not"] : ["is", "is_not"];
const isNumber = (op: Condition["op"]): boolean => op === "at_least" || op === "at_most";

/** One condition: what, how, which values. */
export function ConditionRow({
  row,
  options,
  currency,
  isMissing,
  autoFocus,
  onChange,
  onRemove,
}: {
  row: DraftRow;
  options: readonly FilterOption[];
  currency: string;
  /** Its values are asked for: the form was sent without them. */
  isMissing: boolean;
  autoFocus: boolean;
  onChange: (row: DraftRow) => void;
  onRemove: () => void;
}) {
  const option = options.find(({ key }) => key === row.key) ?? {
    key: row.key,
    label: filterKeyName(row.key),
    values: [],
  };
  const name = option.label;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would indent and border
    <div role="group" aria-label={`Condition: ${name}`} className="flex flex-wrap items-start gap-2">
      <SelectField
        label="What"
        hideLabel
        className="w-40 max-sm:flex-1"
        value={row.key}
        autoFocus={autoFocus}
        onChange={(event) => {
          const key = event.target.value as Condition["key"];
          onChange({ ...row, key, op: opsOf(key)[0] ?? "is", values: [] });
        }}
      >
        {(options.some(({ key }) => key === row.key) ? options : [option, ...options]).map(
          ({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ),
        )}
      </SelectField>
      <SelectField
        label="How"
        hideLabel
        className="w-32"
        value={row.op}
        onChange={(event) => {
          const op = event.target.value as Condition["op"];
          onChange({ ...row, op, values: isNumber(op) === isNumber(row.op) ? row.values : [] });
        }}
      >
        {opsOf(row.key).map((op) => (
          <option key={op} value={op}>
            {opNames[op]}
          </option>
        ))}
      </SelectField>
      <div className="min-w-36 flex-1 max-sm:order-last max-sm:basis-full">
        {isNumber(row.op) ? (
          <label className="flex items-center gap-2 text-sm text-ink-2">
            <span className="w-28">
              <input
                type="text"
                inputMode={row.key === "size" ? "decimal" : "numeric"}
                aria-label={row.key === "size" ? `MRR in ${currency}` : "Months"}
                aria-invalid={isMissing || undefined}
                value={row.values[0] ?? ""}
                onChange={(event) => onChange({ ...row, values: [event.target.value.trim()] })}
                className={controlClass("md", "tabular text-right")}
              />
            </span>
            {row.key === "size" ? `${currency} a month` : "months"}
          </label>
        ) : (
          <ValuePicker
            name={name}
            values={option.values}
            chosen={row.values}
            labelOf={(value) => filterValueName(row.key, value)}
            mayType={!numberKeys.includes(row.key)}
            isMissing={isMissing}
            onChange={(values) => onChange({ ...row, values })}
          />
        )}
        {isMissing ? (
          <p className="mt-1 text-xs font-medium text-negative">
            {isNumber(row.op) ? "Type a number, such as 12." : "Choose at least one value."}
          </p>
        ) : null}
      </div>
      <IconButton label={`Remove the condition on ${name}`} onClick={onRemove} className="mt-0.5">
        <X aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
