import { ChevronRight } from "lucide-react";
import { columnsOf, type UploadKind } from "#contracts/upload-kinds.ts";
import type { UploadMapping, UploadOutput } from "#contracts/uploads.ts";
import { CheckboxField, SelectField, TextField } from "../../components/field.tsx";
import { delimiterWords, encodingWords } from "./words.ts";

/** How the file is read, for the rare case that it was detected wrongly. Empty means: as detected. */
export function ReadingOptions({
  upload,
  kind,
  mapped,
  currency,
}: {
  upload: UploadOutput;
  kind: UploadKind;
  mapped: UploadMapping;
  currency: string;
}) {
  const takesCurrency = columnsOf(kind).some(({ name }) => name === "currency");
  const hasCurrency = Object.values(mapped).includes("currency");
  const { dialect, options } = upload;
  return (
    <details className="group rounded-xl border border-line bg-surface">
      <summary className="flex items-center gap-2 rounded-xl px-5 py-3.5 text-base font-semibold">
        <ChevronRight
          aria-hidden="true"
          className="size-4 text-ink-3 transition-transform duration-100 group-open:rotate-90"
        />
        How the file is read
        <span className="text-sm font-normal text-ink-3">
          {dialect
            ? `${delimiterWords[dialect.delimiter] ?? dialect.delimiter}, ${encodingWords[dialect.encoding]}`
            : null}
        </span>
      </summary>
      <div className="grid gap-4 px-5 pb-5 sm:grid-cols-2 lg:grid-cols-3">
        {takesCurrency ? (
          <TextField
            label="Currency of the amounts"
            name="option:currency"
            maxLength={3}
            placeholder={currency}
            defaultValue={typeof options.currency === "string" ? options.currency : ""}
            hint={
              hasCurrency
                ? "For rows whose currency is empty."
                : `Three letters such as EUR; empty means ${currency}.`
            }
          />
        ) : null}
        <SelectField
          label="Columns are parted by"
          name="option:delimiter"
          defaultValue={typeof options.delimiter === "string" ? options.delimiter : ""}
        >
          <option value="">As detected</option>
          {Object.entries(delimiterWords).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Encoding"
          name="option:encoding"
          defaultValue={typeof options.encoding === "string" ? options.encoding : ""}
          hint={
            dialect?.encoding_guessed ? "Guessed: check names with accents in the rows above." : undefined
          }
        >
          <option value="">As detected</option>
          {Object.entries(encodingWords).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Lines before the header"
          name="option:skip_leading_lines"
          type="number"
          min={0}
          max={10000}
          defaultValue={typeof options.skip_leading_lines === "number" ? options.skip_leading_lines : ""}
          placeholder="0"
        />
        <CheckboxField
          label="There is no header"
          hint="The first line is data; columns are called column_1, column_2, …"
          name="option:no_header"
          value="true"
          defaultChecked={options.header === false}
        />
      </div>
    </details>
  );
}
