import { ButtonLink } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { useCan, useMe } from "../../lib/me.ts";

/** Data is there, and no number of it can be told in the organisation's currency: why, and the two ways out. */
export function RatesMissing() {
  const { currency } = useMe().organisation;
  const mayChange = useCan("org.update");
  return (
    <Callout
      tone="warning"
      title={`Amounts are in a currency that has no exchange rate to ${currency}`}
      actions={
        <>
          {mayChange ? <ButtonLink to="/settings/organisation">Count in another currency</ButtonLink> : null}
          <ButtonLink to="/sources">Upload exchange rates</ButtonLink>
        </>
      }
    >
      Your organisation counts in {currency}. Count in the currency of your amounts, or upload a file with
      date, from, to and rate: the numbers then come by themselves.
    </Callout>
  );
}
