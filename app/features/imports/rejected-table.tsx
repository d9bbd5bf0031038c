import { Link } from "@remix-run/react";
import { Download } from "lucide-react";
import { formatCount } from "#charts/format.ts";
import type { UploadErrorItem } from "#contracts/uploads.ts";
import { buttonClass } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Table, Td, Th } from "../../components/table.tsx";

/** The rows that were left out: where they stand in the file, what is wrong, and what stood there. */
export const RejectedTable = ({
  uploadId,
  errors,
  total,
  next,
}: {
  uploadId: string;
  errors: readonly UploadErrorItem[];
  total: number;
  next: string | null;
}) => (
  <Card
    title="Rejected rows"
    subtitle={`${formatCount(total)} left out; correct them in the file and upload it again`}
    flush
    actions={
      <a href={`/uploads/${uploadId}/rejected.csv`} download className={buttonClass("secondary", "sm")}>
        <Download aria-hidden="true" className="size-3.5" />
        Download CSV
      </a>
    }
  >
    <Table label="Rejected rows">
      <thead>
        <tr>
          <Th numeric>Line</Th>
          <Th>Column</Th>
          <Th className="min-w-56">What is wrong</Th>
          <Th>What stood there</Th>
        </tr>
      </thead>
      <tbody>
        {errors.map((error) => (
          <tr key={`${error.line} ${error.column} ${error.code}`}>
            <Td numeric className="w-20">
              {formatCount(error.line)}
            </Td>
            <Td className="font-mono text-xs whitespace-nowrap">{error.column ?? "–"}</Td>
            <Td>{error.message}</Td>
            <Td className="max-w-80 truncate font-mono text-xs text-ink-2">{error.value ?? "–"}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
    {next ? (
      <p className="border-t border-line px-5 py-3 text-sm text-ink-2">
        <Link to={`?after=${encodeURIComponent(next)}`} preventScrollReset className="link">
          Show the next {formatCount(100)}
        </Link>
      </p>
    ) : null}
  </Card>
);
