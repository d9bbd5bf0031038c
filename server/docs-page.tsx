import type { RequestHandler } from "express";
import { renderToStaticMarkup } from "react-dom/server";
import { stateOf } from "./http/request-state.ts";
import { openApiDocument } from "./openapi.ts";

interface Operation {
  method: string;
  path: string;
  summary: string;
  description: string | null;
  tag: string;
  parameters: { name: string; place: string; required: boolean; description: string | null }[];
}

const methods = ["get", "post", "put", "patch", "delete"] as const;

/** /api/docs: the OpenAPI document for people. One page, no scripts, nothing from elsewhere. */
export const docsPage: RequestHandler = (_req, res) => {
  const { origin, cspNonce } = stateOf(res);
  const html = renderToStaticMarkup(
    <DocsPage origin={origin} nonce={cspNonce} operations={operations(origin)} />,
  );
  res.setHeader("Cache-Control", "no-store");
  res.type("html").send(`<!doctype html>${html}`);
};

function operations(origin: string): Operation[] {
  const { paths = {} } = openApiDocument(origin);
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method): Operation[] => {
      const operation = item[method];
      if (!operation) return [];
      return [
        {
          method: method.toUpperCase(),
          path,
          summary: operation.summary ?? "",
          description: operation.description ?? null,
          tag: operation.tags?.[0] ?? "Other",
          parameters: (operation.parameters ?? []).flatMap((parameter) =>
            "name" in parameter
              ? [
                  {
                    name: parameter.name,
                    place: parameter.in,
                    required: parameter.required ?? false,
                    description: parameter.description ?? null,
                  },
                ]
              : [],
          ),
        },
      ];
    }),
  );
}

const style = `
:root{color-scheme:light dark;--ink:#1c1c28;--quiet:#5f6070;--line:#e4e4ea;--back:#fff;--soft:#f6f6f9;--accent:#4f46e5}
@media (prefers-color-scheme:dark){:root{--ink:#ececf1;--quiet:#a5a6b5;--line:#33343f;--back:#16161d;--soft:#1f2029;--accent:#a5a0ff}}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.55 "Inter Variable",system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:40px 24px 80px}
h1{font-size:28px;margin:0 0 8px}h2{margin:40px 0 8px;font-size:18px;border-bottom:1px solid var(--line);padding-bottom:6px}
h3{font-size:15px;margin:20px 0 4px;font-weight:600}p{margin:4px 0 8px;color:var(--quiet)}a{color:var(--accent)}
code,pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:12px;overflow-x:auto}
b{display:inline-block;min-width:60px;color:var(--accent)}ul{margin:4px 0 0;padding-left:20px;color:var(--quiet)}li code{color:var(--ink)}`;

function DocsPage({ origin, nonce, operations }: { origin: string; nonce: string; operations: Operation[] }) {
  const tags = [...new Set(operations.map((operation) => operation.tag))].sort();
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API · Jarvis360</title>
        <style nonce={nonce}>{style}</style>
      </head>
      <body>
        <main>
          <h1>The REST API</h1>
          <p>
            Everything is JSON. Make a token in the settings, and send it with every request. For programs:{" "}
            <a href="/api/v1/openapi.json">OpenAPI document</a>.
          </p>
          <pre>{`curl ${origin}/api/v1/metrics?names=mrr,arr \\\n  --header "Authorization: Bearer jv_…"`}</pre>
          <p>
            Money is an exact decimal string in major units. Rates are numbers, 0.1 being 10 %, or null with a
            reason. Lists answer <code>{"{items, next}"}</code>; hand <code>next</code> back as{" "}
            <code>cursor</code>. An error is <code>{"{error: {code, message, details?}}"}</code> with a
            fitting status.
          </p>
          {tags.map((tag) => (
            <section key={tag} aria-labelledby={anchor(tag)}>
              <h2 id={anchor(tag)}>{tag}</h2>
              {operations
                .filter((operation) => operation.tag === tag)
                .map((operation) => (
                  <Entry key={operation.method + operation.path} operation={operation} />
                ))}
            </section>
          ))}
        </main>
      </body>
    </html>
  );
}

const anchor = (tag: string) => tag.toLowerCase().replaceAll(" ", "-");

function Entry({ operation }: { operation: Operation }) {
  return (
    <article>
      <h3>
        <code>
          <b>{operation.method}</b> /api/v1{operation.path}
        </code>
      </h3>
      <p>{operation.description ? `${operation.summary}. ${operation.description}` : operation.summary}</p>
      {operation.parameters.length > 0 && (
        <ul>
          {operation.parameters.map((parameter) => (
            <li key={parameter.place + parameter.name}>
              <code>{parameter.name}</code> in the {parameter.place}
              {parameter.required ? ", required" : ""}
              {parameter.description ? `: ${parameter.description}` : ""}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
