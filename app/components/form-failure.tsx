import type { Failure } from "../lib/failure.ts";
import { Callout } from "./callout.tsx";

/** Why a form was refused, above its fields; silent where every reason stands beside a field (`shown`). */
export const FormFailure = ({
  failure,
  shown = [],
}: {
  failure: Failure | null;
  shown?: readonly string[];
}) => {
  if (!failure) return null;
  const elsewhere = Object.entries(failure.fields).filter(([field]) => !shown.includes(field));
  const all = Object.keys(failure.fields).length;
  if (all > 0 && elsewhere.length === 0) return null;
  return (
    <Callout tone="negative" live title={failure.message}>
      {elsewhere.length > 0 ? (
        <ul>
          {elsewhere.map(([field, message]) => (
            <li key={field}>{field ? `${field}: ${message}` : message}</li>
          ))}
        </ul>
      ) : null}
    </Callout>
  );
};
