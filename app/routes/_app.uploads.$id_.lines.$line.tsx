import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import { formatCount } from "#charts/format.ts";
import { Card } from "../components/card.tsx";
import { Table, Td, Th } from "../components/table.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { guarded } from "../lib/guard.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? `${data.name} line ${data.row.line}` : "Line"} · Jarvis360` },
];

/** One row of a file as it was given: where numbers end. */
export const loader = guarded(async ({ params, context }) => {
  const id = params.id ?? "";
  const [upload, row] = await Promise.all([
    context.trpc.uploads.get({ id }),
    context.trpc.explain.line({ id, line: params.line ?? "" }),
  ]);
  return { id, name: upload.file_name, mapping: upload.mapping ?? {}, row };
});

export default function UploadLine() {
  const { id, name, mapping, row } = useLoaderData<typeof loader>();
  return (
    <>
      <TopBar
        title={
          <>
            {name} <span className="font-normal text-ink-3">line {formatCount(row.line)}</span>
          </>
        }
        before={
          <Link
            to={`/uploads/${id}`}
            aria-label={`Back to ${name}`}
            className="grid size-8 place-items-center rounded-lg text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-5" />
          </Link>
        }
      />
      <PageBody narrow>
        <div className="grid grid-cols-1 gap-4">
          <Card title="As it stands in the file">
            <pre
              data-raw-line={row.line}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
              tabIndex={0}
              className="max-h-60 overflow-auto rounded-lg bg-sunken px-4 py-3 font-mono text-xs whitespace-pre"
            >
              {row.text}
            </pre>
          </Card>
          <Card title="Cell by cell" subtitle="and what each was read as" flush>
            <Table label="Cells">
              <thead>
                <tr>
                  <Th>Column</Th>
                  <Th>Value</Th>
                  <Th>Read as</Th>
                </tr>
              </thead>
              <tbody>
                {row.cells.map((cell, index) => {
                  const column = row.header[index] ?? `column ${index + 1}`;
                  return (
                    <tr key={index}>
                      <Td className="text-ink-2 whitespace-nowrap">{column}</Td>
                      <Td className="wrap-anywhere">{cell || <span className="text-ink-3">empty</span>}</Td>
                      <Td className="text-ink-3 whitespace-nowrap">{mapping[column] ?? "–"}</Td>
                    </tr>
                  );
                })}
              </tbody>
            </Table>
          </Card>
        </div>
      </PageBody>
    </>
  );
}
