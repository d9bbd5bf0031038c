const words: Record<string, string> = {
  "account.signed_up": "Signed up",
  "account.signed_in": "Signed in",
  "account.signed_out": "Signed out",
  "account.password_changed": "Changed the password",
  "account.password_reset": "Reset the password",
  "account.verified": "Confirmed the address",
  "organisation.created": "Created the organisation",
  "organisation.updated": "Changed the settings",
  "member.role_changed": "Changed a role",
  "member.removed": "Removed a member",
  "member.joined": "Joined",
  "invitation.created": "Invited",
  "invitation.revoked": "Withdrew an invitation",
  "invitation.accepted": "Accepted an invitation",
  "token.created": "Made an API token",
  "token.deleted": "Deleted an API token",
};

/** An audited action in words; one without words reads as it is stored, without its punctuation. */
export function auditWords(action: string): string {
  const known = words[action];
  if (known) return known;
  const text = action.replace(/[._]/g, " ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
