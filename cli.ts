import type { Command } from "./cli/command.ts";
import { openDatabase } from "./cli/open-database.ts";
import { Problem } from "./cli/problem.ts";
import { ClusterInUse } from "./db/embedded-lock.ts";
import { EnvError, env, presetEnv } from "./env.ts";
import { isAppError } from "./errors.ts";

/** `npm run cli -- <command>`: works while the product runs, and while it does not. */
const usage = `Usage: npm run cli -- <command>

  token create --org NAME --email ADDRESS [--role owner]
                            makes what is missing and prints one API token
  demo [--customers N]      loads the demo organisation, or makes one of N customers
  import FILE --org NAME [--kind KIND]
                            imports a CSV file and tells how it went
  migrate                   brings the database to this version
  backup FILE               writes everything into one file
  restore FILE              fills an empty database from such a file
  secrets rotate            seals stored secrets with a new key
  doctor                    looks for what could be wrong

With DATABASE_URL it works on that Postgres, else on the embedded one in DATA_DIR.`;

interface Entry {
  load: () => Promise<Command>;
  /** False: the command itself decides when the schema is made. */
  migrates: boolean;
}

const commands: Record<string, Entry> = {
  token: { load: async () => (await import("./cli/token-command.ts")).token, migrates: true },
  demo: { load: async () => (await import("./cli/demo.ts")).demo, migrates: true },
  import: { load: async () => (await import("./cli/import.ts")).importFile, migrates: true },
  migrate: { load: async () => (await import("./cli/migrate.ts")).migrateDatabase, migrates: false },
  backup: { load: async () => (await import("./cli/backup.ts")).backup, migrates: true },
  restore: { load: async () => (await import("./cli/backup.ts")).restoreBackup, migrates: false },
  secrets: { load: async () => (await import("./cli/secrets.ts")).secrets, migrates: true },
  doctor: { load: async () => (await import("./cli/doctor.ts")).doctor, migrates: false },
};

async function main([name = "", ...args]: string[]): Promise<void> {
  if (name === "" || name === "help" || name === "--help") {
    console.log(usage);
    return;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) throw new Problem(`There is no command “${name}”.\n\n${usage}`);
  // a command speaks for itself: the log is for what goes wrong
  presetEnv({ LOG_LEVEL: "error" });
  const settings = env();
  const command = await entry.load();
  const note = (text: string) => console.error(text);
  const database = await openDatabase(settings, {
    onMove: (from, to) => note(`The user postgres cannot reach ${from}: the data is in ${to}`),
  });
  try {
    if (entry.migrates) await (await import("./db/migrate.ts")).migrate(database.url);
    await command(args, {
      env: settings,
      databaseUrl: database.url,
      isOurs: database.isOurs,
      note,
      print: (text) => console.log(text),
    });
  } finally {
    await database.close();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(process.exitCode),
  (error: unknown) => {
    if (error instanceof Problem || error instanceof EnvError || error instanceof ClusterInUse)
      console.error(error.message);
    else if (isAppError(error)) console.error(error.message, error.extra.details ?? "");
    else if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"))
      console.error(`${error.message}\n\n${usage}`);
    else console.error(error);
    process.exit(1);
  },
);
