/** A title may be empty; a link may not. */
export const titleOr = (title: string): string => title.trim() || "Untitled dashboard";
