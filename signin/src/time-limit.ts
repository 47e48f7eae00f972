/**
 * A signal that aborts after `ms`, or with `also`. Not `AbortSignal.any` over `AbortSignal.timeout`: Node 20 lets the
 * collector take a time-out that only a combined signal knows, and then nothing ever aborts. Keeps no process alive.
 */
export function timeLimit(ms: number, also?: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const end = () => controller.abort(new DOMException('the time is over', 'TimeoutError'))
  setTimeout(end, ms).unref()
  if (also?.aborted === true) end()
  else also?.addEventListener('abort', end, { once: true })
  return controller.signal
}
