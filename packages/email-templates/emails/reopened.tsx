import { Alert, type AlertProps } from './preview.js';

export default function Reopened(props: AlertProps) {
  return <Alert template="reopened" {...props} />;
}

Reopened.PreviewProps = { audience: 'agent', locale: 'en' } satisfies AlertProps;
