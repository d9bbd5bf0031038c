import { type CloseCode, closeCodes } from "#collab/close-codes.ts";
import { MalformedFrame } from "#collab/protocol.ts";
import type { Logger } from "#root/log.ts";
import type { Member } from "./member.ts";

/** A frame that ends the connection it came on. */
export class Refused extends Error {
  constructor(
    readonly code: CloseCode,
    readonly words: string,
  ) {
    super(words);
  }
}

/** Ends the connection whose frame could not be taken, and says why as far as it concerns them. */
export function endBecause(error: unknown, member: Member, log: Logger, docId: string): void {
  if (error instanceof Refused) {
    const { code, words } = error;
    log.info({ docId, userId: member.user.id, code, why: words }, "a frame was refused");
    member.close(code, words);
    return;
  }
  if (!(error instanceof MalformedFrame)) log.warn({ err: error, docId }, "a frame could not be handled");
  member.close(closeCodes.invalid, "This is no frame.");
}
