import { parseArgs } from "node:util";
import { migrate } from "#db/migrate.ts";
import type { Command } from "./command.ts";

export const migrateDatabase: Command = async (args, { databaseUrl, print }) => {
  parseArgs({ args });
  const ran = await migrate(databaseUrl);
  print(ran.length === 0 ? "The database is of this version already." : `Ran ${ran.join(", ")}.`);
};
