import { useFetcher } from "@remix-run/react";
import { ArrowRight, X } from "lucide-react";
import { useEffect, useState } from "react";
import { formatMoney } from "#charts/format.ts";
import { formatDay, formatPeriod } from "#charts/format-dates.ts";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { useToast } from "../../components/toast.tsx";
import { failureIn } from "../../lib/failure.ts";
import { savedIn } from "../../lib/saved-in.ts";
import { type FoundCustomer, useCustomerSearch } from "../shell/use-customer-search.ts";
import { previewMerge, useChosenCustomer } from "./merge-preview.ts";

/** Finds the other customer, shows what the two make together, and merges them. */
export function MergeDialog({
  customer,
  open,
  onClose,
}: {
  customer: CustomerDetail;
  open: boolean;
  onClose: () => void;
}) {
  const fetcher = useFetcher<unknown>();
  const toast = useToast();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<FoundCustomer | null>(null);
  const { customer: other, failed } = useChosenCustomer(chosen?.customer_id ?? null);
  const saved = savedIn(fetcher.data);
  useEffect(() => {
    if (saved === null) return;
    toast({ message: saved });
    onClose();
  }, [saved, toast, onClose]);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Merge ${nameOf(customer)} into another customer`}
      description="Two records of one customer become one: their subscriptions make a single history, later imports of either count for it, and you can split them again at any time."
    >
      <fetcher.Form method="post" className="grid gap-4">
        <FormFailure failure={failureIn(fetcher.data)} />
        {chosen ? (
          <>
            <div className="flex items-center gap-3 rounded-lg border border-line px-3 py-2 text-sm">
              <ArrowRight aria-hidden="true" className="size-4 shrink-0 text-ink-3" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{chosen.name || chosen.customer_id}</span>
                <span className="block truncate text-xs text-ink-3">{chosen.customer_id}</span>
              </span>
              <IconButton label="Choose another" size="sm" onClick={() => setChosen(null)}>
                <X aria-hidden="true" className="size-3.5" />
              </IconButton>
            </div>
            <input type="hidden" name="into" value={chosen.customer_id} />
            {other ? <Preview customer={customer} other={other} /> : null}
            {failed ? (
              <Callout
                tone="negative"
                live
                title="This customer could not be read. Choose it again in a moment."
              />
            ) : null}
          </>
        ) : (
          <Search words={words} onWords={setWords} own={customer.customer_id} onChoose={setChosen} />
        )}
        <footer className="flex flex-wrap justify-end gap-2 pt-1">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            name="intent"
            value="merge"
            disabled={!other}
            pending={fetcher.state !== "idle"}
          >
            Merge
          </Button>
        </footer>
      </fetcher.Form>
    </Dialog>
  );
}

const nameOf = ({ name, customer_id }: FoundCustomer): string => name || customer_id;

function Search({
  words,
  onWords,
  own,
  onChoose,
}: {
  words: string;
  onWords: (words: string) => void;
  own: string;
  onChoose: (customer: FoundCustomer) => void;
}) {
  const { found, searching } = useCustomerSearch(words);
  const others = found.filter(({ customer_id }) => customer_id !== own);
  return (
    <div className="grid gap-2">
      <TextField
        label="Count it as"
        type="search"
        value={words}
        onChange={(event) => onWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
        }}
        placeholder="Name, e-mail or id"
        maxLength={200}
        autoComplete="off"
      />
      <ul
        aria-label="Customers found"
        aria-busy={searching}
        className="grid max-h-56 min-h-9 overflow-y-auto"
      >
        {others.map((one) => (
          <li key={one.customer_id}>
            <button
              type="button"
              onClick={() => onChoose(one)}
              className="flex w-full items-baseline gap-3 rounded-lg px-3 py-2 text-left text-sm -outline-offset-2 hover:bg-hover"
            >
              <span className="truncate font-medium">{nameOf(one)}</span>
              <span className="truncate text-xs text-ink-3">{one.customer_id}</span>
            </button>
          </li>
        ))}
        {others.length === 0 && words.trim().length >= 2 && !searching ? (
          <li className="px-3 py-2 text-sm text-ink-3">Nobody matches.</li>
        ) : null}
      </ul>
    </div>
  );
}

function Preview({ customer, other }: { customer: CustomerDetail; other: CustomerDetail }) {
  const together = previewMerge(customer, other);
  const cohort = (day: string | null) => (day === null ? "–" : formatPeriod(day.slice(0, 7)));
  const rows = [
    { name: nameOf(customer), mrr: customer.mrr, day: customer.first_paid },
    { name: nameOf(other), mrr: other.mrr, day: other.first_paid },
    { name: "Together", mrr: together.mrr, day: together.firstPaid },
  ];
  return (
    <table className="w-full table-fixed text-sm">
      <caption className="sr-only">What changes</caption>
      <thead>
        <tr className="text-xs text-ink-3">
          <th scope="col" className="w-2/5 pb-1 text-left font-medium">
            <span className="sr-only">Customer</span>
          </th>
          <th scope="col" className="pb-1 text-right font-medium">
            MRR
          </th>
          <th scope="col" className="pb-1 text-right font-medium">
            Cohort
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, mrr, day }, i) => (
          <tr key={i} className={i === 2 ? "border-t border-line font-medium" : "text-ink-2"}>
            <th
              scope="row"
              className="truncate py-1.5 pr-3 text-left font-normal in-[.font-medium]:font-medium"
            >
              {name}
            </th>
            <td className="tabular py-1.5 text-right whitespace-nowrap">
              {formatMoney(mrr, customer.currency, { style: "cents" })}
            </td>
            <td className="py-1.5 text-right whitespace-nowrap" title={formatDay(day)}>
              {cohort(day)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
