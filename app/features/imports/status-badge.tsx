import type { UploadStatus } from "#contracts/uploads.ts";
import { Badge } from "../../components/badge.tsx";
import { statusWords } from "./words.ts";

export const StatusBadge = ({ status }: { status: UploadStatus }) => (
  <Badge tone={statusWords[status].tone} dot>
    {statusWords[status].label}
  </Badge>
);
