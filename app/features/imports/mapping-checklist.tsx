import { Check, CircleDashed } from "lucide-react";
import { columnsOf, type UploadKind } from "#contracts/upload-kinds.ts";
import type { UploadMapping } from "#contracts/uploads.ts";
import { cx } from "../../components/class-names.ts";

/** The needed columns, each with the file column that answers it or still without. */
export const MappingChecklist = ({
  kind,
  mapping,
  gaps,
}: {
  kind: UploadKind;
  mapping: UploadMapping;
  gaps: { missing: readonly string[] };
}) => (
  <ul className="grid gap-x-6 gap-y-2 px-5 pb-4 sm:grid-cols-2 xl:grid-cols-3">
    {columnsOf(kind)
      .filter(({ required }) => required)
      .map(({ name, help }) => {
        const missing = gaps.missing.includes(name);
        const from = Object.entries(mapping)
          .filter(([, target]) => target === name)
          .map(([column]) => column);
        const Icon = missing ? CircleDashed : Check;
        return (
          <li key={name} className="flex gap-2.5 text-sm">
            <Icon
              aria-hidden="true"
              className={cx("mt-0.5 size-4 shrink-0", missing ? "text-warning" : "text-positive")}
            />
            <span className="min-w-0">
              <code className="font-mono text-xs font-medium">{name}</code>{" "}
              <span className={missing ? "text-warning" : "text-ink-3"}>
                {missing
                  ? "not found yet"
                  : from.length > 1
                    ? `from ${from.length} columns`
                    : from[0] === undefined
                      ? "from the month columns"
                      : `from “${from[0]}”`}
              </span>
              <span className="block text-xs text-ink-3">{help}</span>
            </span>
          </li>
        );
      })}
  </ul>
);
