import { Eye, EyeOff } from "lucide-react";
import { type InputHTMLAttributes, useState } from "react";
import { controlClass, Field, type FieldProps } from "../../components/field.tsx";

type PasswordFieldProps = Pick<FieldProps, "label" | "hint" | "error"> &
  Pick<
    InputHTMLAttributes<HTMLInputElement>,
    "name" | "autoComplete" | "required" | "minLength" | "autoFocus"
  >;

/** A password that its owner may look at. */
export function PasswordField({ label, hint, error, ...rest }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <span className="relative block">
          <input
            {...rest}
            {...wiring}
            type={shown ? "text" : "password"}
            maxLength={1024}
            spellCheck={false}
            autoCapitalize="none"
            className={controlClass("md", "pr-10")}
          />
          <button
            type="button"
            aria-label={shown ? "Hide password" : "Show password"}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute top-1/2 right-1.5 grid size-7 -translate-y-1/2 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Icon aria-hidden="true" className="size-4" />
          </button>
        </span>
      )}
    </Field>
  );
}
