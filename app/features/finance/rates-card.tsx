import { Link } from "@remix-run/react";
import { Banknote } from "lucide-react";
import { formatDay } from "#charts/format-dates.ts";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { TextField } from "../../components/field.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { SourceLink } from "../customers/source-link.tsx";
import { AmountField, CurrencyField } from "./money-fields.tsx";
import { RowDialog } from "./row-dialog.tsx";

interface Rate {
  id: string;
  date: string;
  from: string;
  to: string;
  rate: string;
  upload_id: string | null;
  line: number | null;
}

/** Exchange rates by day: uploaded ones can be looked at, those by hand changed. */
export const RatesCard = ({
  rates,
  more,
  currency,
  mayEdit,
}: {
  rates: readonly Rate[];
  more: boolean;
  currency: string;
  mayEdit: boolean;
}) => (
  <Card
    id="rates"
    title="Exchange rates"
    subtitle={`into and out of ${currency}`}
    flush
    actions={mayEdit ? <AddRate currency={currency} /> : null}
  >
    {rates.length === 0 ? (
      <EmptyState icon={<Banknote />} title="No rates yet">
        Amounts in another currency count at the rate of their day, and are unknown without one. Add a rate
        here, or{" "}
        <Link className="link" to="/sources#upload">
          upload a CSV
        </Link>{" "}
        with the columns date, from, to, rate.
      </EmptyState>
    ) : (
      <>
        <Table label="Exchange rates" className="max-h-96 overflow-y-auto">
          <thead>
            <tr>
              <Th>From this day on</Th>
              <Th>Currencies</Th>
              <Th numeric>Rate</Th>
              <Th>Source</Th>
              {mayEdit ? (
                <Th>
                  <span className="sr-only">Change</span>
                </Th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {rates.map((rate) => (
              <tr key={rate.id}>
                <Td className="tabular whitespace-nowrap">{formatDay(rate.date)}</Td>
                <Td className="whitespace-nowrap text-ink-2">
                  1 {rate.from} in {rate.to}
                </Td>
                <Td numeric className="font-medium">
                  {rate.rate}
                </Td>
                <Td>
                  {rate.upload_id ? (
                    <SourceLink source={{ kind: "upload", upload_id: rate.upload_id, line: rate.line }} />
                  ) : (
                    <span className="text-ink-3">By hand</span>
                  )}
                </Td>
                {mayEdit ? <Td numeric>{rate.upload_id ? null : <ChangeRate rate={rate} />}</Td> : null}
              </tr>
            ))}
          </tbody>
        </Table>
        {more ? (
          <p className="px-5 py-3 text-xs text-ink-3">The newest are shown; the API lists all of them.</p>
        ) : null}
      </>
    )}
  </Card>
);

const DayField = ({ value, error }: { value?: string; error?: string | undefined }) => (
  <TextField label="From this day on" name="date" type="date" required defaultValue={value} error={error} />
);

const AddRate = ({ currency }: { currency: string }) => (
  <RowDialog
    primary
    label="Add a rate"
    title="Add an exchange rate"
    description="It is in force until the next one, and wins over an uploaded rate of the same day. Past numbers that used another rate are restated."
    intent="rate-add"
    submit="Add"
    shown={["date", "from", "to", "rate"]}
  >
    {(errors) => (
      <div className="grid grid-cols-2 items-start gap-4">
        <DayField error={errors.date} />
        <AmountField
          name="rate"
          label="Rate"
          required
          hint="One of the first in the second"
          error={errors.rate}
        />
        <CurrencyField name="from" label="From" error={errors.from} />
        <CurrencyField name="to" label="To" value={currency} error={errors.to} />
      </div>
    )}
  </RowDialog>
);

const ChangeRate = ({ rate }: { rate: Rate }) => {
  const name = `1 ${rate.from} in ${rate.to}, ${formatDay(rate.date)}`;
  return (
    <span className="inline-flex gap-1">
      <RowDialog
        label={
          <>
            Edit<span className="sr-only"> {name}</span>
          </>
        }
        title={`Change 1 ${rate.from} in ${rate.to}`}
        description="Past numbers that used it are restated."
        intent="rate-change"
        hidden={{ id: rate.id }}
        submit="Save"
        shown={["date", "rate"]}
      >
        {(errors) => (
          <div className="grid grid-cols-2 items-start gap-4">
            <DayField value={rate.date} error={errors.date} />
            <AmountField name="rate" label="Rate" required value={rate.rate} error={errors.rate} />
          </div>
        )}
      </RowDialog>
      <RowDialog
        label={
          <>
            Delete<span className="sr-only"> {name}</span>
          </>
        }
        title={`Delete the rate of ${formatDay(rate.date)}?`}
        description={`Amounts in ${rate.from} and ${rate.to} count at the rate before it, or are unknown where there is none.`}
        intent="rate-delete"
        hidden={{ id: rate.id }}
        submit="Delete"
        danger
      />
    </span>
  );
};
