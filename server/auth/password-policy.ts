import { AppError } from "#root/errors.ts";
import { commonWords } from "./common-words.ts";

/**
 * Refuses a password that guessers try first. Its length is checked before (contracts/accounts.ts); no rules about
 * kinds of characters, no expiry. The list is offline: nothing about a password leaves the machine.
 * @throws AppError UNPROCESSABLE, reason `weak_password`
 */
export function requireStrongPassword(password: string, person: { email: string; name: string }): void {
  if (isGuessable(password, person))
    throw new AppError(
      "UNPROCESSABLE",
      "This password is among the first that are tried. Choose another: four or five unrelated words do well.",
      { reason: "weak_password" },
    );
}

export function isGuessable(password: string, person: { email: string; name: string }): boolean {
  const lower = password.normalize("NFKC").toLowerCase();
  const characters = [...lower];
  if (new Set(characters).size < 5 || isRun(characters)) return true;
  const unit = repeatedUnit(lower);
  if (unit !== null && unit.length <= 8) return true;
  // what is left when years, digits and signs around and between the words are gone
  const letters = lower.replace(/[^a-z]/g, "");
  if (letters.length < 4) return isRun([...lower.replace(/\D/g, "")]);
  if (keyboardWalks.some((walk) => walk.includes(letters))) return true;
  const own = [...person.email.split(/[@.]/), ...person.name.split(/\s+/), "jarvis"]
    .map((word) => word.toLowerCase().replace(/[^a-z]/g, ""))
    .filter((word) => word.length >= 3);
  return [...commonWords, ...own].some((word) => isRepetition(letters, word));
}

const backwards = (text: string) => [...text].reverse().join("");
const boards = [
  "qwertyuiop asdfghjkl zxcvbnm",
  "qwertzuiop asdfghjkl yxcvbnm",
  "azertyuiop qsdfghjklm wxcvbn",
  "qaz wsx edc rfv tgb yhn ujm ik ol p",
];
/** Fingers that run along the keys, row by row or column by column, either way. */
const keyboardWalks = boards.flatMap((board) => {
  const lines = board.split(" ");
  return [lines.join(""), lines.map(backwards).join(""), backwards(lines.join(""))].map(
    (walk) => walk + walk,
  );
});

const isRepetition = (text: string, word: string) =>
  text.length % word.length === 0 && word.repeat(text.length / word.length) === text;

/** 123456789…, abcdef…, backwards too, with at most a few breaks. */
function isRun(characters: string[]): boolean {
  if (characters.length < 4) return false;
  let steps = 0;
  for (let i = 1; i < characters.length; i++) {
    const step = (characters[i]!.codePointAt(0) ?? 0) - (characters[i - 1]!.codePointAt(0) ?? 0);
    if (Math.abs(step) === 1 || Math.abs(step) === 9) steps++;
  }
  return steps >= (characters.length - 1) * 0.8;
}

/** `abcabcabc` → `abc` (a last, broken repetition counts); null when nothing repeats. */
function repeatedUnit(value: string): string | null {
  for (let size = 1; size <= value.length / 2; size++) {
    const unit = value.slice(0, size);
    if (unit.repeat(Math.ceil(value.length / size)).startsWith(value)) return unit;
  }
  return null;
}
