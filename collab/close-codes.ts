/** Why the server ends a connection to a shared document. */
export const closeCodes = {
  tooBig: 1009,
  restarting: 1012,
  /** Reads too slowly, or the database cannot be reached: come back a little later. */
  later: 1013,
  sessionOver: 4401,
  /** May not read it (any more), or wrote without being allowed to. */
  forbidden: 4403,
  /** There is no such document; another organisation's looks the same. */
  unknown: 4404,
  /** No first message within ten seconds. */
  silent: 4408,
  otherEpoch: 4409,
  /** Connect again: what you may do has changed. */
  permissionChanged: 4410,
  /** Malformed, or against the schema. */
  invalid: 4422,
  clientTooOld: 4426,
  /** Too often, or more than a document or an organisation may hold. */
  tooMuch: 4429,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
