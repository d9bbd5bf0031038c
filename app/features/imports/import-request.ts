import { type UploadRequest, uploadOptions, uploadRequest } from "#contracts/uploads.ts";

/**
 * The import that a mapping form asks for: fields `kind`, `map:<column>` (empty: left out) and `option:<name>` (empty: as
 * detected). Throws a ZodError that names what cannot be used.
 */
export function importRequestOf(form: FormData, columns: readonly string[]): UploadRequest {
  const mapping: Record<string, string | null> = {};
  const options: Record<string, unknown> = {};
  for (const [name, value] of form) {
    if (typeof value !== "string") continue;
    if (name.startsWith("map:")) {
      const column = name.slice("map:".length);
      if (columns.includes(column)) mapping[column] = value || null;
    } else if (name.startsWith("option:") && value !== "") {
      const option = name.slice("option:".length);
      if (option === "no_header") options.header = false;
      else if (option === "decimal_comma") options[option] = value === "true";
      else if (option === "skip_leading_lines") options[option] = Number(value);
      else options[option] = value;
    }
  }
  return uploadRequest.parse({
    kind: form.get("kind"),
    mapping: Object.keys(mapping).length > 0 ? mapping : null,
    options: uploadOptions.parse(options),
  });
}
