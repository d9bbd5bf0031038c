import type { Person } from "#contracts/mentions.ts";

export interface MentionQuery {
  /** Where the `@` stands. */
  start: number;
  /** What follows it up to the caret. */
  typed: string;
}

/** What is being typed after an `@` at the caret; null elsewhere. A name may hold one blank. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const before = text.slice(Math.max(0, caret - 80), caret);
  const match = /(?:^|[^\p{L}\p{N}._%+-])@([\p{L}\p{N}._%+@'’-]*(?: [\p{L}\p{N}.'’-]*)?)$/u.exec(before);
  const typed = match?.[1];
  return typed === undefined ? null : { start: caret - typed.length - 1, typed };
}

const shown = 6;

/** Who fits what was typed: names and addresses that begin so, then names of which a later word does. */
export function fittingPeople<P extends Person>(people: readonly P[], typed: string): P[] {
  const wanted = typed.toLowerCase();
  const begins = people.filter(
    ({ name, email }) => name.toLowerCase().startsWith(wanted) || email.toLowerCase().startsWith(wanted),
  );
  const later = people.filter(
    (person) =>
      !begins.includes(person) &&
      wanted !== "" &&
      person.name
        .toLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(wanted)),
  );
  return [...begins, ...later].slice(0, shown);
}
