import { Body } from '@react-email/body';
import { Button } from '@react-email/button';
import { Column } from '@react-email/column';
import { Container } from '@react-email/container';
import { Head } from '@react-email/head';
import { Heading } from '@react-email/heading';
import { Html } from '@react-email/html';
import { Link } from '@react-email/link';
import { Row } from '@react-email/row';
import { Text } from '@react-email/text';
import { type CSSProperties, createElement, Fragment, type ReactNode } from 'react';
import type { AlertCopy } from './copy.js';
import { type Locale, languages } from './locales.js';
import { fontFamily, styleSheet, styles } from './theme.js';

interface AlertMailProps {
  copy: AlertCopy;
  locale: Locale;
  brand: string;
  link: string;
}

/** The one layout of all alerts: whose mail it is, which ticket, what happened, one thing to do. */
export function AlertMail({ copy, locale, brand, link }: AlertMailProps) {
  const { direction } = languages[locale];
  return (
    <Html lang={locale} dir={direction}>
      <MailHead title={copy.subject} />
      <Body className="page" style={{ ...styles.page, fontFamily: fontFamily(locale) }}>
        {/* Webmail drops <html>, and its language with it. */}
        {/* biome-ignore lint/a11y/useSemanticElements: every mail client knows div, not every one article */}
        <div role="article" aria-label={copy.subject} lang={locale} dir={direction}>
          <Preheader text={copy.preheader} />
          <Container style={styles.container}>
            <Text className="ink" style={styles.brand}>
              <span className="mark" style={styles.mark} />
              {brand}
            </Text>
            <Card copy={copy} link={link} />
            <Panel style={styles.footer}>
              {[copy.safety, copy.reason].map((sentence) => (
                <Text key={sentence} className="quiet" style={styles.small}>
                  {sentence}
                </Text>
              ))}
            </Panel>
          </Container>
        </div>
      </Body>
    </Html>
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

function MailHead({ title }: { title: string }) {
  return (
    <Head>
      <meta name="viewport" content="width=device-width,initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no" />
      <title>{title}</title>
      <style>{styleSheet}</style>
    </Head>
  );
}

/** Of a fixed length, unlike react-email's Preview, which pads by the length of a text that we do not know yet. */
function Preheader({ text }: { text: string }) {
  return (
    <div style={styles.preheader} aria-hidden="true">
      {text + PADDING}
    </div>
  );
}

/**
 * Keeps the first words of the body out of the preview: blank, and not collapsed by clients. It begins with a space that
 * lines may break at; glued to the last word, it would push that word to the next line, or out of sight.
 */
const PADDING = ` ${'\u00A0\u200C'.repeat(60)}`;

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

/** What has to be known about the link and about answering, right below the button. */
function Aside({ sentences }: { sentences: string[] }) {
  return (
    <Panel className="aside" style={styles.aside}>
      {sentences.map((sentence, index) => (
        <Text key={sentence} className="quiet" style={index === 0 ? styles.note : styles.nextNote}>
          {sentence}
        </Text>
      ))}
    </Panel>
  );
}

interface PanelProps {
  className?: string;
  style: CSSProperties;
  children: ReactNode;
}

/** A box. Its look is on the cell, because Word, which draws mails in Outlook, knows no padding of tables. */
function Panel({ className, style, children }: PanelProps) {
  return (
    <Row>
      <Column className={className} style={style}>
        {children}
      </Column>
    </Row>
  );
}
