import { Button } from '@react-email/button';
import { Heading } from '@react-email/heading';
import { Link } from '@react-email/link';
import { Text } from '@react-email/text';
import { createElement, Fragment } from 'react';
import type { AlertCopy } from './copy.js';
import { Aside, Frame, Panel } from './frame.js';
import type { Locale } from './locales.js';
import { styles } from './theme.js';

interface AlertMailProps {
  copy: AlertCopy;
  locale: Locale;
  brand: string;
  link: string;
}

/** The layout of all alerts: brand, ticket, what happened, one action. */
export function AlertMail({ copy, locale, brand, link }: AlertMailProps) {
  const { subject, preheader, safety, reason } = copy;
  return (
    <Frame {...{ subject, preheader, locale, brand }} footer={[safety, reason]}>
      <Card copy={copy} link={link} />
    </Frame>
  );
}

function Card({ copy, link }: Pick<AlertMailProps, 'copy' | 'link'>) {
  return (
    <Panel className="card" style={styles.card}>
      <TicketLine copy={copy} link={link} />
      <Heading as="h1" className="ink" style={styles.heading}>
        {copy.heading}
      </Heading>
      <Text className="ink" style={styles.body}>
        {copy.body}
      </Text>
      {copy.phrase && <Phrase {...copy.phrase} />}
      {copy.deadline && <Deadline {...copy.deadline} />}
      <Panel style={copy.deadline ? styles.actionBelowDeadline : styles.action}>
        <Button className="button" href={link} style={styles.button}>
          {copy.action}
        </Button>
      </Panel>
      <Aside sentences={copy.access ? [copy.access, copy.noReply] : [copy.noReply]} />
    </Panel>
  );
}

function TicketLine({ copy, link }: Pick<AlertMailProps, 'copy' | 'link'>) {
  const parts = copy.ticket.map((part) =>
    typeof part === 'string' ? (
      part
    ) : (
      <Link key="link" className="link" href={link} style={styles.link}>
        {part.linked}
      </Link>
    ),
  );
  return (
    <Text className="quiet" style={styles.ticket}>
      {createElement(Fragment, null, ...parts)}
    </Text>
  );
}

function Deadline({ label, moment, zone }: NonNullable<AlertCopy['deadline']>) {
  return (
    <Panel className="deadline" style={styles.deadline}>
      <Text className="quiet" style={styles.deadlineLabel}>
        {label}
      </Text>
      <Text className="ink" style={styles.deadlineMoment}>
        {moment}
      </Text>
      <Text className="quiet" style={styles.deadlineLabel}>
        {zone}
      </Text>
    </Panel>
  );
}

/**
 * Above the button, so that it is read before the link is followed, and seen without scrolling. Not at the top of the mail: lists of
 * mails and lock screens may show the text that stands there.
 */
function Phrase({ label, value, note }: NonNullable<AlertCopy['phrase']>) {
  return (
    <Panel style={styles.phrase}>
      <Text className="quiet" style={styles.deadlineLabel}>
        {label}
      </Text>
      <Text className="ink" style={styles.phraseWords}>
        {value}
      </Text>
      <Text className="quiet" style={styles.deadlineLabel}>
        {note}
      </Text>
    </Panel>
  );
}
