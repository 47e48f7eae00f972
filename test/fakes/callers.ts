/** Callers that go on whatever happens, until told to stop. */
export interface Callers {
  stop(): Promise<void>
}

const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'x'.repeat(20_000) }],
})

/** A caller for each token: every third asks for a whole answer, the others for streams. */
export function startCallers(gateway: string, tokens: readonly string[]): Callers {
  let stopped = false
  const caller = async (token: string, i: number) => {
    while (!stopped) {
      const verb = i % 3 === 0 ? 'invoke' : 'invoke-with-response-stream'
      await fetch(`${gateway}/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      })
        .then((answer) => answer.arrayBuffer())
        .catch(() => new Promise((resolve) => setTimeout(resolve, 5)))
    }
  }
  const running = tokens.map(caller)
  return {
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}
