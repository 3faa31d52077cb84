import { Alert, type AlertProps } from './preview.js';

export default function PromiseAtRisk(props: AlertProps) {
  return <Alert template="promise_at_risk" {...props} />;
}

PromiseAtRisk.PreviewProps = { audience: 'agent', locale: 'en', hasDeadline: true } satisfies AlertProps;
