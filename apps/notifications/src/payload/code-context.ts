/** What a sealed code belongs to: opening asks for the same, so that one copied to another delivery's row does not open. */
export const codeContext = (challengeId: string): string => `code ${challengeId}`;
