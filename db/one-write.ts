import pg from "pg";

/**
 * What a connection is asked in one breath leaves in one write: the beginning of a transaction with its first statements. Each write is
 * a call of the system and wakes the other end, which costs as much as a small statement does.
 */
export class OneWriteClient extends pg.Client {
  #isHeld = false;

  override query(...asked: never[]): never {
    const { stream } = this.connection;
    if (!this.#isHeld) {
      this.#isHeld = true;
      stream.cork();
      // after all that goes on without waiting for anybody
      process.nextTick(() => {
        this.#isHeld = false;
        stream.uncork();
      });
    }
    return super.query(...(asked as unknown as [string])) as never;
  }
}
