/** Roles from the most to the least powerful. */
export const roles = ["owner", "admin", "editor", "commenter", "viewer"] as const;
export type Role = (typeof roles)[number];

const everyone: readonly Role[] = roles;
const commenters: readonly Role[] = ["owner", "admin", "editor", "commenter"];
const editors: readonly Role[] = ["owner", "admin", "editor"];
const admins: readonly Role[] = ["owner", "admin"];
const owners: readonly Role[] = ["owner"];

/** The one permission table: action → the roles that may. Everything that asks "may they?" asks here. */
export const permissions = {
  "data.read": everyone,
  "data.import": editors,
  "data.exclude": editors,
  /** Connecting a billing system, its keys, pausing and disconnecting it. */
  "sources.manage": admins,
  "customers.merge": editors,
  "finance.edit": editors,
  "dashboard.edit": editors,
  "segments.edit": editors,
  "annotations.edit": editors,
  "comment.write": commenters,
  "org.read": everyone,
  "org.update": admins,
  "org.delete": owners,
  "members.read": everyone,
  "members.manage": admins,
  "tokens.manage": admins,
  "audit.read": admins,
  "outbox.read": admins,
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof permissions;

export const can = (role: Role, action: Action): boolean => permissions[action].includes(role);

/** All actions of a role, sent with the data so that the browser holds no second table. */
export const permissionFlags = (role: Role): Record<Action, boolean> =>
  Object.fromEntries(
    Object.keys(permissions).map((action) => [action, can(role, action as Action)]),
  ) as Record<Action, boolean>;

/** True when `a` stands at least as high as `b`: nobody hands out more than they have. */
export const atLeast = (a: Role, b: Role): boolean => roles.indexOf(a) <= roles.indexOf(b);
