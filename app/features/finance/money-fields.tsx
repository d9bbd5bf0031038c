import { TextField } from "../../components/field.tsx";

/** Fields that the forms of the finance page share. */

interface Given {
  value?: string | null;
  error?: string | undefined;
}

/** A plain text field: not every browser picks months. */
export const MonthField = ({ value, error, readOnly }: Given & { readOnly?: boolean }) => (
  <TextField
    label="Month"
    name="month"
    required
    readOnly={readOnly}
    pattern="\d{4}-\d{2}"
    placeholder="2026-02"
    inputMode="numeric"
    autoComplete="off"
    defaultValue={value ?? undefined}
    error={error}
    hint={readOnly ? undefined : "Year and month, like 2026-02"}
  />
);

export const CurrencyField = ({
  value,
  error,
  name = "currency",
  label = "Currency",
}: Given & { name?: string; label?: string }) => (
  <TextField
    label={label}
    name={name}
    required
    minLength={3}
    maxLength={3}
    pattern="[A-Za-z]{3}"
    placeholder="EUR"
    autoComplete="off"
    defaultValue={value ?? undefined}
    error={error}
  />
);

export const AmountField = ({
  name,
  label,
  hint,
  value,
  error,
  required = false,
}: Given & { name: string; label: string; hint?: string; required?: boolean }) => (
  <TextField
    label={label}
    name={name}
    required={required}
    hint={hint}
    inputMode="decimal"
    maxLength={40}
    autoComplete="off"
    defaultValue={value ?? undefined}
    error={error}
  />
);
