import { Component, type ReactNode } from 'react';
import { errorToData } from '../lens/api/errors';
import { Failure } from '../ui/Failure';

/** Keeps a fault of one region from taking the page down: the region says what happened and can be drawn again; stores
 *  are not touched. */
export class ErrorBoundary extends Component<{ region: string; children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const data = errorToData(error);
    return (
      <section className="region" aria-label={this.props.region}>
        <Failure
          error={{ ...data, message: `${this.props.region} could not be drawn: ${data.message}` }}
          kept="Text and edits are kept."
          action={{ label: 'Draw again', run: () => this.setState({ error: null }) }}
        />
      </section>
    );
  }
}
