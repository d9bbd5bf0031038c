import { AppError } from "#root/errors.ts";

/** Whose turn it is: at most so many at once under a key; whoever comes later waits, and not for ever. */
export interface Turns {
  /** @throws AppError UNAVAILABLE, reason `busy`, when too many wait or it takes too long; `work` has not begun then */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

interface Line {
  running: number;
  waiting: (() => void)[];
}

const busy = (): AppError =>
  new AppError(
    "UNAVAILABLE",
    "Many questions are being worked on for this organisation. Try again in a moment.",
    {
      reason: "busy",
      retryAfterSeconds: 5,
    },
  );

export function createTurns({
  atOnce,
  waiting,
  waitMs,
}: {
  atOnce: number;
  waiting: number;
  waitMs: number;
}): Turns {
  const lines = new Map<string, Line>();

  function join(line: Line): Promise<void> {
    if (line.running < atOnce) {
      line.running += 1;
      return Promise.resolve();
    }
    if (line.waiting.length >= waiting) throw busy();
    return new Promise((begin, fail) => {
      const turn = (): void => {
        clearTimeout(tired);
        begin();
      };
      const tired = setTimeout(() => {
        line.waiting.splice(line.waiting.indexOf(turn), 1);
        fail(busy());
      }, waitMs);
      line.waiting.push(turn);
    });
  }

  return {
    async run(key, work) {
      const line = lines.get(key) ?? { running: 0, waiting: [] };
      lines.set(key, line);
      await join(line);
      try {
        return await work();
      } finally {
        // the turn is handed on, or given back
        const next = line.waiting.shift();
        if (next) next();
        else line.running -= 1;
        if (line.running === 0) lines.delete(key);
      }
    },
  };
}
