import { parseArgs } from "node:util";
import { email, organisationName, role } from "#contracts/accounts.ts";
import { createDatabase } from "#db/database.ts";
import type { Command } from "./command.ts";
import { Problem } from "./problem.ts";
import { createToken } from "./token.ts";

/** `token create --org NAME --email ADDRESS [--role owner]`: prints the token, and nothing else, on standard output. */
export const token: Command = async ([action, ...args], { databaseUrl, note, print }) => {
  if (action !== "create") throw new Problem("Usage: token create --org NAME --email ADDRESS [--role owner]");
  const { values } = parseArgs({
    args,
    options: {
      org: { type: "string" },
      email: { type: "string" },
      role: { type: "string", default: "owner" },
    },
  });
  const org = organisationName.safeParse(values.org);
  const address = email.safeParse(values.email);
  const wanted = role.safeParse(values.role);
  if (!org.success) throw new Problem("Name the organisation: --org NAME");
  if (!address.success) throw new Problem("Give a mail address: --email ADDRESS");
  if (!wanted.success) throw new Problem(`There is no role ${values.role}: ${role.options.join(", ")}`);
  const db = createDatabase({ url: databaseUrl, role: "jarvis_app", max: 2 });
  try {
    print(await createToken(db, { org: org.data, email: address.data, role: wanted.data }));
    note(`A token of ${address.data} (${wanted.data}) for ${org.data}. It is shown this once.`);
  } finally {
    await db.close();
  }
};
