import { ButtonLink } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { useCan, useMe } from "../../lib/me.ts";

/**
 * Data is there that cannot be told in the organisation's currency: why, and the ways out.
 * @param partly other amounts can, and stand on the page
 */
export function RatesMissing({ partly = false }: { partly?: boolean }) {
  const { currency } = useMe().organisation;
  const [mayChange, mayWrite] = [useCan("org.update"), useCan("finance.edit")];
  return (
    <Callout
      tone="warning"
      title={`${partly ? "Some amounts" : "Amounts"} are in a currency that has no exchange rate to ${currency}`}
      actions={
        <>
          {mayChange ? <ButtonLink to="/settings/organisation">Count in another currency</ButtonLink> : null}
          <ButtonLink to="/sources">Upload exchange rates</ButtonLink>
          {mayWrite ? <ButtonLink to="/settings/finance#rates">Write a rate by hand</ButtonLink> : null}
        </>
      }
    >
      {partly
        ? `Totals are left empty; cohorts and shares hold only customers whose amounts are in ${currency} or have a rate. With the missing rates the numbers come by themselves.`
        : `Your organisation counts in ${currency}. Count in the currency of your amounts, or upload a file with date, from, to and rate: the numbers then come by themselves.`}
    </Callout>
  );
}
