/** Somebody who can be named in a comment. */
export interface Person {
  email: string;
  name: string;
}

export interface Mention<P extends Person> {
  person: P;
  /** Where `@…` stands in the text, in UTF-16 units. */
  start: number;
  end: number;
}

const wordBefore = /[\p{L}\p{N}._%+-]$/u;
const wordAfter = /^[\p{L}\p{N}_@]/u;
/** What an address may go on with: `@ada@x.example` is not `@ada@x.example.org`. */
const addressAfter = /^([\p{L}\p{N}_-]|\.[\p{L}\p{N}])/u;

/**
 * Who is named in a text: `@` and an address, or `@` and the whole name of one person alone. Of several that fit, the longest; the
 * case of letters does not matter.
 */
export function findMentions<P extends Person>(text: string, people: readonly P[]): Mention<P>[] {
  const names = Map.groupBy(mentionable(people), ({ spelled }) => spelled.charAt(0));
  const found: Mention<P>[] = [];
  let at = text.indexOf("@");
  for (let tries = 0; at >= 0 && tries < mostTries; tries++) {
    const rest = text.slice(at + 1, at + 1 + longest);
    const hit = wordBefore.test(text.slice(Math.max(0, at - 2), at))
      ? undefined
      : names.get(rest.charAt(0).toLowerCase())?.find(fits(rest));
    if (hit) found.push({ person: hit.person, start: at, end: at + 1 + hit.spelled.length });
    at = text.indexOf("@", hit ? at + 1 + hit.spelled.length : at + 1);
  }
  return found;
}

const longest = 300;
/** Nobody means that many. */
const mostTries = 500;

const fits =
  (rest: string) =>
  ({ spelled, isAddress }: Spelling<Person>): boolean =>
    rest.slice(0, spelled.length).toLowerCase() === spelled &&
    !(isAddress ? addressAfter : wordAfter).test(rest.slice(spelled.length));

interface Spelling<P extends Person> {
  person: P;
  /** In lower case. */
  spelled: string;
  isAddress: boolean;
}

/** Everybody by address, and by name where nobody else has it; the longest first. */
function mentionable<P extends Person>(people: readonly P[]): Spelling<P>[] {
  const spellings = people.flatMap((person): Spelling<P>[] => [
    { person, spelled: person.email.toLowerCase(), isAddress: true },
    ...(isUnique(person, people)
      ? [{ person, spelled: person.name.trim().toLowerCase(), isAddress: false }]
      : []),
  ]);
  return spellings.sort((a, b) => b.spelled.length - a.spelled.length);
}

const isUnique = (person: Person, people: readonly Person[]): boolean => {
  const name = person.name.trim().toLowerCase();
  return name !== "" && people.filter((other) => other.name.trim().toLowerCase() === name).length === 1;
};

/** How somebody is written into a text: by name where that is theirs alone. */
export const mentionText = (person: Person, people: readonly Person[]): string =>
  `@${isUnique(person, people) ? person.name.trim() : person.email}`;
