import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { formatDateTime } from "#charts/format-dates.ts";
import { Card } from "../components/card.tsx";
import { Table, Td, Th } from "../components/table.tsx";
import { auditWords } from "../features/settings/audit-words.ts";
import { guarded } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";

export const meta: MetaFunction = () => [{ title: "Audit log · Jarvis360" }];

export const loader = guarded(async ({ request, context }) => {
  const cursor = new URL(request.url).searchParams.get("after") ?? undefined;
  const { items, next } = await context.trpc.audit.list({ limit: 50, cursor });
  return { items, next, later: cursor !== undefined };
});

export default function Audit() {
  const { items, next, later } = useLoaderData<typeof loader>();
  const { organisation } = useMe();
  return (
    <Card title="Audit log" subtitle="Who did what, newest first" flush>
      <Table label="Audit log">
        <thead>
          <tr>
            <Th>When</Th>
            <Th>Who</Th>
            <Th>What</Th>
            <Th>To what</Th>
            <Th>From where</Th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <tr key={entry.id}>
              <Td className="tabular whitespace-nowrap text-ink-2">
                {formatDateTime(entry.at, organisation.timezone)}
              </Td>
              <Td className="max-w-56 truncate">{entry.actor}</Td>
              <Td className="font-medium whitespace-nowrap">{auditWords(entry.action)}</Td>
              <Td className="max-w-64 truncate">{entry.target || "–"}</Td>
              <Td className="tabular text-ink-3">{entry.ip || "–"}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {next || later ? (
        <nav aria-label="More entries" className="flex gap-4 border-t border-line px-5 py-3 text-sm">
          {later ? (
            <Link className="link" to="/settings/audit">
              Newest
            </Link>
          ) : null}
          {next ? (
            <Link className="link" to={`?after=${encodeURIComponent(next)}`}>
              Older
            </Link>
          ) : null}
        </nav>
      ) : null}
    </Card>
  );
}
