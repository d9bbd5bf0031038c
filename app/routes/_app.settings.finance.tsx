import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { changeFinance } from "../features/finance/change-finance.server.ts";
import { InputsCard } from "../features/finance/inputs-card.tsx";
import { RatesCard } from "../features/finance/rates-card.tsx";
import { SpendCard } from "../features/finance/spend-card.tsx";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useCan, useMe } from "../lib/me.ts";

export const meta: MetaFunction = () => [{ title: "Exchange rates and finance · Jarvis360" }];

const most = 100;

export const loader = guarded(async ({ context }) => {
  const [rates, spend, months] = await Promise.all([
    context.trpc.reference.fxRates({ limit: most }),
    context.trpc.reference.spend({ limit: most }),
    context.trpc.finance.list({ limit: most }),
  ]);
  return { rates, spend, months };
});

export const action = submitted(changeFinance);

export default function Finance() {
  const { rates, spend, months } = useLoaderData<typeof loader>();
  const { currency } = useMe().organisation;
  const given = { currency, mayEdit: useCan("finance.edit") };
  return (
    <div className="grid gap-5">
      <InputsCard months={months.items} more={months.next !== null} {...given} />
      <SpendCard spend={spend.items} more={spend.next !== null} {...given} />
      <RatesCard rates={rates.items} more={rates.next !== null} {...given} />
    </div>
  );
}
