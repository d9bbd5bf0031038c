import { type ReactNode, useId } from "react";
import type { DateOrder, UploadQuestion } from "#contracts/uploads.ts";
import { Card } from "../../components/card.tsx";

const orderWords = {
  dmy: "Day first",
  mdy: "Month first",
  ymd: "Year first",
} as const satisfies Record<DateOrder, string>;

/** The questions that the file itself leaves open, each as a choice between readings of its own cells. */
export function QuestionFields({ questions }: { questions: readonly UploadQuestion[] }) {
  const date = questions.find((question) => question.code === "date_format");
  const comma = questions.find((question) => question.code === "decimal_comma");
  if (!date && !comma) return null;
  return (
    <Card title="How is it written?">
      <div className="grid gap-6 sm:grid-cols-2">
        {date ? (
          <Choice
            legend={`Dates in “${date.column}”, such as ${date.examples.slice(0, 2).join(" or ")}`}
            name="option:date_format"
            choices={date.choices.map((order) => ({
              value: order,
              label: orderWords[order],
              detail: date.examples[0] ? readAs(date.examples[0], order) : null,
            }))}
          />
        ) : null}
        {comma ? (
          <Choice
            legend={`Numbers in “${comma.column}”, such as ${comma.examples.slice(0, 2).join(" or ")}`}
            name="option:decimal_comma"
            choices={[
              { value: "false", label: "The comma parts thousands", detail: "1,234.56" },
              { value: "true", label: "The comma parts decimals", detail: "1.234,56" },
            ]}
          />
        ) : null}
      </div>
    </Card>
  );
}

/** Nothing is chosen beforehand: what a file leaves open is not to be guessed by not looking. */
function Choice({
  legend,
  name,
  choices,
}: {
  legend: ReactNode;
  name: string;
  choices: readonly { value: string; label: string; detail: string | null }[];
}) {
  const id = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 text-sm font-medium">{legend}</legend>
      {choices.map(({ value, label, detail }) => (
        <label
          key={value}
          htmlFor={`${id}-${value}`}
          className="flex items-center gap-3 rounded-lg border border-line-strong px-3 py-2 text-sm has-checked:border-accent has-checked:bg-accent-soft"
        >
          <input
            id={`${id}-${value}`}
            type="radio"
            name={name}
            value={value}
            required
            className="size-4 accent-accent-fill"
          />
          <span className="flex-1 font-medium">{label}</span>
          {detail ? <span className="tabular text-ink-2">{detail}</span> : null}
        </label>
      ))}
    </fieldset>
  );
}

const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** An example read in one order: 03/04/2024 day first → 3 Apr 2024. Null when it cannot be read so. */
export function readAs(example: string, order: DateOrder): string | null {
  const numbers = /^\s*(\d+)\D+(\d+)\D+(\d+)/.exec(example)?.slice(1).map(Number);
  if (!numbers) return null;
  const at = (part: string) => numbers[order.indexOf(part)] ?? 0;
  const month = monthNames[at("m") - 1];
  if (!month || at("d") < 1 || at("d") > 31) return null;
  const year = at("y");
  return `${at("d")} ${month} ${year < 100 ? 2000 + year : year}`;
}
