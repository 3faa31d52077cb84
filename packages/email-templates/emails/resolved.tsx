import { Alert, type AlertProps } from './preview.js';

export default function Resolved(props: AlertProps) {
  return <Alert template="resolved" {...props} />;
}

Resolved.PreviewProps = { audience: 'customer', locale: 'en', hasPhrase: false } satisfies AlertProps;
