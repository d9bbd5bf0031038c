const words: Record<string, string> = {
  "account.created": "Created the account",
  "account.email_confirmed": "Confirmed the address",
  "account.signed_in": "Signed in",
  "account.signed_out": "Signed out",
  "account.sign_in_failed": "Failed to sign in",
  "account.password_changed": "Changed the password",
  "account.password_reset": "Set a new password",
  "account.reset_requested": "Asked for a new password",
  "account.session_ended": "Signed out a session",
  "account.other_sessions_ended": "Signed out other sessions",
  "organisation.created": "Created the organisation",
  "organisation.updated": "Changed the settings",
  "organisation.deleted": "Deleted the organisation",
  "dashboard.created": "Created a dashboard",
  "segment.created": "Saved a segment",
  "segment.updated": "Changed a segment",
  "segment.deleted": "Deleted a segment",
  "annotation.created": "Added an annotation",
  "annotation.updated": "Changed an annotation",
  "annotation.deleted": "Deleted an annotation",
  "customer.merged": "Merged a customer",
  "customer.split": "Split a merged customer",
  "exclusion.created": "Excluded from the numbers",
  "exclusion.deleted": "Counted in the numbers again",
  "fx_rate.created": "Added an exchange rate",
  "fx_rate.updated": "Changed an exchange rate",
  "fx_rate.deleted": "Deleted an exchange rate",
  "spend.created": "Added spend",
  "spend.updated": "Changed spend",
  "spend.deleted": "Deleted spend",
  "finance.updated": "Gave finance inputs",
  "finance.deleted": "Deleted finance inputs",
  "upload.received": "Uploaded a file",
  "upload.imported": "Imported a file",
  "upload.cancelled": "Cancelled an import",
  "upload.undone": "Undid an import",
  "member.role_changed": "Changed a role",
  "member.removed": "Removed a member",
  "member.left": "Left",
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
