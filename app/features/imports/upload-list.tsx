import { Link } from "@remix-run/react";
import { formatBytes, formatCount } from "#charts/format.ts";
import { formatDateTime } from "#charts/format-dates.ts";
import { kindLabels } from "#contracts/upload-kinds.ts";
import type { UploadOutput } from "#contracts/uploads.ts";
import { Table, Td, Th } from "../../components/table.tsx";
import { StatusBadge } from "./status-badge.tsx";

/** The files that came, newest first. */
export const UploadList = ({ uploads, timezone }: { uploads: readonly UploadOutput[]; timezone: string }) => (
  <Table label="Uploads">
    <thead>
      <tr>
        <Th>File</Th>
        <Th>Kind</Th>
        <Th>Status</Th>
        <Th numeric>Imported</Th>
        <Th numeric>Rejected</Th>
        <Th numeric>Uploaded</Th>
      </tr>
    </thead>
    <tbody>
      {uploads.map((upload) => (
        <tr key={upload.id} className="hover:bg-sunken">
          <Td className="max-w-80">
            <Link
              to={`/uploads/${upload.id}`}
              prefetch="intent"
              className="block truncate font-medium hover:underline"
            >
              {upload.file_name}
            </Link>
            <span className="text-xs text-ink-3">{formatBytes(upload.bytes)}</span>
          </Td>
          <Td className="whitespace-nowrap text-ink-2">
            {upload.kind ? kindLabels[upload.kind] : "Not known yet"}
          </Td>
          <Td>
            <StatusBadge upload={upload} />
          </Td>
          <Td numeric>{formatCount(upload.rows.imported)}</Td>
          <Td numeric className={upload.rows.rejected > 0 ? "text-negative" : "text-ink-3"}>
            {formatCount(upload.rows.rejected)}
          </Td>
          <Td numeric className="text-ink-2">
            {formatDateTime(upload.created_at, timezone)}
          </Td>
        </tr>
      ))}
    </tbody>
  </Table>
);
