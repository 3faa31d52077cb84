import { describe, expect, it } from '@jest/globals';
import { tally } from './losses.js';

const recipients = ['ada@example.com', 'ben@example.com', 'cem@example.com'];

describe('the tally of what was published and what was accepted', () => {
  it('finds nothing where everybody got one mail, in whatever order', () => {
    expect(tally(recipients, recipients.toReversed())).toEqual({ published: 3, mails: 3, lost: 0, doubled: 0 });
  });

  it('counts a recipient without a mail as lost', () => {
    expect(tally(recipients, ['ben@example.com'])).toEqual({ published: 3, mails: 1, lost: 2, doubled: 0 });
  });

  it('does not let a mail too many make up for one that is missing', () => {
    const mails = ['ada@example.com', 'ada@example.com', 'ada@example.com'];
    expect(tally(recipients, mails)).toEqual({ published: 3, mails: 3, lost: 2, doubled: 2 });
  });
});
