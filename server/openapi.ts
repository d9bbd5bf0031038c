import { generateOpenApiDocument, type OpenAPIObject } from "trpc-to-openapi";
import { restRoutes } from "./rest-routes.ts";
import { appRouter } from "./router.ts";

const errorSchema = {
  type: "object" as const,
  required: ["error"],
  properties: {
    error: {
      type: "object" as const,
      required: ["code", "message"],
      properties: {
        code: {
          type: "string" as const,
          description: "A stable word for programs, e.g. not_found or unknown_metric",
        },
        message: { type: "string" as const, description: "A sentence for people" },
        details: { type: "object" as const, additionalProperties: true },
      },
    },
  },
};

type Paths = NonNullable<OpenAPIObject["paths"]>;
type OperationObject = NonNullable<Paths[string]["post"]>;

let generated: OpenAPIObject | null = null;

/** The API described for programs, made from the procedures once; `origin` names the server. */
export function openApiDocument(origin: string): OpenAPIObject {
  generated ??= describeProcedures();
  return { ...generated, servers: [{ url: `${origin}/api/v1` }] };
}

function describeProcedures(): OpenAPIObject {
  const document = generateOpenApiDocument(appRouter, {
    title: "Jarvis360",
    version: "1",
    description:
      "Money is an exact decimal string in major units, rates are numbers (0.1 = 10 %) or null with a reason, months are YYYY-MM and days YYYY-MM-DD. Lists answer {items, next}: hand `next` back as `cursor`.",
    baseUrl: "/api/v1",
    docsUrl: "/api/docs",
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer", description: "An API token: jv_…" },
    },
  });
  const paths = document.paths ?? {};
  for (const route of restRoutes(appRouter)) {
    const operations: Record<string, unknown> = { ...paths[`/${route.segments.join("/")}`] };
    const operation = operations[route.method.toLowerCase()] as Operation | undefined;
    if (operation) adjust(operation, route.status);
  }
  paths["/uploads"] = { ...paths["/uploads"], post: uploadOperation };
  return { ...document, paths };
}

interface Operation {
  parameters?: { name: string; in: string; [key: string]: unknown }[];
  responses?: Record<string, unknown>;
}

/** What the generator cannot know: our statuses, our error envelope, and how filters are written in a query. */
function adjust(operation: Operation, status: number): void {
  const { "200": success, ...rest } = operation.responses ?? {};
  const failures = Object.keys(rest).filter((code) => code !== "default");
  operation.responses = {
    [status]: success,
    ...Object.fromEntries(failures.map((code) => [code, failure(code)])),
    default: failure("default"),
  };
  operation.parameters = operation.parameters?.flatMap((parameter) =>
    parameter.name === "filter" ? filterParameters : [parameter],
  );
}

const words: Record<string, string> = {
  "400": "The request cannot be understood",
  "401": "No or an unknown token",
  "403": "The role does not allow it",
  "404": "There is no such thing",
};

const failure = (code: string) => ({
  description: words[code] ?? "An error",
  content: { "application/json": { schema: errorSchema } },
});

const filterParameters = ["plan", "interval", "currency", "source", "country", "attr.NAME"].map((key) => ({
  name: `filter.${key}`,
  in: "query",
  description: "Given twice: either value. Empty: not set.",
  schema: { type: "array", items: { type: "string" } },
  style: "form",
  explode: true,
}));

/** Served by busboy rather than by a procedure, so it is described by hand. */
const uploadOperation: OperationObject = {
  operationId: "uploads-create",
  summary: "Upload a file",
  description:
    "Streams a CSV file in. The same bytes, kind, mapping and options again answer 200 with the existing id and duplicate: true.",
  tags: ["Uploads"],
  security: [{ bearer: [] }],
  requestBody: {
    required: true,
    content: {
      "multipart/form-data": {
        schema: {
          type: "object",
          required: ["file"],
          properties: {
            file: { type: "string", format: "binary" },
            kind: { type: "string", description: "Detected from the header when left out" },
            mapping: {
              type: "string",
              description: 'JSON: {file column: canonical column, "attr.NAME" or null}',
            },
            options: {
              type: "string",
              description:
                "JSON: header, skip_leading_lines, delimiter, quote, encoding, date_format, decimal_comma, currency, timezone",
            },
            dry_run: { type: "string", description: "true: parse and check, import nothing" },
          },
        },
      },
    },
  },
  responses: {
    "202": {
      description: "Received; the import runs in the background",
      content: {
        "application/json": {
          schema: {
            type: "object",
            required: ["id"],
            properties: {
              id: { type: "string", format: "uuid" },
              duplicate: { type: "boolean" },
            },
          },
        },
      },
    },
    default: failure("default"),
  },
};
