import type { Confidence } from "#contracts/source-facts.ts";
import { Badge } from "../../components/badge.tsx";
import { confidenceWords } from "./confidence-words.ts";

/** How a fact of a source is known; nothing where the source told it outright, or a file did. */
export const ConfidenceMark = ({ confidence }: { confidence?: Confidence | null | undefined }) =>
  !confidence || confidence === "exact" ? null : (
    <span title={confidenceWords[confidence].meaning}>
      <Badge tone={confidence === "inferred" ? "warning" : "neutral"}>
        {confidenceWords[confidence].label}
      </Badge>
    </span>
  );
