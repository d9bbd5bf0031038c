import type { Database, OrgTx } from "#db/database.ts";

/**
 * The small questions of one request, in one transaction: those that begin while others run join them, on one connection and in one
 * state of the data. A page asks ten of them at once, and each by itself would take a connection, a beginning and an end.
 */
export interface SharedReads {
  /**
   * Runs `fn` in a transaction that only reads. For what is quick, and what a page cannot do without: a statement that the database
   * refuses ends the transaction for all who are in it.
   * @throws AppError UNAVAILABLE when no connection could be had
   */
  read<T>(orgId: string, userId: string, fn: (tx: OrgTx) => Promise<T>): Promise<T>;
}

interface Open {
  tx: Promise<OrgTx>;
  readers: number;
  end(): void;
}

export function createSharedReads(db: Database): SharedReads {
  const open = new Map<string, Open>();

  function begin(orgId: string, userId: string): Open {
    let end = () => {};
    const ended = new Promise<void>((done) => {
      end = done;
    });
    const tx = new Promise<OrgTx>((begun, fail) => {
      const whole = (one: OrgTx) => {
        begun(one);
        return ended;
      };
      // once it has begun its readers hear of faults by themselves
      db.withOrg(orgId, whole, { userId, readOnly: true }).catch(fail);
    });
    return { tx, readers: 0, end };
  }

  return {
    async read(orgId, userId, fn) {
      const key = `${orgId} ${userId}`;
      const one = open.get(key) ?? begin(orgId, userId);
      open.set(key, one);
      one.readers += 1;
      try {
        return await fn(await one.tx);
      } finally {
        one.readers -= 1;
        if (one.readers === 0) {
          open.delete(key);
          one.end();
        }
      }
    },
  };
}
