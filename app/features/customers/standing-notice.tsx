import { Form, Link, useNavigation } from "@remix-run/react";
import { formatDate } from "#charts/format-dates.ts";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { Button } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { useCan, useMe } from "../../lib/me.ts";
import { RatesMissing } from "../imports/rates-missing.tsx";

/** Above a customer that does not count as itself: what it counts as, why, and how to take that back. */
export function StandingNotice({ customer }: { customer: CustomerDetail }) {
  const { merged_into: into, excluded } = customer;
  const { organisation } = useMe();
  const [maySplit, mayInclude] = [useCan("customers.merge"), useCan("data.exclude")];
  if (into)
    return (
      <Callout
        title={
          <>
            Counts as{" "}
            <Link className="link" to={customerPath(into.customer_id)}>
              {into.name || into.customer_id}
            </Link>
          </>
        }
        actions={maySplit ? <Deed intent="split" fields={{}} label="Split" /> : null}
      >
        Merged: subscriptions, transactions and later imports of this customer are part of that one. A split
        brings back what belongs to each.
      </Callout>
    );
  if (!excluded) return customer.mrr === null ? <RatesMissing /> : null;
  return (
    <Callout
      tone="warning"
      title="Counts in no number"
      actions={
        mayInclude ? (
          <Deed intent="include" fields={{ exclusion: excluded.id }} label="Count it again" />
        ) : null
      }
    >
      Excluded as “{excluded.reason}”{excluded.by ? ` by ${excluded.by}` : ""} on{" "}
      {formatDate(excluded.at, organisation.timezone)}. It stays out through later imports.{" "}
      <Link className="link" to="/settings/exclusions">
        All that is excluded
      </Link>
    </Callout>
  );
}

const customerPath = (id: string) => `/customers/${encodeURIComponent(id)}`;

/** Who counts as this customer, each with a way to let it go. */
export function MergedList({ merged }: { merged: CustomerDetail["merged"] }) {
  const maySplit = useCan("customers.merge");
  return (
    <ul className="grid gap-1">
      {merged.map(({ customer_id: id, name }) => (
        <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <Link className="link min-w-0 flex-1 wrap-anywhere" to={customerPath(id)}>
            {name || id}
          </Link>
          {maySplit ? <Deed intent="split" fields={{ customer: id }} label="Split" of={name || id} /> : null}
        </li>
      ))}
    </ul>
  );
}

function Deed({
  intent,
  fields,
  label,
  of,
}: {
  intent: string;
  fields: Record<string, string>;
  label: string;
  /** For screen readers, where the label stands many times. */
  of?: string;
}) {
  const doing = useNavigation().formData;
  const pending =
    doing?.get("intent") === intent &&
    Object.entries(fields).every(([name, value]) => doing.get(name) === value);
  return (
    <Form method="post" preventScrollReset>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" size="sm" name="intent" value={intent} pending={pending}>
        {label}
        {of ? <span className="sr-only"> {of}</span> : null}
      </Button>
    </Form>
  );
}
