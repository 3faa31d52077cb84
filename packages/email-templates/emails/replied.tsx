import { Alert, type AlertProps } from './preview.js';

export default function Replied(props: AlertProps) {
  return <Alert template="replied" {...props} />;
}

Replied.PreviewProps = { audience: 'customer', locale: 'en', count: 2, hasPhrase: true } satisfies AlertProps;
