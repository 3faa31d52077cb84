import type { MessagePreview, RehearsedDecision } from '@bellhop/contracts/http';
import { facts, moment, plain } from './table.js';

/** What each delivery of a rehearsed event would say. HTML is in the answer for programs (`--json`); people read the text. */
export function describePreviews(decisions: readonly RehearsedDecision[]): string[] {
  return decisions.flatMap(({ channel, recipient, preview }) => {
    if (preview === null) return [];
    const who = [recipient?.kind, recipient?.id].filter(Boolean).join(' ');
    return [`── ${channel} to ${who}, as ${recipient?.role} ──\n\n${describe(preview)}`];
  });
}

function describe(preview: MessagePreview): string {
  switch (preview.kind) {
    case 'mail': {
      const head = facts([['Subject', preview.subject], ...Object.entries(preview.headers)]);
      return `${head}\n\n${preview.text.split('\n').map(plain).join('\n').trimEnd()}`;
    }
    case 'push': {
      const head = facts([
        ['urgency', preview.urgency],
        ['expires', moment(preview.expiresAt)],
      ]);
      return `${head}\n\n${JSON.stringify(preview.payload, null, 2).split('\n').map(plain).join('\n')}`;
    }
    default:
      return facts([
        ['tells of', `${preview.tellsOf}, ${preview.count} times`],
        ['due', moment(preview.dueAt)],
        ['page', preview.url],
      ]);
  }
}
