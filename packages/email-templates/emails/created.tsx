import { Alert, type AlertProps } from './preview.js';

export default function Created(props: AlertProps) {
  return <Alert template="created" {...props} />;
}

Created.PreviewProps = { audience: 'customer', locale: 'en', hasPhrase: false } satisfies AlertProps;
