import { columnsOf, type UploadKind } from "#contracts/upload-kinds.ts";
import type { UploadMapping } from "#contracts/uploads.ts";
import { cx } from "../../components/class-names.ts";
import { SelectField } from "../../components/field.tsx";
import { takesAttributes } from "./suggest-mapping.ts";

const shownRows = 8;

/** The file's first rows; above each column, what it means. */
export const MappingTable = ({
  kind,
  header,
  rows,
  mapping,
  guessed,
  onChange,
}: {
  kind: UploadKind;
  header: readonly string[];
  rows: readonly (readonly string[])[];
  mapping: UploadMapping;
  /** Of the mapping, what was told from cells rather than from a name. */
  guessed: UploadMapping;
  onChange: (column: string, target: string | null) => void;
}) => (
  <section
    aria-label="The file's columns and first rows"
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    tabIndex={0}
    className="relative overflow-x-auto border-t border-line"
  >
    <table className="w-max min-w-full border-collapse text-sm">
      <thead>
        <tr>
          {header.map((column) => (
            <th
              key={column}
              scope="col"
              className="min-w-44 border-r border-b border-line bg-sunken p-3 text-left align-top font-medium last:border-r-0"
            >
              <span className="mb-1.5 block max-w-60 truncate" title={column}>
                {column}
              </span>
              <ColumnMeaning
                kind={kind}
                column={column}
                target={mapping[column] ?? null}
                onChange={onChange}
              />
              {guessed[column] && guessed[column] === mapping[column] ? (
                <span className="mt-1 block text-xs font-normal text-warning">Guessed from the cells</span>
              ) : null}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, shownRows).map((row, line) => (
          <tr key={line}>
            {header.map((column, index) => (
              <td
                key={column}
                className={cx(
                  "tabular h-9 max-w-60 truncate border-r border-b border-line px-3 last:border-r-0",
                  mapping[column] === null && "text-ink-3 line-through decoration-line-strong",
                )}
              >
                {row[index] ?? ""}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const ColumnMeaning = ({
  kind,
  column,
  target,
  onChange,
}: {
  kind: UploadKind;
  column: string;
  target: string | null;
  onChange: (column: string, target: string | null) => void;
}) => {
  const attribute = target?.startsWith("attr.") ? target : `attr.${column}`;
  return (
    <SelectField
      label={`Meaning of the column ${column}`}
      hideLabel
      controlSize="sm"
      name={`map:${column}`}
      value={target ?? ""}
      onChange={(event) => onChange(column, event.currentTarget.value || null)}
    >
      <option value="">Leave out</option>
      {takesAttributes(kind) ? (
        <option value={attribute}>Customer attribute “{attribute.slice("attr.".length)}”</option>
      ) : null}
      <optgroup label="Needed">
        {columnsOf(kind)
          .filter(({ required }) => required)
          .map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
      </optgroup>
      <optgroup label="Known">
        {columnsOf(kind)
          .filter(({ required }) => !required)
          .map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
      </optgroup>
    </SelectField>
  );
};
