import { uuidv7 } from "uuidv7";

/** A new id, made in the app: a uuid whose beginning is the time, so that indexes grow at their end. */
export const newId = (): string => uuidv7();
