import { Alert, type AlertProps } from './preview.js';

export default function CustomerReplied(props: AlertProps) {
  return <Alert template="customer_replied" {...props} />;
}

CustomerReplied.PreviewProps = { audience: 'agent', locale: 'en', count: 1 } satisfies AlertProps;
