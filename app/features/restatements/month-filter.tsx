import { Form, Link, useSubmit } from "@remix-run/react";
import { formatPeriod } from "#charts/format-dates.ts";
import { Button } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";

/** Narrows the log to one month; without scripts by its button. */
export function MonthFilter({ months, month }: { months: readonly string[]; month: string | null }) {
  const submit = useSubmit();
  return (
    <Form
      method="get"
      className="flex flex-wrap items-center gap-2"
      onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}
    >
      <SelectField key={month} name="month" defaultValue={month ?? ""} label="Month that moved" hideLabel>
        <option value="">Every month</option>
        {month && !months.includes(month) ? (
          <option value={month}>{formatPeriod(month, "long")}</option>
        ) : null}
        {months.map((one) => (
          <option key={one} value={one}>
            {formatPeriod(one, "long")}
          </option>
        ))}
      </SelectField>
      <noscript>
        <Button type="submit">Show</Button>
      </noscript>
      {month ? (
        <Link to="/restatements" className="link text-sm">
          Show every month
        </Link>
      ) : null}
    </Form>
  );
}
