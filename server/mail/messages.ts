import { composeMail, type Message } from "#charts/compose-mail.tsx";
import { linkPages } from "#contracts/accounts.ts";
import type { Role } from "#contracts/permissions.ts";

const link = (origin: string, page: keyof typeof linkPages, token: string) =>
  `${origin}${linkPages[page]}?token=${encodeURIComponent(token)}`;

export const verifyMessage = (input: { origin: string; token: string }): Message =>
  composeMail({
    subject: "Confirm your e-mail address",
    heading: "Confirm your e-mail address",
    paragraphs: [
      "Somebody, hopefully you, signed up for Jarvis360 with this address. One click confirms that it is yours.",
    ],
    action: { label: "Confirm address", href: link(input.origin, "verify", input.token) },
    small:
      "The link works once, for three days. If this was not you, ignore this mail: nothing happens without the click.",
  });

/** To somebody who has an account and signed up again: what the page says gives nothing away. */
export const knownAddressMessage = (input: { origin: string }): Message =>
  composeMail({
    subject: "You already have an account",
    heading: "You already have an account",
    paragraphs: [
      "Somebody, hopefully you, tried to sign up for Jarvis360 with this address. It has an account: sign in, or set a new password if you forgot yours.",
    ],
    action: { label: "Sign in", href: `${input.origin}/login` },
    small: "If this was not you, ignore this mail. Nothing has changed.",
  });

export const resetMessage = (input: { origin: string; token: string }): Message =>
  composeMail({
    subject: "Set a new password",
    heading: "Set a new password",
    paragraphs: ["Somebody, hopefully you, asked for a new password for this address."],
    action: { label: "Choose a new password", href: link(input.origin, "reset", input.token) },
    small:
      "The link works once, for one hour. If this was not you, ignore this mail: your password stays as it is.",
  });

export const passwordChangedMessage = (input: { origin: string }): Message =>
  composeMail({
    subject: "Your password was changed",
    heading: "Your password was changed",
    paragraphs: ["All other sessions of your account have been signed out."],
    action: { label: "Set another password", href: `${input.origin}/forgot-password` },
    small: "If this was not you, set another password now and look through the sessions in your settings.",
  });

export const invitationMessage = (input: {
  origin: string;
  token: string;
  organisation: string;
  inviter: string;
  role: Role;
}): Message =>
  composeMail({
    subject: `${input.inviter} invites you to ${input.organisation}`,
    heading: `Join ${input.organisation}`,
    paragraphs: [
      `${input.inviter} invites you to ${input.organisation} on Jarvis360, as ${article(input.role)} ${input.role}.`,
    ],
    action: { label: "Accept the invitation", href: link(input.origin, "invitation", input.token) },
    small: "The link works once, for seven days, and only for this address.",
  });

const article = (role: Role) => (/^[aeo]/.test(role) ? "an" : "a");
