import { Form, Link, useSubmit } from "@remix-run/react";
import { formatPeriod } from "#charts/format-dates.ts";
import { Button } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import { isReason, reasonLabels } from "./reason-words.ts";

/** What of the comparison is listed; in the address, so that a view can be sent to somebody. */
export interface DifferenceChoice {
  month: string | null;
  reason: keyof typeof reasonLabels | null;
  all: boolean;
}

const monthText = /^\d{4}-(0[1-9]|1[0-2])$/;

export function parseChoice(search: URLSearchParams): DifferenceChoice {
  const [month, reason] = [search.get("month") ?? "", search.get("reason") ?? ""];
  return {
    month: monthText.test(month) ? month : null,
    reason: isReason(reason) && reason !== "equal" ? reason : null,
    all: search.get("show") === "all",
  };
}

export const printChoice = ({ month, reason, all }: DifferenceChoice): Record<string, string> => ({
  ...(month ? { month } : {}),
  ...(reason ? { reason } : {}),
  ...(all ? { show: "all" } : {}),
});

/** By month and by reason; without scripts by its button. */
export function DifferenceFilter({
  choice,
  months,
}: {
  choice: DifferenceChoice;
  months: readonly string[];
}) {
  const submit = useSubmit();
  const filtered = choice.month !== null || choice.reason !== null || choice.all;
  return (
    <Form
      method="get"
      className="flex flex-wrap items-center gap-2"
      onChange={(event) => submit(event.currentTarget, { preventScrollReset: true, replace: true })}
    >
      <SelectField
        key={`m${choice.month}`}
        name="month"
        defaultValue={choice.month ?? ""}
        label="Month"
        hideLabel
      >
        <option value="">Every month</option>
        {months.map((month) => (
          <option key={month} value={month}>
            {formatPeriod(month, "long")}
          </option>
        ))}
      </SelectField>
      <SelectField
        key={`r${choice.reason}`}
        name="reason"
        defaultValue={choice.reason ?? ""}
        label="Reason"
        hideLabel
      >
        <option value="">Every reason</option>
        {Object.entries(reasonLabels)
          .filter(([reason]) => reason !== "equal")
          .map(([reason, label]) => (
            <option key={reason} value={reason}>
              {label}
            </option>
          ))}
      </SelectField>
      <label className="flex items-center gap-2 text-sm">
        <input
          key={String(choice.all)}
          type="checkbox"
          name="show"
          value="all"
          defaultChecked={choice.all}
          className="size-4 accent-accent-fill"
        />
        Equal ones too
      </label>
      <noscript>
        <Button type="submit">Show</Button>
      </noscript>
      {filtered ? (
        <Link to="?" preventScrollReset className="link text-sm">
          Show every difference
        </Link>
      ) : null}
    </Form>
  );
}
