import { ChevronsUpDown } from "lucide-react";
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import { cx } from "./class-names.ts";

const control =
  "w-full rounded-lg border border-line-control bg-surface text-ink transition-colors duration-100 " +
  "hover:border-ink-3 disabled:bg-sunken disabled:text-ink-3 aria-invalid:border-negative";

/** The looks of a text control, for those that are built elsewhere. */
export const controlClass = (size: keyof typeof heights = "md", extra?: string): string =>
  cx(control, heights[size], extra);

const heights = { md: "h-9 px-3 text-base sm:text-sm", sm: "h-7 px-2 text-xs rounded-md" } as const;

export interface FieldProps {
  label: ReactNode;
  /** What helps before anything is typed. */
  hint?: ReactNode;
  /** What is wrong and what to do. */
  error?: string | null;
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean;
  className?: string;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Label, hint and error around a control, tied together for assistive technology. */
export function Field({
  label,
  hint,
  error,
  hideLabel,
  className,
  children,
}: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  // an error takes the hint's place: it says the same more precisely
  const hintId = hint && !error ? `${id}-hint` : null;
  const errorId = error ? `${id}-error` : null;
  return (
    <div className={cx("grid gap-1.5", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": [errorId, hintId].filter(Boolean).join(" ") || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {errorId ? (
        <p id={errorId} className="text-xs font-medium text-negative">
          {error}
        </p>
      ) : null}
      {hintId ? (
        <p id={hintId} className="text-xs text-ink-3">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

type TextFieldProps = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "className"> & { controlSize?: keyof typeof heights };

export const TextField = ({
  label,
  hint,
  error,
  hideLabel,
  className,
  controlSize = "md",
  ...rest
}: TextFieldProps) => (
  <Field label={label} hint={hint} error={error} hideLabel={hideLabel} className={className}>
    {(wiring) => <input {...rest} {...wiring} className={controlClass(controlSize)} />}
  </Field>
);

type SelectFieldProps = FieldProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, "id" | "className"> & { controlSize?: keyof typeof heights };

/** The platform's own select: works without scripts, with every keyboard and on every phone. */
export const SelectField = ({
  label,
  hint,
  error,
  hideLabel,
  className,
  controlSize = "md",
  children,
  ...rest
}: SelectFieldProps) => (
  <Field label={label} hint={hint} error={error} hideLabel={hideLabel} className={className}>
    {(wiring) => (
      <span className="relative block">
        <select {...rest} {...wiring} className={controlClass(controlSize, "appearance-none truncate pr-8")}>
          {children}
        </select>
        <ChevronsUpDown
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-2.5 size-3.5 -translate-y-1/2 text-ink-3"
        />
      </span>
    )}
  </Field>
);

type CheckboxFieldProps = { label: ReactNode; hint?: ReactNode } & Omit<
  InputHTMLAttributes<HTMLInputElement>,
  "id" | "className" | "type"
>;

export function CheckboxField({ label, hint, ...rest }: CheckboxFieldProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        {...rest}
        id={id}
        type="checkbox"
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 size-4 accent-accent-fill"
      />
      <div className="grid gap-0.5">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint ? (
          <p id={`${id}-hint`} className="text-xs text-ink-3">
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  );
}
