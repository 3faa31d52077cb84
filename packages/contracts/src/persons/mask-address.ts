/** `jana@example.com` → `j***@e***`: enough for its owner, and always nine characters. */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf('@');
  return `${email.slice(0, 1)}***@${email.slice(at + 1, at + 2)}***`;
}
