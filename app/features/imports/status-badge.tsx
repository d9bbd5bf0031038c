import type { UploadOutput } from "#contracts/uploads.ts";
import { Badge } from "../../components/badge.tsx";
import { statusWords } from "./words.ts";

export const StatusBadge = ({ upload }: { upload: Pick<UploadOutput, "status" | "phase"> }) => {
  const { label, tone } =
    upload.phase === "undoing"
      ? ({ label: "Being undone", tone: "accent" } as const)
      : statusWords[upload.status];
  return (
    <Badge tone={tone} dot>
      {label}
    </Badge>
  );
};
