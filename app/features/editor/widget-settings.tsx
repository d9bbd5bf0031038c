import { everyone, mostCompared, toggleCompared } from "#collab/widgets/compared-segments.ts";
import type { WidgetType } from "#contracts/widgets.ts";
import { metricDefinitions } from "#metrics/definitions.ts";
import { metricNames } from "#metrics/metric-names.ts";
import { SelectField, TextField } from "../../components/field.tsx";
import { choiceClass } from "../dashboard/filter-chip.tsx";
import { type FilterOption, withChosen } from "../dashboard/filter-options.ts";

interface SettingsProps {
  cfg: Readonly<Record<string, unknown>>;
  options: readonly FilterOption[];
  /** Undefined takes a setting away. */
  onChange: (cfg: Record<string, unknown>) => void;
}

/** What can be set of a widget type, in the reader's words. Settings that cannot be read count as not given. */
export function WidgetSettings({ type, ...props }: SettingsProps & { type: WidgetType }) {
  switch (type) {
    case "kpi":
      return (
        <>
          <Choice {...props} name="metric" label="Metric" fallback="mrr" choices={metricChoices} />
          <Grain {...props} />
          <OwnFilters {...props} />
        </>
      );
    case "series":
      return (
        <>
          <Metrics {...props} />
          <Grain {...props} />
          <Compared {...props} />
          <OwnFilters {...props} />
        </>
      );
    case "movements":
      return (
        <>
          <Grain {...props} />
          <OwnFilters {...props} />
        </>
      );
    case "composition":
      return (
        <>
          <Choice {...props} name="by" label="By" fallback="plan" choices={dimensions(props.options)} />
          <Measure {...props} />
          <OwnFilters {...props} />
        </>
      );
    case "top_customers":
      return (
        <>
          <Limit {...props} />
          <Measure {...props} />
          <OwnFilters {...props} />
        </>
      );
    case "cohort_heatmap":
    case "retention_table":
      return (
        <>
          <Choice {...props} name="measure" label="Shows" fallback="customers" choices={cohortMeasures} />
          <Choice {...props} name="basis" label="Cohorts by" fallback="" choices={cohortBases} />
          <Grain {...props} />
          <OwnFilters {...props} />
        </>
      );
  }
}

type Choices = readonly (readonly [value: string, label: string])[];

const metricChoices: Choices = metricNames.map((name) => [name, metricDefinitions[name].label]);
const grainChoices: Choices = [
  ["", "As the page"],
  ["day", "Day"],
  ["week", "Week"],
  ["month", "Month"],
  ["quarter", "Quarter"],
  ["year", "Year"],
];
const cohortMeasures: Choices = [
  ["customers", "Customers still there"],
  ["mrr_net", "Revenue, growth included"],
  ["mrr_gross", "Revenue, growth left out"],
];
const cohortBases: Choices = [
  ["", "The organisation's usual"],
  ["first_payment", "First payment"],
  ["signup", "Sign-up"],
  ["first_activity", "First activity"],
];

const dimensions = (options: readonly FilterOption[]): Choices => [
  ["plan", "Plan"],
  ["country", "Country"],
  ["currency", "Currency"],
  ["interval", "Billing interval"],
  ["size", "Size"],
  ["source", "Source"],
  ...options
    .filter(({ key }) => key.startsWith("attr."))
    .map(({ key, label }): [string, string] => [key, label]),
];

