import { atLeast, type Role, roles } from "#contracts/permissions.ts";

/** What each role may do, in one line. */
export const roleWords = {
  owner: "Everything, also deleting the organisation",
  admin: "Members, tokens, settings and all data",
  editor: "Uploads and dashboards",
  commenter: "Reads and comments",
  viewer: "Reads",
} as const satisfies Record<Role, string>;

/** The roles that somebody may give out: none above their own. */
export const rolesToGive = (own: Role): readonly Role[] => roles.filter((role) => atLeast(own, role));

export const capitalised = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
