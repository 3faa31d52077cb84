import { Alert, type AlertProps } from './preview.js';

export default function TicketsWaiting(props: AlertProps) {
  return <Alert template="tickets_waiting" {...props} />;
}

TicketsWaiting.PreviewProps = { audience: 'agent', locale: 'en', count: 12 } satisfies AlertProps;
