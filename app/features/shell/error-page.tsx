import { isRouteErrorResponse, Link, useLocation, useRouteError } from "@remix-run/react";
import { buttonClass } from "../../components/button.tsx";
import { Logo } from "../../components/logo.tsx";
import { type ErrorWords, errorWords } from "./error-words.ts";

/** What the route threw, in words for the reader. */
export function useErrorWords(): ErrorWords {
  const error = useRouteError();
  if (!isRouteErrorResponse(error)) return errorWords(500, null, null);
  const carried: unknown = error.data;
  const message = textIn(carried, "message");
  return errorWords(error.status, message, textIn(carried, "requestId"));
}

function textIn(value: unknown, key: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const found: unknown = Reflect.get(value, key);
  return typeof found === "string" ? found : null;
}

/** The whole window as an error page; inside the shell see ErrorPanel. */
export const ErrorPage = () => (
  <div className="grid min-h-dvh grid-rows-[auto_1fr]">
    <header className="p-6">
      <Link to="/" className="rounded-md">
        <Logo />
      </Link>
    </header>
    <main className="grid place-items-center pb-24">
      <ErrorPanel />
    </main>
  </div>
);

/** The error itself: what happened, what to do, and what to quote when asking for help. `titled`: the title stands above. */
export function ErrorPanel({ titled = false }: { titled?: boolean }) {
  const words = useErrorWords();
  const { pathname, search } = useLocation();
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-3 px-6 py-16 text-center">
      <p className="tabular text-sm font-medium text-ink-3">{words.status}</p>
      {titled ? null : <h1 className="text-xl font-semibold">{words.title}</h1>}
      <p className="text-ink-2">{words.advice}</p>
      <div className="mt-3 flex gap-2">
        {words.retry ? (
          <a href={`${pathname}${search}`} className={buttonClass("primary")}>
            Try again
          </a>
        ) : null}
        <Link to="/" className={buttonClass(words.retry ? "secondary" : "primary")}>
          Go to the dashboard
        </Link>
      </div>
      {words.requestId ? (
        <p className="mt-4 text-xs text-ink-3">
          {words.retry ? "If it keeps happening, quote this request:" : "Request"}{" "}
          <code className="block font-mono">{words.requestId}</code>
        </p>
      ) : null}
    </div>
  );
}
