import { Link } from "@remix-run/react";
import type { SourceOutput } from "#contracts/sources.ts";
import { Card } from "../../components/card.tsx";

/** What of the vendor's data could not be used, by customer: nothing is left out silently. */
export const WarningsCard = ({ warnings }: { warnings: SourceOutput["warnings"] }) =>
  warnings.length === 0 ? null : (
    <Card title="Could not be used" subtitle="The newest; everything else counts" flush>
      <ul className="divide-y divide-line border-t border-line text-sm">
        {warnings.map(({ customer_id: id, message }, place) => (
          <li key={place} className="grid gap-0.5 px-5 py-2.5">
            <span className="wrap-anywhere">{message}</span>
            {id ? (
              <Link
                to={`/customers/${encodeURIComponent(id)}`}
                className="link w-fit font-mono text-xs"
                prefetch="intent"
              >
                {id}
              </Link>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
