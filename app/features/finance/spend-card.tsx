import { Link } from "@remix-run/react";
import { Megaphone } from "lucide-react";
import { formatMoney } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { TextField } from "../../components/field.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { SourceLink } from "../customers/source-link.tsx";
import { AmountField, CurrencyField, MonthField } from "./money-fields.tsx";
import { RowDialog } from "./row-dialog.tsx";

interface Spend {
  id: string;
  month: string;
  category: string | null;
  amount: string;
  currency: string;
  upload_id: string | null;
  line: number | null;
}

/** Sales and marketing spend by month: all of it counts in CAC, payback and the magic number. */
export const SpendCard = ({
  spend,
  more,
  currency,
  mayEdit,
}: {
  spend: readonly Spend[];
  more: boolean;
  currency: string;
  mayEdit: boolean;
}) => (
  <Card
    title="Sales and marketing spend"
    subtitle="for CAC, payback and the magic number"
    flush
    actions={mayEdit ? <AddSpend currency={currency} /> : null}
  >
    {spend.length === 0 ? (
      <EmptyState icon={<Megaphone />} title="No spend yet">
        What winning customers costs. Add a month here, or{" "}
        <Link className="link" to="/sources#upload">
          upload a CSV
        </Link>{" "}
        with the columns month, category, amount, currency. All of it counts, whatever its category.
      </EmptyState>
    ) : (
      <>
        <Table label="Sales and marketing spend" className="max-h-96 overflow-y-auto">
          <thead>
            <tr>
              <Th>Month</Th>
              <Th>Category</Th>
              <Th numeric>Amount</Th>
              <Th>Source</Th>
              {mayEdit ? (
                <Th>
                  <span className="sr-only">Change</span>
                </Th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {spend.map((one) => (
              <tr key={one.id}>
                <Td className="whitespace-nowrap">{formatPeriod(one.month)}</Td>
                <Td className="max-w-56 truncate text-ink-2">{one.category ?? "–"}</Td>
                <Td numeric className="font-medium">
                  {formatMoney(one.amount, one.currency, { style: "cents" })}
                </Td>
                <Td>
                  {one.upload_id ? (
                    <SourceLink source={{ kind: "upload", upload_id: one.upload_id, line: one.line }} />
                  ) : (
                    <span className="text-ink-3">By hand</span>
                  )}
                </Td>
                {mayEdit ? <Td numeric>{one.upload_id ? null : <ChangeSpend one={one} />}</Td> : null}
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

const shown = ["month", "amount", "currency", "category"];

const Fields = ({
  one,
  currency,
  errors,
}: {
  one?: Spend;
  currency: string;
  errors: Record<string, string>;
}) => (
  <div className="grid grid-cols-2 items-start gap-4">
    <MonthField value={one?.month} error={errors.month} />
    <TextField
      label="Category"
      name="category"
      maxLength={200}
      defaultValue={one?.category ?? ""}
      error={errors.category}
    />
    <AmountField name="amount" label="Amount" required value={one?.amount} error={errors.amount} />
    <CurrencyField value={currency} error={errors.currency} />
  </div>
);

const AddSpend = ({ currency }: { currency: string }) => (
  <RowDialog primary label="Add spend" title="Add spend" intent="spend-add" submit="Add" shown={shown}>
    {(errors) => <Fields currency={currency} errors={errors} />}
  </RowDialog>
);

const ChangeSpend = ({ one }: { one: Spend }) => {
  const name = `${formatPeriod(one.month)} ${one.category ?? ""}`;
  return (
    <span className="inline-flex gap-1">
      <RowDialog
        label={
          <>
            Edit<span className="sr-only"> {name}</span>
          </>
        }
        title="Change spend"
        intent="spend-change"
        hidden={{ id: one.id }}
        submit="Save"
        shown={shown}
      >
        {(errors) => <Fields one={one} currency={one.currency} errors={errors} />}
      </RowDialog>
      <RowDialog
        label={
          <>
            Delete<span className="sr-only"> {name}</span>
          </>
        }
        title={`Delete ${formatMoney(one.amount, one.currency)} of ${formatPeriod(one.month)}?`}
        intent="spend-delete"
        hidden={{ id: one.id }}
        submit="Delete"
        danger
      />
    </span>
  );
};
