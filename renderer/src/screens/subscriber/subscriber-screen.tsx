import { useState } from 'react';
import { parseRegistrationCode } from '../../../../contracts/rules/bill-code.ts';
import { useHost, useHostState } from '../../host/host-context.ts';
import { useAction } from '../../host/use-action.ts';
import { tell } from '../../host/window-store.ts';
import { OpenShift } from '../shift/open-shift.tsx';
import { ManageSubscriber } from './manage-subscriber.tsx';
import { RegisterForm } from './register-form.tsx';

/** F6: registers a subscriber, or keeps the accounts of the one whose code is on the counter. */
export function SubscriberScreen() {
  const { client } = useHost();
  const shift = useHostState((state) => state.session?.shift);
  const subscriber = useHostState((state) => state.counter?.subscriber ?? null);
  const offered = useHostState((state) => state.counter?.offered);
  const [fresh, setFresh] = useState<string | null>(null);
  const [another, setAnother] = useState(false);
  const { run } = useAction();

  const open = (text: string): void => {
    const code = parseRegistrationCode(text);
    if (code === undefined || code === 'damaged') return tell({ code: 'codeDamaged' });
    run(
      () => client['basket.open']({ code }),
      () => setAnother(false),
    );
  };
  // The counter's offer, from which subscribers are read, belongs to an open shift.
  if (!shift) return <OpenShift />;
  if (subscriber !== null && !another) {
    return (
      <ManageSubscriber
        key={subscriber.subscriberId}
        subscriber={subscriber}
        fresh={fresh === subscriber.code}
        onOpen={open}
        onOther={() => setAnother(true)}
      />
    );
  }
  return (
    <RegisterForm
      offered={another ? [] : (offered ?? [])}
      onOpen={open}
      onRegistered={(code) => {
        setFresh(code);
        open(code);
      }}
    />
  );
}
