import type { Env } from "#root/env.ts";

/** What a command works with. Only results go to standard output: scripts read it. Everything else goes to `note`. */
export interface CommandContext {
  env: Env;
  databaseUrl: string;
  /** Nobody else uses this database: its cluster was started for this command. */
  isOurs: boolean;
  /** One line for the person at the terminal, on standard error. */
  note(text: string): void;
  /** One line of result, on standard output. */
  print(text: string): void;
}

/** @throws Problem for what the person can mend */
export type Command = (args: string[], context: CommandContext) => Promise<void>;