/** One of some values; the empty one takes the setting away. */
function Choice({
  cfg,
  onChange,
  name,
  label,
  fallback,
  choices,
}: SettingsProps & { name: string; label: string; fallback: string; choices: Choices }) {
  const value = cfg[name];
  const known = typeof value === "string" ? value : fallback;
  return (
    <SelectField
      label={label}
      value={known}
      onChange={({ target }) => onChange({ [name]: target.value === "" ? undefined : target.value })}
    >
      {choices.some(([one]) => one === known) ? null : <option value={known}>{known}</option>}
      {choices.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </SelectField>
  );
}

const Grain = (props: SettingsProps) => (
  <Choice {...props} name="grain" label="Grain" fallback="" choices={grainChoices} />
);
const Measure = (props: SettingsProps) => (
  <Choice
    {...props}
    name="measure"
    label="In"
    fallback="arr"
    choices={[
      ["arr", "ARR"],
      ["mrr", "MRR"],
    ]}
  />
);

function Limit({ cfg, onChange }: SettingsProps) {
  const limit = typeof cfg.limit === "number" ? cfg.limit : 10;
  return (
    <TextField
      label="How many"
      type="number"
      min={1}
      max={100}
      defaultValue={limit}
      key={limit}
      onBlur={({ target }) => {
        const wanted = Math.round(Number(target.value));
        if (wanted >= 1 && wanted <= 100 && wanted !== limit) onChange({ limit: wanted });
      }}
    />
  );
}

const mostMetrics = 6;

/** Up to six, in the order in which they were chosen; the last one cannot be taken off. */
function Metrics({ cfg, onChange }: SettingsProps) {
  const chosen = Array.isArray(cfg.metrics)
    ? cfg.metrics.filter((one): one is string => typeof one === "string")
    : ["mrr", "arr"];
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1.5 text-sm font-medium">Metrics</legend>
      <div className="max-h-48 overflow-y-auto rounded-lg border border-line p-1">
        {metricChoices.map(([name, label]) => {
          const isOn = chosen.includes(name);
          return (
            <label key={name} className={choiceClass}>
              <input
                type="checkbox"
                checked={isOn}
                disabled={isOn ? chosen.length === 1 : chosen.length >= mostMetrics}
                onChange={() =>
                  onChange({ metrics: isOn ? chosen.filter((one) => one !== name) : [...chosen, name] })
                }
                className="accent-accent-fill"
              />
              {label}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** Segments side by side in this chart, whatever the page compares. */
function Compared({ cfg, options, onChange }: SettingsProps) {
  const chosen = Array.isArray(cfg.compare)
    ? cfg.compare.filter((one): one is string => typeof one === "string")
    : [];
  const segments = options.find(({ key }) => key === "segment");
  const known = segments ? withChosen(segments, { segment: chosen.filter((id) => id !== everyone) }) : [];
  if (known.length === 0) return null;
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1.5 text-sm font-medium">Side by side</legend>
      <div className="max-h-48 overflow-y-auto rounded-lg border border-line p-1">
        {[{ value: everyone, label: "Everyone" }, ...known].map(({ value, label }) => (
          <label key={value} className={choiceClass}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              disabled={chosen.length >= mostCompared && !chosen.includes(value)}
              onChange={() => onChange({ compare: toggleCompared(chosen, value) })}
              className="accent-accent-fill"
            />
            <span className="min-w-0 truncate">{label}</span>
          </label>
        ))}
      </div>
      <p className="text-xs text-ink-3">
        {chosen.length === 0 ? "None chosen: what the page compares." : `Up to ${mostCompared}.`}
      </p>
    </fieldset>
  );
}

/** What narrows this widget alone, beside the page's filters. */
function OwnFilters({ cfg, options, onChange }: SettingsProps) {
  const filters = readOwn(cfg.filters);
  const set = (key: string, values: string[]) => {
    const { [key]: _before, ...others } = filters;
    const next = values.length > 0 ? { ...others, [key]: values } : others;
    onChange({ filters: Object.keys(next).length > 0 ? next : undefined });
  };
  const usable = options.filter((option) => withChosen(option, filters).length > 0);
  if (usable.length === 0) return null;
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1.5 text-sm font-medium">Only</legend>
      {usable.map((option) => {
        const chosen = filters[option.key] ?? [];
        return (
          <details key={option.key} className="rounded-lg border border-line">
            <summary className={`${choiceClass} justify-between`}>
              <span className="truncate">{option.label}</span>
              <span className="text-xs text-ink-3">
                {chosen.length === 0 ? "all" : `${chosen.length} chosen`}
              </span>
            </summary>
            <div className="max-h-48 overflow-y-auto p-1">
              {withChosen(option, filters).map(({ value, label }) => (
                <label key={value} className={choiceClass}>
                  <input
                    type="checkbox"
                    checked={chosen.includes(value)}
                    onChange={() =>
                      set(
                        option.key,
                        chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value],
                      )
                    }
                    className="accent-accent-fill"
                  />
                  <span className="min-w-0 truncate">{label}</span>
                </label>
              ))}
            </div>
          </details>
        );
      })}
    </fieldset>
  );
}

function readOwn(value: unknown): Record<string, string[]> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, values]: [string, unknown]) =>
      Array.isArray(values) ? [[key, values.filter((one): one is string => typeof one === "string")]] : [],
    ),
  );
}
