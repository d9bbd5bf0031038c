/** What was typed and not sent, kept in this browser per person and place: nothing typed is lost. */
const nameOf = (userId: string, place: string) => `draft:${userId}:${place}`;
/** Private windows may have no storage: then there are no drafts. */
const storage = (): Storage | null => {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
};

export const readDraft = (userId: string, place: string): string =>
  storage()?.getItem(nameOf(userId, place)) ?? "";

export function keepDraft(userId: string, place: string, text: string): void {
  try {
    if (text.trim() === "") storage()?.removeItem(nameOf(userId, place));
    else storage()?.setItem(nameOf(userId, place), text);
  } catch {
    // a full storage: the text is still in its field
  }
}
