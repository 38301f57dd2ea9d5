import { Component, type ReactNode } from 'react'

/** Shows a message where a page that throws would leave an empty window. */
export class Failure extends Component<{ children: ReactNode }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  // Nothing is there any more that answers the back button.
  override componentDidCatch() {
    addEventListener('popstate', () => location.reload())
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <main role="alert" className="mx-auto max-w-xl px-6 py-24">
        <h1 className="text-2xl font-semibold">This page does not work</h1>
        <p className="my-4">Something went wrong while it was shown.</p>
        <a className="underline" href={location.href}>
          Load it again
        </a>
      </main>
    )
  }
}
