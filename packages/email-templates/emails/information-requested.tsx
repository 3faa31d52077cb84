import { Alert, type AlertProps } from './preview.js';

export default function InformationRequested(props: AlertProps) {
  return <Alert template="information_requested" {...props} />;
}

InformationRequested.PreviewProps = { audience: 'guest', locale: 'en', hasDeadline: true } satisfies AlertProps;
