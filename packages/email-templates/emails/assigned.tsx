import { Alert, type AlertProps } from './preview.js';

export default function Assigned(props: AlertProps) {
  return <Alert template="assigned" {...props} />;
}

Assigned.PreviewProps = { audience: 'agent', locale: 'en' } satisfies AlertProps;
