import { Heading } from '@react-email/heading';
import { Text } from '@react-email/text';
import type { CodeCopy } from './code-copy.js';
import { Aside, Frame, Panel } from './frame.js';
import type { Locale } from './locales.js';
import { styles } from './theme.js';

interface CodeMailProps {
  copy: CodeCopy;
  locale: Locale;
  brand: string;
}

/** The mail with a one-time code, which is read at a glance. It has no link. */
export function CodeMail({ copy, locale, brand }: CodeMailProps) {
  const { subject, preheader, deadline } = copy;
  return (
    <Frame {...{ subject, preheader, locale, brand }} footer={[copy.noReply, copy.reason, copy.boundLine]}>
      <Panel className="card" style={styles.card}>
        <Text className="quiet" style={styles.ticket}>
          {copy.ticket}
        </Text>
        <Heading as="h1" className="ink" style={styles.heading}>
          {copy.heading}
        </Heading>
        <Text className="ink" style={styles.body}>
          {copy.body}
        </Text>
        <Panel className="deadline" style={styles.codeBox}>
          <Text className="ink" style={styles.code}>
            {copy.code}
          </Text>
        </Panel>
        <Panel style={styles.codeValidity}>
          <Text className="quiet" style={styles.deadlineLabel}>
            {deadline.label}
          </Text>
          <Text className="ink" style={styles.deadlineMoment}>
            {deadline.moment}
          </Text>
          <Text className="quiet" style={styles.deadlineLabel}>
            {deadline.zone}
          </Text>
          <Text className="quiet" style={styles.deadlineLabel}>
            {copy.validity}
          </Text>
        </Panel>
        <Aside sentences={[copy.secret, copy.ignore]} />
      </Panel>
    </Frame>
  );
}
