import { existsSync } from "node:fs";
import { z } from "zod";

/** Everything the process reads from its surroundings, parsed once. `.env.example` lists it for people. */
const limitsSchema = z
  .object({
    uploadBytes: z
      .number()
      .int()
      .positive()
      .default(1024 ** 3),
    uploadRows: z.number().int().positive().default(20_000_000),
    csvColumns: z.number().int().positive().default(1_000),
    csvFieldBytes: z
      .number()
      .int()
      .positive()
      .default(32 * 1024),
    csvRecordBytes: z
      .number()
      .int()
      .positive()
      .default(1024 ** 2),
    jsonBytes: z
      .number()
      .int()
      .positive()
      .default(1024 ** 2),
    statementMs: z.number().int().positive().default(30_000),
    /** Answers to questions about numbers that a process keeps; 0: none. */
    answersKept: z.number().int().min(0).default(500),
    /** Such questions of one organisation that a process works on at once. */
    answersAtOnce: z.number().int().positive().default(4),
    loginPerMinute: z.number().int().positive().default(10),
    requestsPerMinute: z.number().int().positive().default(3_000),
    /** WebSockets from one address. */
    socketsPerAddress: z.number().int().positive().default(500),
    /** Open pages that hear the live feed: of one organisation, and of one person or token. */
    feedsPerOrganisation: z.number().int().positive().default(2_000),
    feedsPerPerson: z.number().int().positive().default(100),
    /** Connections to one shared document, and to all of one organisation's: everybody's, one person's, one token's (a program's). */
    collabPerDocument: z.number().int().positive().default(250),
    collabPerOrganisation: z.number().int().positive().default(500),
    collabPerPerson: z.number().int().positive().default(100),
    collabPerToken: z.number().int().positive().default(500),
    /** Frames of one connection. */
    collabFramesPerSecond: z.number().positive().default(50),
    collabFramesBurst: z.number().int().positive().default(200),
    /** Edits of one organisation. */
    collabUpdatesPerSecond: z.number().int().positive().default(2_000),
    collabUpdateBytes: z
      .number()
      .int()
      .positive()
      .default(512 * 1024),
    collabFrameBytes: z
      .number()
      .int()
      .positive()
      .default(1024 ** 2),
    /** What one connection may leave unread. */
    collabBufferedBytes: z
      .number()
      .int()
      .positive()
      .default(4 * 1024 ** 2),
    collabDocumentBytes: z
      .number()
      .int()
      .positive()
      .default(2 * 1024 ** 2),
    /** False: connectors ask as fast as they can, and only the vendor limits them. */
    sourcesLimited: z.boolean().default(true),
  })
  .strict()
  .prefault({});

const optional = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value === "" ? null : value));

const schema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  BASE_URL: optional.pipe(z.url().nullable()),
  /** How many proxies of our own stand in front: only their X-Forwarded-For entries are believed. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: optional,
  DATABASE_APP_URL: optional,
  DATABASE_QUEUE_URL: optional,
  DATABASE_MAINT_URL: optional,
  REDIS_URL: optional,
  SMTP_URL: optional,
  MAIL_FROM: z.string().default("Jarvis360 <no-reply@localhost>"),
  SECRET_KEYS: optional,
  STRIPE_API_BASE: optional.pipe(z.url({ protocol: /^https?$/ }).nullable()),
  /** This instance as an app of Stripe's: its client id, and the secret key of the account that owns it. */
  STRIPE_CLIENT_ID: optional,
  STRIPE_CLIENT_SECRET: optional,
  LIMITS: z
    .string()
    .optional()
    .transform((text, ctx) => {
      if (!text) return {};
      try {
        return JSON.parse(text) as unknown;
      } catch {
        ctx.addIssue({ code: "custom", message: "LIMITS is not JSON" });
        return z.NEVER;
      }
    })
    .pipe(limitsSchema),
  METRICS_TOKEN: optional,
  /** Of tests: the redis-server that they start (unset: the one on the PATH, if any), and draws of those that draw at random. */
  REDIS_SERVER: optional,
  TEST_ROUNDS: z.coerce.number().int().positive().default(1),
  TEST_SEED: z.coerce.number().int().min(0).max(0xffff_ffff).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type Env = z.infer<typeof schema>;
export type Limits = Env["LIMITS"];

/** Settings that cannot be used; the message is for whoever set them. */
export class EnvError extends Error {}

/** @throws EnvError that names every wrong variable */
export function parseEnv(source: Record<string, string | undefined>): Env {
  // NAME= in a file means: not set
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new EnvError(`The environment has values that cannot be used:\n${lines.join("\n")}`);
}

let parsed: Env | null = null;

/** The environment of this process, and of a file `.env` where there is one, parsed at the first call. */
export function env(): Env {
  if (parsed) return parsed;
  loadFile();
  parsed = parseEnv(process.env);
  return parsed;
}

/** What the surroundings already say stays. */
function loadFile(): void {
  if (process.env.NODE_ENV !== "test" && existsSync(".env")) process.loadEnvFile(".env");
}

/** Fills in what the surroundings leave open. Call it before the first `env()`. */
export function presetEnv(values: Record<string, string>): void {
  loadFile();
  for (const [name, value] of Object.entries(values)) process.env[name] ??= value;
}

/**
 * React and Express choose their fast builds by NODE_ENV when they are first imported. `npm start` wants those without
 * being a production whose operator brings the secrets: so this comes after `env()` was parsed.
 */
export function useProductionLibraries(): void {
  env();
  process.env.NODE_ENV = "production";
}

/** What child processes inherit: the surroundings as they are, with some values put over them. */
export const childEnv = (over: Record<string, string>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...over,
});
