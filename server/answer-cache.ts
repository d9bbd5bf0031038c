import type { Database, OrgTx } from "#db/database.ts";
import { getAnalyticsSettings } from "#db/queries/analytics-settings.ts";
import type { FilterValues } from "#db/queries/filters.ts";
import { listWanted, type SumsQuestion } from "#db/queries/kept-sums.ts";
import { resolveFilter } from "#db/queries/segments.ts";
import type { Limits } from "#root/env.ts";
import { AppError } from "#root/errors.ts";
import { noteSums } from "./asked-sums.ts";
import { asAppError } from "./fault.ts";
import { createTurns, type Turns } from "./turns.ts";

/**
 * Answers that were worked out before and still hold: everybody who looks at a dashboard asks the same. An answer is kept
 * under all that it depends on: the organisation's settings, today, and metrics_version, which every change of facts
 * counts up in its own transaction. What changes facts without counting up would be served stale.
 */

const mostCharacters = 200_000;
const mostWaiting = 100;
const waitMs = 20_000;

interface Kept {
  /** A Map keeps its keys in the order of use. */
  answers: Map<string, unknown>;
  /** What is being worked out: many pages ask the same in the moment in which numbers move. */
  begun: Map<string, Promise<unknown>>;
  turns: Turns;
}
/** By the database they came from. */
const caches = new WeakMap<Database, Kept>();

interface Asker {
  db: Database;
  env: { LIMITS: Pick<Limits, "answersKept" | "answersAtOnce"> };
  org: { id: string };
  inOrg<T>(fn: (tx: OrgTx) => Promise<T>, options?: { readOnly?: boolean }): Promise<T>;
}

/**
 * The kept answer to a question, or a new one. `input` is all that the question depends on besides the organisation; `work` gets
 * it with what the segments of its filter say in their place, so that a segment that changes is another question.
 * What it adds up from many rows is noted, and kept for whoever asks next, also where it took too long.
 * @throws AppError BAD_REQUEST, reason `unknown_segment`; UNAVAILABLE, reason `busy` or `query_timeout`
 */
export async function answer<T, Input>(
  asker: Asker,
  question: string,
  input: Input,
  work: (tx: OrgTx, input: Input) => Promise<T>,
): Promise<T> {
  const wanted: SumsQuestion[] = [];
  try {
    return await keptOrNew(asker, question, input, (tx, asked) =>
      work(tx, asked).finally(() => wanted.push(...listWanted(tx))),
    );
  } catch (error) {
    if (asAppError(error)?.extra.reason !== "query_timeout" || wanted.length === 0) throw error;
    const message = "This took too long and was stopped. Try again in a few minutes, or a smaller range.";
    throw new AppError("UNAVAILABLE", message, {
      reason: "query_timeout",
      cause: error,
      retryAfterSeconds: 60,
    });
  } finally {
    for (const one of wanted) await noteSums(asker, one);
  }
}

function keptOrNew<T, Input>(
  asker: Asker,
  question: string,
  input: Input,
  work: (tx: OrgTx, input: Input) => Promise<T>,
): Promise<T> {
  const { answersKept, answersAtOnce } = asker.env.LIMITS;
  const kept = caches.get(asker.db) ?? {
    answers: new Map(),
    begun: new Map(),
    turns: createTurns({ atOnce: answersAtOnce, waiting: mostWaiting, waitMs }),
  };
  caches.set(asker.db, kept);
  const { answers, begun, turns } = kept;
  // one organisation's heavy questions leave connections for the others'
  return turns.run(asker.org.id, () =>
    asker.inOrg(
      async (tx) => {
        const asked = await withSegments(tx, input);
        if (answersKept === 0) return work(tx, asked);
        const key = JSON.stringify([asker.org.id, await getAnalyticsSettings(tx), question, asked]);
        const known = answers.get(key) as T | undefined;
        if (known !== undefined) {
          answers.delete(key);
          answers.set(key, known);
          return known;
        }
        const running = begun.get(key) as Promise<T> | undefined;
        if (running) return running;
        const made = work(tx, asked).finally(() => begun.delete(key));
        begun.set(key, made);
        const found = await made;
        if (JSON.stringify(found).length <= mostCharacters) answers.set(key, found);
        for (const oldest of answers.keys()) {
          if (answers.size <= answersKept) break;
          answers.delete(oldest);
        }
        return found;
      },
      { readOnly: true },
    ),
  );
}

async function withSegments<Input>(tx: OrgTx, input: Input): Promise<Input> {
  if (typeof input !== "object" || input === null || !("filter" in input)) return input;
  return { ...input, filter: await resolveFilter(tx, input.filter as FilterValues) };
}
