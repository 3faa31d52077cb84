import { Alert, type AlertProps } from './preview.js';

export default function PromiseMissed(props: AlertProps) {
  return <Alert template="promise_missed" {...props} />;
}

PromiseMissed.PreviewProps = { audience: 'agent', locale: 'en', hasDeadline: true } satisfies AlertProps;
