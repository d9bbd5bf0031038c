import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronLeft, ExternalLink } from "lucide-react";
import { formatDateTime } from "#charts/format-dates.ts";
import { objectLabel } from "#contracts/source-links.ts";
import { Badge } from "../components/badge.tsx";
import { Card } from "../components/card.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { ObjectFacts } from "../features/sources/object-facts.tsx";
import { guarded } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? `${objectLabel(data.object.type)} ${data.object.id}` : "Object"} · Jarvis360` },
];

/** One object of a connected system as it was given: where numbers end. */
export const loader = guarded(async ({ params, context }) => ({
  object: await context.trpc.sourceObjects.get({
    id: params.id ?? "",
    type: params.type ?? "",
    object_id: params.object ?? "",
  }),
}));

export default function SourceObject() {
  const { object } = useLoaderData<typeof loader>();
  const { organisation } = useMe();
  const label = objectLabel(object.type);
  return (
    <>
      <TopBar
        title={
          <>
            {label} <span className="font-normal text-ink-3">{object.id}</span>
          </>
        }
        before={
          <Link
            to={`/sources/${object.source.id}`}
            aria-label={`Back to ${object.source.name}`}
            className="grid size-8 place-items-center rounded-lg text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-5" />
          </Link>
        }
        status={object.deleted ? <Badge tone="warning">Deleted</Badge> : null}
        actions={
          object.url === null ? null : (
            <a
              href={object.url}
              target="_blank"
              rel="noreferrer"
              className="link flex h-8 items-center gap-1.5 text-sm whitespace-nowrap"
            >
              Open in Stripe
              <ExternalLink aria-hidden="true" className="size-3.5" />
            </a>
          )
        }
      />
      <PageBody narrow>
        <div className="grid grid-cols-1 gap-4">
          {object.facts.length > 0 ? (
            <Card title="What was read from it" subtitle="each as it is counted now" flush>
              <ObjectFacts facts={object.facts} />
            </Card>
          ) : null}
          <Card
            title="As it was given"
            subtitle={`${object.source.name}, ${object.type === "event" ? "happened" : "read"} ${formatDateTime(object.at, organisation.timezone)}`}
          >
            {object.customer_id ? (
              <p className="pb-3 text-sm">
                <span className="text-ink-3">Of customer </span>
                <Link to={`/customers/${encodeURIComponent(object.customer_id)}`} className="link">
                  {object.customer_id}
                </Link>
              </p>
            ) : null}
            <pre
              data-raw-object={object.id}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
              tabIndex={0}
              className="max-h-160 overflow-auto rounded-lg bg-sunken px-4 py-3 font-mono text-xs whitespace-pre"
            >
              {JSON.stringify(object.body, null, 2)}
            </pre>
          </Card>
        </div>
      </PageBody>
    </>
  );
}
