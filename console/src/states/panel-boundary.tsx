import { Component, type ReactNode } from 'react'
import { ApiProblem } from '../api/problem.ts'
import { Failed } from './states.tsx'

interface BoundaryProps {
  readonly children: ReactNode
}

/** One broken panel does not take the page with it. */
export class PanelBoundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    const problem = new ApiProblem({
      status: 0,
      title: 'this part of the page could not be drawn',
      code: 'CONSOLE_PANEL',
      fix: 'reload the page; if it stays, report the address and the time',
      facts: {},
    })
    return <Failed problem={problem} retry={() => this.setState({ failed: false })} />
  }
}
