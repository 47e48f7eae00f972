/** The headers of Claude Code; with an agent, those of one of its sub-agents. */
export function claudeCodeHeaders(session: string, agent: string | undefined): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'claude-cli/2.1.197 (external, cli)',
    'x-claude-code-session-id': session,
    'x-stainless-lang': 'js',
    'x-stainless-retry-count': '0',
    'anthropic-beta': 'claude-code-20250219',
    'anthropic-version': '2023-06-01',
    'x-app': 'cli',
    ...(agent === undefined
      ? {}
      : { 'x-claude-code-agent-id': agent, 'x-claude-code-parent-agent-id': `a${agent.slice(1)}` }),
  }
}
