import { z } from "zod";
import { isCurrency } from "#metrics/currency.ts";
import { pageInput, pageOf, text } from "./lists.ts";
import { roles } from "./permissions.ts";

/** The wire shapes of people, organisations and what belongs to them: tRPC and REST share them. */

/** Trimmed and lower-cased: one address, one account, however it was typed. */
export const email = z
  .string()
  .max(254)
  .transform((value) => value.trim().toLowerCase())
  .pipe(z.email("is not an e-mail address"));

export const passwordMinimum = 15;
/** Long input is refused before it is hashed. */
export const password = z.string().min(1).max(1024);
/** The list of common passwords is asked on the server (server/auth/password-policy.ts). */
export const newPassword = z
  .string()
  .max(1024)
  .refine(
    (value) => [...value].length >= passwordMinimum,
    `must have at least ${passwordMinimum} characters; a few words in a row are easy to remember`,
  );

/** A secret from a link in a mail. */
export const linkToken = z.string().min(16).max(300);
export const role = z.enum(roles);
export const instant = z.iso.datetime({ offset: true });
const name = text(200).refine((value) => value.trim() !== "", "must not be empty");
export const done = z.object({ ok: z.literal(true) });

/** Pages that links in mails lead to; each takes `?token=`. */
export const linkPages = {
  verify: "/verify",
  reset: "/reset-password",
  invitation: "/invitation",
} as const;

// ── the person ───────────────────────────────────────────────────────────────────────────────────────────────────

export const organisationChoice = z.object({
  id: z.uuid(),
  name: z.string(),
  role,
  is_demo: z.boolean(),
});

/** Who is asking and what they may do; `user` is null for nobody. */
export const meOutput = z.object({
  user: z
    .object({ id: z.uuid(), email: z.string(), name: z.string(), email_verified: z.boolean() })
    .nullable(),
  via: z.enum(["session", "token"]).nullable(),
  organisation: organisationChoice.extend({ currency: z.string(), timezone: z.string() }).nullable(),
  organisations: z.array(organisationChoice),
  /** Action → may they, in the organisation in view: the browser holds no permission table of its own. */
  can: z.record(z.string(), z.boolean()),
  /** False when mails stay in the outbox because no mail server is set. */
  mail_is_sent: z.boolean(),
});
export type Me = z.infer<typeof meOutput>;

export const signUpInput = z
  .object({
    email,
    password: newPassword,
    name: text(200).default(""),
    /** Name of the organisation to make; by default one is named after the person. */
    organisation: text(200).optional(),
    /** Token of an invitation that the person came with: then no organisation is made. */
    invitation: linkToken.optional(),
  })
  .strict();
/** `check_mail`: the same answer whether or not the address was known; a link was mailed. */
export const signUpOutput = z.object({ status: z.enum(["signed_in", "check_mail"]) });

export const signInInput = z.object({ email, password }).strict();
export const linkInput = z.object({ token: linkToken }).strict();
export const requestResetInput = z.object({ email }).strict();
export const resetInput = z.object({ token: linkToken, password: newPassword }).strict();
export const changePasswordInput = z.object({ current: password, password: newPassword }).strict();
/** `with_organisations`: those that nobody else belongs to go too, and that is known. */
export const deleteAccountInput = z
  .object({ password, with_organisations: z.boolean().default(false) })
  .strict();
export const deletionPlan = z.object({ ends: z.array(z.string()), needs_owner: z.array(z.string()) });
export const updateProfileInput = z.object({ name: text(200) }).strict();

export const sessionItem = z.object({
  id: z.uuid(),
  current: z.boolean(),
  user_agent: z.string(),
  ip: z.string(),
  created_at: instant,
  last_seen_at: instant,
  /** Made from an API token rather than a password. */
  from_token: z.boolean(),
});
export const sessionsOutput = z.object({ items: z.array(sessionItem) });

export const tokenSessionInput = z.object({ token: z.string().min(1).max(300) }).strict();
export const tokenSessionOutput = z.object({
  organisation: z.object({ id: z.uuid(), name: z.string() }),
  role,
  email: z.string(),
});

// ── the organisation ─────────────────────────────────────────────────────────────────────────────────────────────

export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: "is a code of three capital letters, like USD", abort: true })
  .refine(isCurrency, "is no currency of ISO 4217, like USD or EUR");

export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, "is not a time zone of the IANA list, like Europe/Berlin");

function isTimeZone(value: string): boolean {
  // offsets like +01:00 pass Intl, but are no places: they know no summer time
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(value)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

export const createOrganisationInput = z.object({ name }).strict();
export const switchOrganisationInput = z.object({ id: z.uuid() }).strict();
/** The name typed again: what is destroyed is named by the one who destroys it. */
export const deleteOrganisationInput = z.object({ name: z.string() }).strict();
export const organisationName = name;

// ── members, invitations, API tokens ─────────────────────────────────────────────────────────────────────────────

export const memberItem = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role,
  joined_at: instant,
  you: z.boolean(),
});
export type MemberItem = z.infer<typeof memberItem>;
export const membersOutput = pageOf(memberItem);
export const setRoleInput = z.object({ email, role }).strict();
export const removeMemberInput = z.object({ email }).strict();

export const invitationItem = z.object({
  id: z.uuid(),
  email: z.string(),
  role,
  invited_by: z.string().nullable(),
  created_at: instant,
  expires_at: instant,
});
export const invitationsOutput = pageOf(invitationItem);
export const createInvitationInput = z.object({ email, role: role.default("viewer") }).strict();
/** What somebody who holds the link sees before accepting. */
export const invitationPreview = z.object({
  organisation: z.string(),
  email: z.string(),
  role,
  invited_by: z.string(),
  expires_at: instant,
});

export const tokenItem = z.object({
  id: z.uuid(),
  name: z.string(),
  role,
  last_four: z.string(),
  email: z.string(),
  created_at: instant,
  last_used_at: instant.nullable(),
});
export const tokensOutput = pageOf(tokenItem);
export const createTokenInput = z.object({ name, role: role.default("viewer") }).strict();
/** `token` is shown this once; only its hash is kept. */
export const createdToken = tokenItem.extend({ token: z.string() });

export const idInput = z.object({ id: z.uuid() }).strict();

// ── the audit log and the outbox ─────────────────────────────────────────────────────────────────────────────────

export const auditItem = z.object({
  id: z.uuid(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  details: z.record(z.string(), z.unknown()),
  ip: z.string(),
});
export const auditInput = z.object({ action: z.string().max(100).optional(), ...pageInput });
export const auditOutput = pageOf(auditItem);

export const mailStatus = z.enum(["queued", "sending", "sent", "outbox", "failed", "unknown"]);
export const mailItem = z.object({
  id: z.uuid(),
  recipient: z.string(),
  subject: z.string(),
  body: z.string(),
  html: z.string(),
  status: mailStatus,
  error: z.string().nullable(),
  /** To this person alone (verification, reset), not to the organisation's admins. */
  personal: z.boolean(),
  created_at: instant,
  sent_at: instant.nullable(),
});
export const outboxOutput = pageOf(mailItem);

export const listInput = z.object(pageInput);
