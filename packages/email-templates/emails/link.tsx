import { Alert, type AlertProps } from './preview.js';

export default function Link(props: AlertProps) {
  return <Alert template="link" {...props} />;
}

Link.PreviewProps = { audience: 'guest', locale: 'en' } satisfies AlertProps;
