import type { CloseCode } from "#collab/close-codes.ts";

/** A frame that ends the connection it came on. */
export class Refused extends Error {
  constructor(
    readonly code: CloseCode,
    readonly words: string,
  ) {
    super(words);
  }
}
