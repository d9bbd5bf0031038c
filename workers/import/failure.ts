/** The whole file cannot be imported: ends the upload as `failed`, with words for the person who gave it. */
export class ImportFailure extends Error {
  override readonly name = "ImportFailure";
  constructor(
    readonly code: string,
    message: string,
    readonly line: number | null = null,
  ) {
    super(message);
  }
}

/** Somebody cancelled: nothing is to be kept and nothing went wrong. */
export class ImportCancelled extends Error {
  override readonly name = "ImportCancelled";
}
