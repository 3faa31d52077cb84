import { Body } from '@react-email/body';
import { Column } from '@react-email/column';
import { Container } from '@react-email/container';
import { Head } from '@react-email/head';
import { Html } from '@react-email/html';
import { Row } from '@react-email/row';
import { Text } from '@react-email/text';
import type { CSSProperties, ReactNode } from 'react';
import { type Locale, languages } from './locales.js';
import { fontFamily, styleSheet, styles } from './theme.js';

interface FrameProps {
  subject: string;
  preheader: string;
  locale: Locale;
  brand: string;
  /** Sentences below the card. */
  footer: readonly string[];
  children: ReactNode;
}

/** What is around the card of every mail: language, title, preheader, brand and small print. */
export function Frame({ subject, preheader, locale, brand, footer, children }: FrameProps) {
  const { direction } = languages[locale];
  return (
    <Html lang={locale} dir={direction}>
      <MailHead title={subject} />
      <Body className="page" style={{ ...styles.page, fontFamily: fontFamily(locale) }}>
        {/* Webmail drops <html>, and its language with it. */}
        {/* biome-ignore lint/a11y/useSemanticElements: every mail client knows div, not every one article */}
        <div role="article" aria-label={subject} lang={locale} dir={direction}>
          <Preheader text={preheader} />
          <Container style={styles.container}>
            <Text className="ink" style={styles.brand}>
              <span className="mark" style={styles.mark} />
              {brand}
            </Text>
            {children}
            <Panel style={styles.footer}>
              {footer.map((sentence) => (
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

/** Notes at the bottom of the card. */
export function Aside({ sentences }: { sentences: string[] }) {
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
export function Panel({ className, style, children }: PanelProps) {
  return (
    <Row>
      <Column className={className} style={style}>
        {children}
      </Column>
    </Row>
  );
}
