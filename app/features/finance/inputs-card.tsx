import { Calculator } from "lucide-react";
import { formatMoney, formatPercent } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import type { FinanceItem } from "#contracts/catalogue.ts";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { AmountField, CurrencyField, MonthField } from "./money-fields.tsx";
import { RowDialog } from "./row-dialog.tsx";
import { percentOfShare } from "./share-percent.ts";

/** What finance knows of each month, and which metric each figure makes. */
export const InputsCard = ({
  months,
  more,
  currency,
  mayEdit,
}: {
  months: readonly FinanceItem[];
  more: boolean;
  currency: string;
  mayEdit: boolean;
}) => (
  <Card
    title="Finance inputs"
    subtitle="for the rule of 40, the burn multiple and the margin"
    flush
    actions={mayEdit ? <AddMonth currency={currency} /> : null}
  >
    {months.length === 0 ? (
      <EmptyState icon={<Calculator />} title="No month yet">
        Revenue and operating profit make the rule of 40, net burn the burn multiple. The newest gross margin
        goes into LTV, LTV:CAC and CAC payback. Give what you know; the rest stays empty.
      </EmptyState>
    ) : (
      <>
        <Table label="Finance inputs" className="max-h-96 overflow-y-auto">
          <thead>
            <tr>
              <Th>Month</Th>
              <Th numeric>Revenue</Th>
              <Th numeric>Operating profit</Th>
              <Th numeric>Net burn</Th>
              <Th numeric>Gross margin</Th>
              {mayEdit ? (
                <Th>
                  <span className="sr-only">Change</span>
                </Th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {months.map((one) => (
              <tr key={one.month}>
                <Td className="whitespace-nowrap">{formatPeriod(one.month)}</Td>
                <Td numeric>{formatMoney(one.revenue, one.currency)}</Td>
                <Td numeric>{formatMoney(one.profit, one.currency)}</Td>
                <Td numeric>{formatMoney(one.net_burn, one.currency)}</Td>
                <Td numeric>{one.gross_margin === null ? "–" : formatPercent(Number(one.gross_margin))}</Td>
                {mayEdit ? (
                  <Td numeric>
                    <ChangeMonth one={one} />
                  </Td>
                ) : null}
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

const shown = ["month", "currency", "revenue", "profit", "net_burn", "gross_margin"];

const Fields = ({
  one,
  currency,
  errors,
}: {
  one?: FinanceItem;
  currency: string;
  errors: Record<string, string>;
}) => (
  <div className="grid grid-cols-2 items-start gap-4">
    <MonthField value={one?.month} readOnly={one !== undefined} error={errors.month} />
    <CurrencyField value={currency} error={errors.currency} />
    <AmountField name="revenue" label="Revenue" value={one?.revenue} error={errors.revenue} />
    <AmountField
      name="profit"
      label="Operating profit"
      hint="A loss is negative"
      value={one?.profit}
      error={errors.profit}
    />
    <AmountField
      name="net_burn"
      label="Net burn"
      hint="Cash spent less cash received"
      value={one?.net_burn}
      error={errors.net_burn}
    />
    <AmountField
      name="gross_margin"
      label="Gross margin, %"
      hint="In force until a later month gives one"
      value={one?.gross_margin ? percentOfShare(one.gross_margin) : null}
      error={errors.gross_margin}
    />
  </div>
);

const AddMonth = ({ currency }: { currency: string }) => (
  <RowDialog
    primary
    label="Add a month"
    title="Add a month"
    description="A month that is there already is replaced."
    intent="month-save"
    submit="Save"
    shown={shown}
  >
    {(errors) => <Fields currency={currency} errors={errors} />}
  </RowDialog>
);

const ChangeMonth = ({ one }: { one: FinanceItem }) => (
  <span className="inline-flex gap-1">
    <RowDialog
      label={
        <>
          Edit<span className="sr-only"> {formatPeriod(one.month)}</span>
        </>
      }
      title={formatPeriod(one.month)}
      intent="month-save"
      submit="Save"
      shown={shown}
    >
      {(errors) => <Fields one={one} currency={one.currency} errors={errors} />}
    </RowDialog>
    <RowDialog
      label={
        <>
          Delete<span className="sr-only"> {formatPeriod(one.month)}</span>
        </>
      }
      title={`Delete what was given for ${formatPeriod(one.month)}?`}
      intent="month-delete"
      hidden={{ month: one.month }}
      submit="Delete"
      danger
    />
  </span>
);
