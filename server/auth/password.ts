import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "#root/errors.ts";

const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;
/** Each hash holds 19 MB and one thread of the pool that file reads share: few at a time, the others wait. */
const atOnce = 2;
const mayWait = 100;

/** Verified against when there is no such account, so that the answer takes as long. Matches no password. */
const dummy = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$amFydmlzMzYwLWR1bW15IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`;

export interface PasswordHasher {
  /** argon2id, in the usual `$argon2id$…` form. */
  hash(password: string): Promise<string>;
  /** `stored` null: no such account; takes as long and is false. `rehash`: the stored cost is not today's. */
  verify(stored: string | null, password: string): Promise<{ ok: boolean; rehash: boolean }>;
}

export function createPasswordHasher(): PasswordHasher {
  const turn = createSemaphore(atOnce, mayWait);
  return {
    async hash(password) {
      const salt = randomBytes(16);
      const tag = await turn(() => derive(password, { ...cost, salt, tagLength }));
      return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
    },
    async verify(stored, password) {
      const parsed = parse(stored ?? dummy) ?? parse(dummy)!;
      const tag = await turn(() => derive(password, { ...parsed, tagLength: parsed.tag.length }));
      const ok = stored !== null && timingSafeEqual(tag, parsed.tag);
      const rehash = ok && (parsed.memory !== cost.memory || parsed.passes !== cost.passes);
      return { ok, rehash };
    },
  };
}

interface Parameters {
  memory: number;
  passes: number;
  parallelism: number;
  salt: Buffer;
  tagLength: number;
}

function derive(password: string, parameters: Parameters): Promise<Buffer> {
  const { salt, ...rest } = parameters;
  return new Promise((done, fail) => {
    argon2("argon2id", { message: password.normalize("NFKC"), nonce: salt, ...rest }, (error, tag) =>
      error ? fail(error) : done(Buffer.from(tag)),
    );
  });
}

const phc =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/;

function parse(stored: string): (Omit<Parameters, "tagLength"> & { tag: Buffer }) | null {
  const match = phc.exec(stored);
  if (!match) return null;
  const [, memory, passes, parallelism, salt, tag] = match;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt!, "base64"),
    tag: Buffer.from(tag!, "base64"),
  };
}

const unpadded = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");

/** Runs at most `width` at a time; whoever would wait behind more than `queue` others is turned away. */
export function createSemaphore(width: number, queue: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= width) {
      if (waiting.length >= queue)
        throw new AppError(
          "RATE_LIMITED",
          "Too many people are signing in right now. Try again in a moment.",
          {
            retryAfterSeconds: 5,
          },
        );
      // whoever ends hands its place over, so that nobody else can take it in between
      await new Promise<void>((go) => waiting.push(go));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
