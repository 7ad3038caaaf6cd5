import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type State = { readonly fault: string | null };

/** The one place where a bug of the screens is caught: it says so, what is safe, and how to go on. */
export class FaultBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(error: unknown): State {
    return { fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }

  override render(): ReactNode {
    return this.state.fault === null ? this.props.children : <Fault fault={this.state.fault} />;
  }
}

function Fault({ fault }: { readonly fault: string }) {
  const { t } = useTranslation();
  return (
    <main className="alone">
      <section className="panel alone-panel" role="alert">
        <h1>{t('app.fault')}</h1>
        <p>{t('app.faultNext')}</p>
        <p className="mono">{fault}</p>
        <button type="button" className="button button-primary" onClick={() => window.location.reload()}>
          {t('app.reload')}
        </button>
      </section>
    </main>
  );
}
