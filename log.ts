import pino from "pino";
import { env } from "./env.ts";

/** Secrets never reach a log line, wherever in an object they stand. */
const redact = [
  "password",
  "*.password",
  "token",
  "*.token",
  "secret",
  "*.secret",
  "authorization",
  "*.authorization",
  "credentials",
  "*.credentials",
  "apiKey",
  "*.apiKey",
  "api_key",
  "*.api_key",
  "cookie",
  "*.cookie",
];

export type Logger = pino.Logger;

/** One JSON line per event on standard output. */
export const createLogger = (name: string): Logger =>
  pino({ name, level: env().LOG_LEVEL, redact, base: { name } });
